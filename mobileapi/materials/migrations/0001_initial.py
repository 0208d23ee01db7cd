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
            name='Upload',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('owner', fields.CharField(max_length=80)),
                ('sent_sha256', fields.CharField(max_length=64)),
                ('sha256', fields.CharField(max_length=64)),
                ('size', fields.IntField()),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('problems', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'materials_upload', 'app': 'materials', 'unique_together': (('owner', 'sent_sha256'),), 'pk_attr': 'id', 'table_description': 'One photograph, kept as a clean JPEG and a thumbnail under names made from its id.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Use',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('upload', fields.ForeignKeyField('materials.Upload', source_field='upload_id', db_index=True, db_constraint=True, to_field='id', related_name='uses', on_delete=OnDelete.RESTRICT)),
                ('used_by', fields.CharField(db_index=True, max_length=160)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'materials_use', 'app': 'materials', 'unique_together': (('used_by', 'upload'),), 'pk_attr': 'id', 'table_description': 'Something that needs an upload to stay, like `application:UUID/photo`. An upload nobody uses is purged.'},
            bases=['Model'],
        ),
    ]
