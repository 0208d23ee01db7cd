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
            name='Outcome',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.UUIDField(db_index=True)),
                ('kind', fields.CharField(max_length=16)),
                ('ref', fields.UUIDField(null=True, db_index=True)),
                ('key', fields.CharField(max_length=160)),
                ('state', fields.CharField(max_length=12)),
                ('wish', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('made_by', fields.UUIDField()),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('why', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'consulting_outcome', 'app': 'consulting', 'pk_attr': 'id', 'table_description': 'One thing made out of a conversation. `ref` is empty while a second person has not agreed to it yet.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Told',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('conversation', fields.UUIDField()),
                ('ref', fields.CharField(max_length=40)),
                ('event', fields.CharField(max_length=40)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'consulting_told', 'app': 'consulting', 'unique_together': (('conversation', 'ref', 'event'),), 'pk_attr': 'id', 'table_description': 'That a conversation was told of something that happened to a thing one of its cards stands for: once each.'},
            bases=['Model'],
        ),
    ]
