from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='AuditRow',
            fields=[
                ('seq', fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('action', fields.CharField(max_length=80)),
                ('subject', fields.CharField(max_length=120)),
                ('detail', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('request_id', fields.CharField(default='', max_length=64)),
                ('previous', fields.CharField(max_length=64)),
                ('digest', fields.CharField(max_length=64)),
            ],
            options={'table': 'kit_audit', 'app': 'kit', 'indexes': [Index(fields=['subject', 'seq']), Index(fields=['actor', 'seq'])], 'pk_attr': 'seq', 'table_description': 'One act. Rows are chained by hash and never changed; the database refuses UPDATE and DELETE.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CalendarDay',
            fields=[
                ('date', fields.DateField(primary_key=True, unique=True, db_index=True)),
                ('is_workday', fields.BooleanField()),
                ('note', fields.CharField(default='', max_length=100)),
                ('source', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'kit_calendar_day', 'app': 'kit', 'pk_attr': 'date', 'table_description': 'A day that is not what its weekday says: holidays, and make-up working days (调休).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IdempotentCall',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('caller', fields.CharField(max_length=80)),
                ('key', fields.CharField(max_length=255)),
                ('fingerprint', fields.CharField(max_length=64)),
                ('status', fields.IntField(null=True)),
                ('body', fields.BinaryField(null=True)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'kit_idempotent_call', 'app': 'kit', 'unique_together': (('caller', 'key'),), 'pk_attr': 'id', 'table_description': 'The first answer to a POST that moves money or files something; kept at least 24 hours.'},
            bases=['Model'],
        ),
    ]
