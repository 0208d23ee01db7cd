from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Reply',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('code', fields.CharField(null=True, unique=True, max_length=60)),
                ('scope', fields.CharField(max_length=12)),
                ('item_code', fields.CharField(null=True, db_index=True, max_length=40)),
                ('department_code', fields.CharField(null=True, db_index=True, max_length=32)),
                ('owner', fields.UUIDField(null=True, db_index=True)),
                ('live', fields.IntField(default=0)),
                ('newest', fields.IntField(default=0)),
                ('title', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('words', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('initials', fields.CharField(default='', max_length=80)),
                ('cite_version', fields.IntField(null=True)),
                ('cite_at', fields.CharField(null=True, max_length=60)),
                ('cite_digest', fields.CharField(null=True, max_length=64)),
                ('stale_since', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('withdrawn_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('uses', fields.IntField(default=0)),
                ('last_used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'replies_reply', 'app': 'replies', 'pk_attr': 'id', 'table_description': 'A reply as it is in force; `live` is the number of the revision it says, 0 as long as none was agreed to.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Revision',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('reply', fields.ForeignKeyField('replies.Reply', source_field='reply_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('number', fields.IntField()),
                ('state', fields.CharField(max_length=8)),
                ('title', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('words', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('cite_version', fields.IntField(null=True)),
                ('cite_at', fields.CharField(null=True, max_length=60)),
                ('cite_digest', fields.CharField(null=True, max_length=64)),
                ('author', fields.UUIDField(null=True)),
                ('author_name', fields.CharField(max_length=64)),
                ('written_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_name', fields.CharField(default='', max_length=64)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('note', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'replies_revision', 'app': 'replies', 'unique_together': (('reply', 'number'),), 'pk_attr': 'id', 'table_description': 'What a reply said, or would say: who wrote it, who agreed, when. Never changed once it was decided.'},
            bases=['Model'],
        ),
    ]
