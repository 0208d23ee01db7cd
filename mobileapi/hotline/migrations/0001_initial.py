from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('auth', '0001_initial'), ('auth', '0002_guards'), ('auth', '0003_scans'), ('auth', '0004_scan_guards'), ('auth', '0005_phone_seals'), ('auth', '0006_session_devices'), ('auth', '0007_duty_periods'), ('auth', '0008_held_rights'), ('auth', '0009_scans_renewed')]

    initial = True

    operations = [
        ops.CreateModel(
            name='OrderCounter',
            fields=[
                ('day', fields.DateField(primary_key=True, unique=True, db_index=True)),
                ('reached', fields.IntField()),
            ],
            options={'table': 'hotline_counter', 'app': 'hotline', 'pk_attr': 'day', 'table_description': 'The running number of order numbers of one office day.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WorkOrder',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('number', fields.CharField(unique=True, max_length=32)),
                ('kind', fields.CharField(max_length=12)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('words_sealed', fields.BinaryField(null=True)),
                ('answer_sealed', fields.BinaryField(null=True)),
                ('photos', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('conversation', fields.UUIDField(null=True, db_index=True)),
                ('opened_by_staff', fields.UUIDField()),
                ('about_staff', fields.UUIDField(null=True)),
                ('item_code', fields.CharField(null=True, max_length=40)),
                ('item_name', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('department_code', fields.CharField(max_length=32)),
                ('region_code', fields.CharField(max_length=12)),
                ('region_path', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=12)),
                ('version', fields.IntField(default=1)),
                ('holder_staff', fields.UUIDField(null=True)),
                ('holder_name', fields.CharField(default='', max_length=64)),
                ('holder_reason', fields.CharField(max_length=16)),
                ('offered_to', fields.UUIDField(null=True)),
                ('passed', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('transfers', fields.IntField(default=0)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_on', fields.DateField()),
                ('clock_since', fields.DateField()),
                ('warned', fields.IntField(default=0)),
                ('escalated', fields.IntField(default=0)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_by', fields.UUIDField(null=True)),
                ('reopened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'hotline_order', 'app': 'hotline', 'indexes': [Index(fields=['department_code', 'state', 'due_on']), Index(fields=['holder_staff', 'state']), Index(fields=['state', 'due_on'])], 'pk_attr': 'id', 'table_description': 'One matter of a citizen, or one the desk noticed itself. Words and answer are sealed. `about_staff` is the person a'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OrderChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('order', fields.ForeignKeyField('hotline.WorkOrder', source_field='order_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('shown_as', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('what', fields.CharField(max_length=16)),
                ('from_state', fields.CharField(null=True, max_length=12)),
                ('to_state', fields.CharField(max_length=12)),
                ('note', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'hotline_change', 'app': 'hotline', 'pk_attr': 'id', 'table_description': 'One thing that happened to an order: who, when, why, from, to. Only its note may be emptied, with the account.'},
            bases=['Model'],
        ),
    ]
