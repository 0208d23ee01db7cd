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
            name='Appointment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('agent', fields.ForeignKeyField('auth.Citizen', source_field='agent_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('department_code', fields.CharField(max_length=32)),
                ('region_code', fields.CharField(max_length=12)),
                ('items', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=16)),
                ('valid_to', fields.DateField()),
                ('appointed_by', fields.CharField(max_length=80)),
                ('appointed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acting_appointment', 'app': 'acting', 'pk_attr': 'id', 'table_description': 'A village agent (代办员): appointed by a department, for the items of its list, for a year at most.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LegalPerson',
            fields=[
                ('account', fields.OneToOneField('auth.Citizen', source_field='account_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('credit_code', fields.CharField(unique=True, max_length=18)),
                ('name', fields.CharField(max_length=120)),
                ('code_confirmed_by', fields.CharField(default='', max_length=80)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acting_legal_person', 'app': 'acting', 'pk_attr': 'account_id', 'table_description': 'A firm or other legal person (法人), by unified social credit code.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Mandate',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=16)),
                ('relation', fields.CharField(default='', max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('version', fields.IntField(default=1)),
                ('principal', fields.ForeignKeyField('auth.Citizen', source_field='principal_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('agent', fields.ForeignKeyField('auth.Citizen', source_field='agent_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('appointment', fields.ForeignKeyField('acting.Appointment', source_field='appointment_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('asked_by', fields.CharField(max_length=12)),
                ('doings', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('items', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('manages', fields.BooleanField(default=False)),
                ('valid_from', fields.DateField()),
                ('valid_to', fields.DateField(null=True)),
                ('claimed_sealed', fields.BinaryField(null=True)),
                ('claimed_index', fields.CharField(null=True, max_length=64)),
                ('phone_sealed', fields.BinaryField(null=True)),
                ('phone_index', fields.CharField(null=True, max_length=64)),
                ('evidence', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('consent', fields.BooleanField(default=False)),
                ('flags', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('region_code', fields.CharField(default='', max_length=12)),
                ('department_code', fields.CharField(default='', max_length=32)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acting_mandate', 'app': 'acting', 'pk_attr': 'id', 'table_description': 'Who may act for whom, in what, until when.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Deed',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('principal', fields.ForeignKeyField('auth.Citizen', source_field='principal_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('agent', fields.ForeignKeyField('auth.Citizen', source_field='agent_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('mandate', fields.ForeignKeyField('acting.Mandate', source_field='mandate_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('action', fields.CharField(max_length=40)),
                ('subject', fields.CharField(max_length=80)),
                ('about', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'acting_deed', 'app': 'acting', 'indexes': [Index(fields=['principal_id', 'id']), Index(fields=['agent_id', 'id'])], 'pk_attr': 'id', 'table_description': 'One thing done for somebody: what the represented is shown, beside the audit log.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MandateChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('mandate', fields.ForeignKeyField('acting.Mandate', source_field='mandate_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('from_state', fields.CharField(null=True, max_length=16)),
                ('to_state', fields.CharField(max_length=16)),
                ('note', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'acting_mandate_change', 'app': 'acting', 'pk_attr': 'id', 'table_description': 'One move of a mandate: who, when, why, from, to. Rows are never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Represented',
            fields=[
                ('account', fields.OneToOneField('auth.Citizen', source_field='account_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('made_by', fields.CharField(max_length=80)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('joined_by', fields.UUIDField(null=True)),
                ('joined_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acting_represented', 'app': 'acting', 'pk_attr': 'account_id', 'table_description': 'An account a clerk made from evidence, of somebody who has never signed in; until they do.'},
            bases=['Model'],
        ),
    ]
