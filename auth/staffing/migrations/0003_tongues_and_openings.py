"""Which languages people serve in, and when departments serve the public."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0009_scans_renewed'), ('staffing', '0002_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Opening',
            fields=[
                ('department', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('hours', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'staffing_opening', 'app': 'staffing', 'pk_attr': 'department', 'table_description': 'When a department serves the public, where it is not the city\'s usual hours: weekday → [["09:00", "12:00"], …] in'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Tongue',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('staff', fields.ForeignKeyField('auth.StaffMember', source_field='staff_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('language', fields.CharField(max_length=8)),
            ],
            options={'table': 'staffing_tongue', 'app': 'staffing', 'unique_together': (('staff', 'language'),), 'pk_attr': 'id', 'table_description': 'A language beside Chinese in which a person serves citizens.'},
            bases=['Model'],
        ),
    ]
