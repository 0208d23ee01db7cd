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
            name='WorkplaceIdentity',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=16)),
                ('organisation', fields.CharField(max_length=64)),
                ('subject', fields.CharField(max_length=128)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_index=True, db_constraint=True, to_field='id', related_name='workplaces', on_delete=OnDelete.CASCADE)),
                ('vouched', fields.BooleanField(default=False)),
                ('bound_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('bound_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'workplaces_identity', 'app': 'workplaces', 'unique_together': (('kind', 'organisation', 'subject'), ('kind', 'staff')), 'pk_attr': 'id', 'table_description': '(Kind, organisation, user id) is one member of staff, who has one identity a kind. `vouched` when the member bound'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WorkplaceStart',
            fields=[
                ('state_digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('secret_digest', fields.CharField(max_length=64)),
                ('kind', fields.CharField(max_length=16)),
                ('purpose', fields.CharField(max_length=16)),
                ('session', fields.UUIDField(null=True)),
                ('staff', fields.UUIDField(null=True)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'workplaces_start', 'app': 'workplaces', 'pk_attr': 'state_digest', 'table_description': 'One sign-in begun at a workplace, for the holder of `secret`. State and secret are known by their digests and used'},
            bases=['Model'],
        ),
    ]
