from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0001_initial'), ('auth', '0002_guards'), ('auth', '0003_scans'), ('auth', '0004_scan_guards'), ('auth', '0005_phone_seals'), ('auth', '0006_session_devices'), ('auth', '0007_duty_periods'), ('auth', '0008_held_rights'), ('auth', '0009_scans_renewed'), ('payments', '0004_bills')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Amendment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bill', fields.ForeignKeyField('payments.Bill', source_field='bill_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('asked_by', fields.CharField(max_length=80)),
                ('citizen', fields.UUIDField(null=True, db_index=True)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason_sealed', fields.BinaryField()),
                ('wish', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('terms', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('basis', fields.CharField(default='', max_length=300)),
                ('proposed_by', fields.UUIDField(null=True)),
                ('proposed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('bill_version', fields.IntField(null=True)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decision_sealed', fields.BinaryField(null=True)),
            ],
            options={'table': 'dues_amendment', 'app': 'dues', 'pk_attr': 'id', 'table_description': 'A lawful change of one bill: asked for by its payer or a clerk, proposed with its terms by one staff member and'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Fee',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('department', fields.ForeignKeyField('auth.Department', source_field='department_id', db_index=True, db_constraint=True, to_field='code', related_name=False, on_delete=OnDelete.CASCADE)),
                ('code', fields.CharField(max_length=32)),
                ('since', fields.DateField()),
                ('amount_fen', fields.BigIntField(null=True)),
                ('unit', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('basis', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('income_item_code', fields.CharField(max_length=32)),
                ('income_item_name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('set_by', fields.CharField(max_length=80)),
                ('set_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dues_fee', 'app': 'dues', 'unique_together': (('department', 'code', 'since'),), 'pk_attr': 'id', 'table_description': 'One version of what a department charges for something, a piece. Never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlanPart',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bill', fields.ForeignKeyField('payments.Bill', source_field='bill_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('amendment', fields.ForeignKeyField('dues.Amendment', source_field='amendment_id', db_index=True, db_constraint=True, to_field='id', related_name='parts', on_delete=OnDelete.CASCADE)),
                ('place', fields.IntField()),
                ('principal_fen', fields.BigIntField()),
                ('surcharge_fen', fields.BigIntField()),
                ('due_on', fields.DateField()),
                ('paid_by_order', fields.UUIDField(null=True, unique=True)),
                ('paid_fen', fields.BigIntField(null=True)),
                ('paid_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dues_plan_part', 'app': 'dues', 'unique_together': (('bill', 'place'),), 'pk_attr': 'id', 'table_description': "One instalment of a bill's plan. They are payable one at a time, in order."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reminder',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bill', fields.ForeignKeyField('payments.Bill', source_field='bill_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('occasion', fields.CharField(max_length=16)),
                ('due_on', fields.DateField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dues_reminder', 'app': 'dues', 'unique_together': (('bill', 'occasion', 'due_on'),), 'pk_attr': 'id', 'table_description': 'That a payer was reminded of a day: once an occasion.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SurchargeRule',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('code', fields.CharField(max_length=32)),
                ('since', fields.DateField()),
                ('per_myriad_a_day', fields.IntField()),
                ('cap_per_cent', fields.IntField(null=True)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('basis', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'dues_surcharge_rule', 'app': 'dues', 'unique_together': (('code', 'since'),), 'pk_attr': 'id', 'table_description': 'One version of a rule: it holds from `since` until a later version does. Never changed.'},
            bases=['Model'],
        ),
    ]
