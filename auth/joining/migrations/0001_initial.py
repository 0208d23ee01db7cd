from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Merge',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kept', fields.UUIDField(db_index=True)),
                ('merged', fields.UUIDField(unique=True)),
                ('proof', fields.CharField(max_length=16)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'joining_merge', 'app': 'joining', 'pk_attr': 'id', 'table_description': 'Two accounts of one person became one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MergeCode',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('citizen', fields.UUIDField()),
                ('session', fields.UUIDField()),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'joining_merge_code', 'app': 'joining', 'pk_attr': 'digest', 'table_description': 'Eight characters an account shows, to be typed in the other one; known by a keyed digest.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MergedThing',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('merge', fields.ForeignKeyField('joining.Merge', source_field='merge_id', db_index=True, db_constraint=True, to_field='id', related_name='things', on_delete=OnDelete.RESTRICT)),
                ('what', fields.CharField(max_length=32)),
                ('thing', fields.CharField(max_length=80)),
            ],
            options={'table': 'joining_merged_thing', 'app': 'joining', 'pk_attr': 'id', 'table_description': 'One thing that went along: what it is, and its id.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhoneMove',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('holder', fields.UUIDField(db_index=True)),
                ('taker', fields.UUIDField(db_index=True)),
                ('phone_sealed', fields.BinaryField()),
                ('phone_index', fields.CharField(max_length=64)),
                ('former_sealed', fields.BinaryField(null=True)),
                ('state', fields.CharField(max_length=16)),
                ('by', fields.CharField(default='', max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('moved_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undo_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'joining_phone_move', 'app': 'joining', 'pk_attr': 'id', 'table_description': "A number somebody proved to hold while it is another account's: asked of the old device, or moved with both verified."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SessionWay',
            fields=[
                ('session', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('identity', fields.UUIDField(null=True, db_index=True)),
                ('way', fields.CharField(max_length=16)),
            ],
            options={'table': 'joining_session_way', 'app': 'joining', 'pk_attr': 'session', 'table_description': 'By which way a session was opened: an identity of a platform, or a number that was proved (`identity` empty).'},
            bases=['Model'],
        ),
    ]
