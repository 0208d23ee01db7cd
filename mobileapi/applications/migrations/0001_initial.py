from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('auth', '0001_initial')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Application',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('item_code', fields.CharField(max_length=40)),
                ('item_version', fields.IntField()),
                ('item_name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('department_code', fields.CharField(max_length=32)),
                ('region_code', fields.CharField(max_length=12)),
                ('region_path', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=16)),
                ('version', fields.IntField(default=1)),
                ('answers', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('form_sealed', fields.BinaryField(null=True)),
                ('case_number', fields.CharField(null=True, unique=True, max_length=32)),
                ('holder_staff', fields.UUIDField(null=True)),
                ('holder_name', fields.CharField(default='', max_length=64)),
                ('holder_reason', fields.CharField(default='', max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('saved_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('submitted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('received_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('accepted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('deemed', fields.BooleanField(default=False)),
                ('check_due', fields.DateField(null=True)),
                ('promised_due', fields.DateField(null=True)),
                ('statutory_due', fields.DateField(null=True)),
                ('desk_due', fields.DateField(null=True)),
                ('review', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('decision', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'applications_application', 'app': 'applications', 'indexes': [Index(fields=['department_code', 'state', 'desk_due']), Index(fields=['item_code', 'state']), Index(fields=['state', 'check_due'])], 'pk_attr': 'id', 'table_description': "A citizen's case about one item, under the version of the guide it was begun with."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Change',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('application', fields.ForeignKeyField('applications.Application', source_field='application_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('shown_as', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('from_state', fields.CharField(null=True, max_length=16)),
                ('to_state', fields.CharField(max_length=16)),
                ('note', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'applications_change', 'app': 'applications', 'pk_attr': 'id', 'table_description': 'One move of a case: who, when, why, from, to. Rows are never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Correction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('application', fields.OneToOneField('applications.Application', source_field='application_id', db_constraint=True, to_field='id', related_name='correction', on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=80)),
                ('deadline', fields.DateField()),
                ('items', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'applications_correction', 'app': 'applications', 'pk_attr': 'id', 'table_description': 'The one notice of everything to complete. The unique key makes a second one impossible.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DayCounter',
            fields=[
                ('day', fields.DateField(primary_key=True, unique=True, db_index=True)),
                ('reached', fields.IntField()),
            ],
            options={'table': 'applications_day_counter', 'app': 'applications', 'pk_attr': 'day', 'table_description': 'The running number of case numbers of one office day.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Material',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('application', fields.ForeignKeyField('applications.Application', source_field='application_id', db_index=True, db_constraint=True, to_field='id', related_name='materials', on_delete=OnDelete.CASCADE)),
                ('material_code', fields.CharField(max_length=40)),
                ('uploads', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=12)),
                ('rejection', fields.CharField(null=True, max_length=500)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'applications_material', 'app': 'applications', 'unique_together': (('application', 'material_code'),), 'pk_attr': 'id', 'table_description': 'The photographs of one material of the case, in order.'},
            bases=['Model'],
        ),
    ]
