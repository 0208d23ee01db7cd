from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Closure',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('state', fields.CharField(max_length=16)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closes_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('why', fields.CharField(default='', max_length=32)),
            ],
            options={'table': 'privacy_closure', 'app': 'privacy', 'pk_attr': 'id', 'table_description': 'An account on its way out (art. 47): some days to think again, then everything goes that law does not keep.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Consent',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('purpose', fields.CharField(max_length=32)),
                ('given', fields.BooleanField()),
                ('version', fields.CharField(max_length=16)),
                ('digest', fields.CharField(max_length=64)),
                ('channel', fields.CharField(max_length=16)),
                ('scope', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'privacy_consent', 'app': 'privacy', 'indexes': [Index(fields=['citizen', 'purpose', 'id'])], 'pk_attr': 'id', 'table_description': 'One yes or no to one purpose: to which words (version and their hash), when, where from. Rows are only ever added,'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CorrectionRequest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('field', fields.CharField(max_length=16)),
                ('wanted_sealed', fields.BinaryField(null=True)),
                ('why_sealed', fields.BinaryField(null=True)),
                ('reason_sealed', fields.BinaryField(null=True)),
                ('papers', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(db_index=True, max_length=16)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_on', fields.DateField()),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'privacy_correction', 'app': 'privacy', 'pk_attr': 'id', 'table_description': 'Somebody says that what we keep about them is wrong (art. 46); staff judge it by a date.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Deletion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('kind', fields.CharField(max_length=32)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('files', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'privacy_deletion', 'app': 'privacy', 'pk_attr': 'id', 'table_description': 'One deletion that was carried out. It is written down in the store as well, so that a restored database learns of it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Export',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('state', fields.CharField(max_length=16)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ready_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('size', fields.IntField(default=0)),
                ('fetched', fields.IntField(default=0)),
                ('ticket_digest', fields.CharField(null=True, max_length=64)),
                ('ticket_ends_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'privacy_export', 'app': 'privacy', 'pk_attr': 'id', 'table_description': 'A copy of everything about a person (art. 45), sealed in the store until it ends; fetched with a ticket used once.'},
            bases=['Model'],
        ),
    ]
