from tortoise import migrations
from tortoise.migrations import operations as ops
from kit.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('auth', '0002_guards')]

    initial = True

    operations = [
        ops.CreateModel(
            name='Conversation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('citizen', fields.ForeignKeyField('auth.Citizen', source_field='citizen_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('item_code', fields.CharField(null=True, max_length=40)),
                ('item_name', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('department_code', fields.CharField(null=True, max_length=32)),
                ('department_name', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('region_code', fields.CharField(default='', max_length=12)),
                ('application', fields.UUIDField(null=True)),
                ('state', fields.CharField(max_length=16)),
                ('clerk', fields.ForeignKeyField('auth.StaffMember', source_field='clerk_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('awaiting', fields.CharField(default='clerk', max_length=8)),
                ('answer_due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('queued_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('inquiry_due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reason_code', fields.CharField(max_length=32)),
                ('tried', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('escalation', fields.IntField(default=0)),
                ('transfers', fields.IntField(default=0)),
                ('last_seq', fields.BigIntField(default=0)),
                ('version', fields.IntField(default=0)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_conversation', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'One question of one citizen, until it is closed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ConversationChange',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=80)),
                ('from_state', fields.CharField(null=True, max_length=16)),
                ('to_state', fields.CharField(max_length=16)),
                ('clerk', fields.UUIDField(null=True)),
                ('reason_code', fields.CharField(max_length=32)),
                ('note', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'chat_conversation_change', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'One move of a conversation: who, when, why, from, to.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Inquiry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('department_code', fields.CharField(null=True, max_length=32)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('warned_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('taken_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'chat_inquiry', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'A question nobody was there for: answered by its date, in working days.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Mark',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('side', fields.CharField(max_length=8)),
                ('delivered', fields.BigIntField(default=0)),
                ('read', fields.BigIntField(default=0)),
            ],
            options={'table': 'chat_mark', 'app': 'chat', 'unique_together': (('conversation', 'side'),), 'pk_attr': 'id', 'table_description': 'How far a side has been delivered to, and has read. Neither number ever falls.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Message',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('seq', fields.BigIntField()),
                ('sender_role', fields.CharField(max_length=8)),
                ('sender', fields.UUIDField(null=True)),
                ('sender_name', fields.CharField(default='', max_length=64)),
                ('client_id', fields.CharField(null=True, max_length=64)),
                ('kind', fields.CharField(max_length=8)),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_message', 'app': 'chat', 'unique_together': (('conversation', 'seq'), ('sender', 'client_id')), 'pk_attr': 'id', 'table_description': 'A word, picture, card or notice, at its one place in the conversation. Written by `chat_append` only.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Note',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('after_seq', fields.BigIntField()),
                ('author', fields.UUIDField()),
                ('author_name', fields.CharField(max_length=64)),
                ('client_id', fields.CharField(max_length=64)),
                ('body', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_note', 'app': 'chat', 'unique_together': (('author', 'client_id'),), 'pk_attr': 'id', 'table_description': 'An internal note. It stands beside the sequence, after message `after_seq`: citizens see neither it nor a gap.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Presence',
            fields=[
                ('staff', fields.OneToOneField('auth.StaffMember', source_field='staff_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('status', fields.CharField(max_length=8)),
                ('capacity', fields.IntField()),
                ('auto_accept', fields.BooleanField(default=False)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('left_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_presence', 'app': 'chat', 'pk_attr': 'staff_id', 'table_description': 'A clerk at the desk. Present is who chose `online` or `busy`, was seen a moment ago and has not left.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Rating',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('conversation', fields.OneToOneField('chat.Conversation', source_field='conversation_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('clerk', fields.UUIDField(null=True)),
                ('level', fields.IntField()),
                ('reasons', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('comment', fields.CharField(default='', max_length=500)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'chat_rating', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'What the citizen says of a closed conversation, once: level 1 very bad … 5 very good.'},
            bases=['Model'],
        ),
    ]
