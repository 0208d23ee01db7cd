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
            name='ServiceItem',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('department_code', fields.CharField(db_index=True, max_length=32)),
                ('themes', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('regions', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('summary', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('version', fields.IntField()),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'catalogue_item', 'app': 'catalogue', 'pk_attr': 'code', 'table_description': 'An item and its current version. What lists and filters need is repeated here from the guide; the search vector'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ItemVersion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('item', fields.ForeignKeyField('catalogue.ServiceItem', source_field='item_id', db_index=True, db_constraint=True, to_field='code', related_name='versions', on_delete=OnDelete.RESTRICT)),
                ('version', fields.IntField()),
                ('guide', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('digest', fields.CharField(max_length=64)),
                ('effective_from', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'catalogue_item_version', 'app': 'catalogue', 'unique_together': (('item', 'version'),), 'pk_attr': 'id', 'table_description': 'A guide as it was published; never changed afterwards. A case keeps the version it was filed under.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SynonymGroup',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('words', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'catalogue_synonym_group', 'app': 'catalogue', 'pk_attr': 'id', 'table_description': 'Everyday words that mean the same to the one who searches.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Theme',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('name', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('position', fields.IntField(default=0)),
            ],
            options={'table': 'catalogue_theme', 'app': 'catalogue', 'pk_attr': 'code', 'table_description': 'A moment of life people come with: a birth, a business opened, a home bought.'},
            bases=['Model'],
        ),
    ]
