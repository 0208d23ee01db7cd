from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Notice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.UUIDField()),
                ('kind', fields.CharField(max_length=40)),
                ('text', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('link', fields.CharField(default='', max_length=200)),
                ('about', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('once', fields.CharField(null=True, unique=True, max_length=160)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('read_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notify_notice', 'app': 'notify', 'indexes': [Index(fields=['citizen', 'created_at'])], 'pk_attr': 'id', 'table_description': 'One thing a citizen is told. The words hold no personal data beyond masked; `about` has the ids of what it is about.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Delivery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('notice', fields.ForeignKeyField('notify.Notice', source_field='notice_id', db_constraint=True, to_field='id', related_name='deliveries', on_delete=OnDelete.CASCADE)),
                ('way', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('tried_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('said', fields.CharField(default='', max_length=120)),
            ],
            options={'table': 'notify_delivery', 'app': 'notify', 'unique_together': (('notice', 'way'),), 'pk_attr': 'id', 'table_description': 'One way a notice goes, beside lying in the app: its state, and what the way said.'},
            bases=['Model'],
        ),
    ]
