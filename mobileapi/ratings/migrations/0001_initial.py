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
            name='CaseRating',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('application', fields.UUIDField(unique=True)),
                ('citizen', fields.UUIDField(db_index=True)),
                ('by', fields.UUIDField()),
                ('item_code', fields.CharField(max_length=40)),
                ('department_code', fields.CharField(max_length=32)),
                ('region_code', fields.CharField(max_length=12)),
                ('clerk', fields.UUIDField(null=True)),
                ('level', fields.IntField()),
                ('reasons', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('comment', fields.CharField(default='', max_length=500)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'ratings_case_rating', 'app': 'ratings', 'pk_attr': 'id', 'table_description': 'What a citizen, or who acts for them, says of a decided case, once: level 1 very bad … 5 very good.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Rectification',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('about', fields.UUIDField()),
                ('citizen', fields.UUIDField(db_index=True)),
                ('rated', fields.UUIDField(null=True)),
                ('item_code', fields.CharField(null=True, max_length=40)),
                ('department_code', fields.CharField(null=True, max_length=32)),
                ('region_code', fields.CharField(default='', max_length=12)),
                ('owner', fields.UUIDField(null=True)),
                ('state', fields.CharField(max_length=12)),
                ('version', fields.IntField(default=1)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('contact_due', fields.DateField()),
                ('due', fields.DateField()),
                ('warned_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('escalated_on', fields.DateField(null=True)),
                ('escalation', fields.IntField(default=0)),
                ('finding', fields.CharField(default='', max_length=12)),
                ('measures', fields.CharField(default='', max_length=2000)),
                ('answered_by', fields.UUIDField(null=True)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed_by', fields.UUIDField(null=True)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('contest_reason', fields.CharField(default='', max_length=500)),
                ('contested_by', fields.UUIDField(null=True)),
                ('voided_by', fields.UUIDField(null=True)),
                ('result_level', fields.IntField(null=True)),
                ('result_comment', fields.CharField(default='', max_length=500)),
                ('result_rated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'ratings_rectification', 'app': 'ratings', 'unique_together': (('kind', 'about'),), 'pk_attr': 'id', 'table_description': "A bad rating being put right. Level, reasons and comment are the rating's own, and not repeated here. Never with"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Contact',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('rectification', fields.ForeignKeyField('ratings.Rectification', source_field='rectification_id', db_index=True, db_constraint=True, to_field='id', related_name='contacts', on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('by', fields.UUIDField()),
                ('way', fields.CharField(max_length=8)),
                ('reached', fields.BooleanField()),
                ('note', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'ratings_contact', 'app': 'ratings', 'pk_attr': 'id', 'table_description': 'One try to call who rated.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RectificationChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('rectification', fields.ForeignKeyField('ratings.Rectification', source_field='rectification_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.RESTRICT)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('from_state', fields.CharField(null=True, max_length=12)),
                ('to_state', fields.CharField(max_length=12)),
                ('note', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'ratings_change', 'app': 'ratings', 'pk_attr': 'id', 'table_description': 'One move of a rectification: who, when, why, from, to. Rows are never changed.'},
            bases=['Model'],
        ),
    ]
