from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Transcript',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.UUIDField(db_index=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('variant', fields.CharField(max_length=8)),
                ('top_seq', fields.BigIntField()),
                ('notes', fields.IntField()),
                ('entries', fields.IntField()),
                ('digest', fields.CharField(max_length=64)),
                ('code', fields.CharField(unique=True, max_length=32)),
                ('title', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('issuer', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('holder_masked', fields.CharField(max_length=64)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('file_sha256', fields.CharField(null=True, max_length=64)),
                ('emptied_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'transcripts_transcript', 'app': 'transcripts', 'unique_together': (('conversation', 'variant', 'top_seq', 'notes'),), 'pk_attr': 'id', 'table_description': 'One document. The same conversation up to the same entry is one row, one code and the same bytes.'},
            bases=['Model'],
        ),
    ]
