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
            name='Answer',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('item_code', fields.CharField(db_index=True, max_length=40)),
                ('department_code', fields.CharField(max_length=32)),
                ('conversation', fields.UUIDField(null=True)),
                ('question', fields.CharField(max_length=300)),
                ('answer', fields.CharField(max_length=2000)),
                ('cites', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('guide_version', fields.IntField()),
                ('cited_digest', fields.CharField(max_length=64)),
                ('state', fields.CharField(max_length=12)),
                ('version', fields.IntField(default=1)),
                ('proposed_by', fields.UUIDField()),
                ('proposed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reviewed_by', fields.UUIDField(null=True)),
                ('reviewed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('note', fields.CharField(default='', max_length=500)),
                ('told_of_version', fields.IntField(default=0)),
            ],
            options={'table': 'answers_answer', 'app': 'answers', 'pk_attr': 'id', 'table_description': 'One answer under an item. What was removed from it is nowhere kept; `conversation` is seen by staff only.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Vote',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('answer', fields.ForeignKeyField('answers.Answer', source_field='answer_id', db_index=True, db_constraint=True, to_field='id', related_name='votes', on_delete=OnDelete.RESTRICT)),
                ('voter', fields.CharField(max_length=64)),
                ('helpful', fields.BooleanField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'answers_vote', 'app': 'answers', 'unique_together': (('answer', 'voter'),), 'pk_attr': 'id', 'table_description': 'Whether an answer helped; once a person, or a device of who is not signed in. `voter` is a keyed digest.'},
            bases=['Model'],
        ),
    ]
