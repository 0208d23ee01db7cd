from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Citizen',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('assurance', fields.CharField(max_length=16)),
                ('phone_sealed', fields.BinaryField(null=True)),
                ('phone_index', fields.CharField(null=True, unique=True, max_length=64)),
                ('name_sealed', fields.BinaryField(null=True)),
                ('id_number_sealed', fields.BinaryField(null=True)),
                ('id_number_index', fields.CharField(null=True, unique=True, max_length=64)),
                ('locale', fields.CharField(default='zh-CN', max_length=8)),
                ('elder_mode', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_citizen', 'app': 'auth', 'pk_attr': 'id', 'table_description': 'A person. What identifies them is sealed; equal values are found by their blind index.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Department',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('region_code', fields.CharField(max_length=12)),
                ('credit_code', fields.CharField(default='', max_length=18)),
                ('phone', fields.CharField(default='', max_length=40)),
                ('parent_code', fields.CharField(null=True, max_length=32)),
            ],
            options={'table': 'auth_department', 'app': 'auth', 'pk_attr': 'code'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlatformIdentity',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('platform', fields.CharField(max_length=16)),
                ('app_id', fields.CharField(max_length=64)),
                ('open_id', fields.CharField(max_length=128)),
                ('union_id', fields.CharField(null=True, max_length=128)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', db_index=True, db_constraint=True, to_field='id', related_name='identities', on_delete=OnDelete.RESTRICT)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_platform_identity', 'app': 'auth', 'unique_together': (('platform', 'app_id', 'open_id'),), 'pk_attr': 'id', 'table_description': 'How a platform knows a citizen: (platform, app, open id) is one person.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Region',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=12)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('level', fields.CharField(max_length=16)),
                ('parent_code', fields.CharField(null=True, db_index=True, max_length=12)),
                ('valid_from', fields.DateField(null=True)),
                ('valid_to', fields.DateField(null=True)),
            ],
            options={'table': 'auth_region', 'app': 'auth', 'pk_attr': 'code', 'table_description': 'A division, 12 digits down to the community (GB/T 2260 and below).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Session',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=16)),
                ('person', fields.UUIDField(db_index=True)),
                ('device', fields.CharField(default='', max_length=64)),
                ('source', fields.CharField(default='', max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('end_reason', fields.CharField(default='', max_length=32)),
            ],
            options={'table': 'auth_session', 'app': 'auth', 'pk_attr': 'id', 'table_description': 'A token family: one sign-in on one device. It ends at `ends_at` whatever is refreshed, or when `ended_at` is set.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RefreshToken',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('session', fields.ForeignKeyField('auth.Session', source_field='session_id', db_index=True, db_constraint=True, to_field='id', related_name='refresh_tokens', on_delete=OnDelete.CASCADE)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('successor_sealed', fields.BinaryField(null=True)),
            ],
            options={'table': 'auth_refresh_token', 'app': 'auth', 'pk_attr': 'digest', 'table_description': 'One refresh token of a family, known by its digest. A used one is kept: meeting it again tells that it was stolen.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInTrouble',
            fields=[
                ('subject', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('failures', fields.IntField(default=0)),
                ('wait_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_sign_in_trouble', 'app': 'auth', 'pk_attr': 'subject', 'table_description': 'Failed sign-ins of one (user name, source), or of one user name; kept by blind index, known or unknown alike.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffMember',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('username', fields.CharField(unique=True, max_length=64)),
                ('name', fields.CharField(max_length=64)),
                ('employee_no', fields.CharField(default='', max_length=32)),
                ('title', fields.CharField(default='', max_length=64)),
                ('department', fields.ForeignKeyField('auth.Department', source_field='department_id', db_index=True, db_constraint=True, to_field='code', related_name='staff', on_delete=OnDelete.RESTRICT)),
                ('roles', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('password_hash', fields.CharField(default='', max_length=200)),
                ('totp_sealed', fields.BinaryField(null=True)),
                ('hours', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('totp_last_step', fields.BigIntField(null=True)),
                ('phone_sealed', fields.BinaryField(null=True)),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'auth_staff_member', 'app': 'auth', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Duty',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name='duties', on_delete=OnDelete.CASCADE)),
                ('item_code', fields.CharField(db_index=True, max_length=40)),
                ('region_code', fields.CharField(max_length=12)),
                ('role', fields.CharField(max_length=16)),
                ('valid_from', fields.DateField(null=True)),
                ('valid_to', fields.DateField(null=True)),
            ],
            options={'table': 'auth_duty', 'app': 'auth', 'unique_together': (('item_code', 'region_code', 'role', 'staff'),), 'pk_attr': 'id', 'table_description': 'Who answers for an item in a region: owner, then backup, with a supervisor above them.'},
            bases=['Model'],
        ),
    ]
