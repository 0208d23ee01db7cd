from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0001_initial')]

    initial = True

    operations = [
        ops.CreateModel(
            name='FormerPassword',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name='former_passwords', on_delete=OnDelete.CASCADE)),
                ('password_hash', fields.CharField(max_length=200)),
                ('replaced_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'credentials_former_password', 'app': 'credentials', 'pk_attr': 'id', 'table_description': 'The argon2 hash of a password that was in use before.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecoveryCode',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name='recovery_codes', on_delete=OnDelete.CASCADE)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'credentials_recovery_code', 'app': 'credentials', 'pk_attr': 'digest', 'table_description': 'One way in without the authenticator, used once; kept by keyed digest.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffCredential',
            fields=[
                ('staff', fields.OneToOneField('auth.StaffMember', source_field='staff_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name='credential', on_delete=OnDelete.CASCADE)),
                ('password_set_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('must_change', fields.BooleanField(default=False)),
                ('offered_totp_sealed', fields.BinaryField(null=True)),
                ('offered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'credentials_staff_credential', 'app': 'credentials', 'pk_attr': 'staff_id', 'table_description': "What is known of a member's password and second factor beside the hash and the sealed secret themselves. The row is"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffNote',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name='notes', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=32)),
                ('about', fields.CharField(default='', max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'credentials_staff_note', 'app': 'credentials', 'pk_attr': 'id', 'table_description': 'Something about their account that a member of staff is told at the next sign-in.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffSignIn',
            fields=[
                ('session', fields.OneToOneField('auth.Session', source_field='session_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name='staff_sign_in', on_delete=OnDelete.CASCADE)),
                ('way', fields.CharField(max_length=16)),
                ('second_factor', fields.CharField(default='', max_length=16)),
                ('device_kind', fields.CharField(max_length=16)),
                ('device_name', fields.CharField(default='', max_length=40)),
                ('held_back', fields.CharField(default='', max_length=32)),
            ],
            options={'table': 'credentials_staff_sign_in', 'app': 'credentials', 'pk_attr': 'session_id', 'table_description': 'How a session of staff began. `held_back` names what its holder must do before anything else, if anything.'},
            bases=['Model'],
        ),
    ]
