from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('chat', '0006_latest_first')]

    initial = True

    operations = [
        ops.CreateModel(
            name='ListVersion',
            fields=[
                ('id', fields.IntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('version', fields.IntField(default=0)),
            ],
            options={'table': 'discretion_version', 'app': 'discretion', 'pk_attr': 'id', 'table_description': 'One row: grows with every change of the list, so that other processes know that theirs is an old one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ListedWord',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('word', fields.CharField(max_length=40)),
                ('squeezed', fields.CharField(unique=True, max_length=40)),
                ('use', fields.CharField(max_length=8)),
                ('strict', fields.BooleanField(default=False)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'discretion_word', 'app': 'discretion', 'pk_attr': 'id', 'table_description': 'A word in force. `harmless`: not looked for, but a compound a forbidden word may be a part of.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Original',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('author', fields.UUIDField()),
                ('side', fields.CharField(max_length=8)),
                ('kinds', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('times', fields.IntField()),
                ('text_sealed', fields.BinaryField()),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'discretion_original', 'app': 'discretion', 'pk_attr': 'id', 'table_description': 'What somebody wrote before something was hidden in it. Its id stands in the message; a message that was refused'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WordChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('act', fields.CharField(max_length=8)),
                ('word', fields.CharField(max_length=40)),
                ('squeezed', fields.CharField(max_length=40)),
                ('use', fields.CharField(default='both', max_length=8)),
                ('strict', fields.BooleanField(default=False)),
                ('reason', fields.CharField(max_length=200)),
                ('state', fields.CharField(max_length=8)),
                ('asked_by', fields.UUIDField()),
                ('asked_name', fields.CharField(max_length=64)),
                ('asked_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_name', fields.CharField(default='', max_length=64)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'discretion_change', 'app': 'discretion', 'pk_attr': 'id', 'table_description': 'A change of the list one person wishes for and another one decides.'},
            bases=['Model'],
        ),
    ]
