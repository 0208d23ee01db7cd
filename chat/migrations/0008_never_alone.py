"""
Nobody is left alone: stays in a queue are kept as rows, a dated inquiry has an owner, its warnings and its rungs.

What the database promised of an inquiry holds against every way of breaking it: its row cannot be taken away, moved to
another conversation or given another date than the conversation shows. Messages change neither a state nor a date, so
none of this is looked at when one is sent.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

FORWARD = """
ALTER TABLE chat_wait ADD CONSTRAINT chat_wait_whole CHECK (place >= 1 AND clerks >= 0
  AND outcome IN ('', 'served', 'left', 'message', 'inquiry', 'moved') AND (left_at IS NULL) = (outcome = ''));
CREATE UNIQUE INDEX chat_wait_one_open ON chat_wait (conversation_id) WHERE left_at IS NULL;
CREATE INDEX chat_wait_served ON chat_wait (coalesce(department_code, ''), left_at DESC) WHERE outcome = 'served';
CREATE INDEX chat_wait_entered ON chat_wait (entered_at);
CREATE INDEX chat_conversation_line ON chat_conversation ((coalesce(department_code, '')), created_at, id)
  WHERE state = 'queued';
ALTER TABLE chat_inquiry ADD CONSTRAINT chat_inquiry_whole CHECK (asked_by IN ('office', 'citizen') AND rung >= 0);
CREATE INDEX chat_inquiry_open ON chat_inquiry (due_at) WHERE taken_at IS NULL;
CREATE INDEX chat_inquiry_owner ON chat_inquiry (owner) WHERE taken_at IS NULL;

CREATE OR REPLACE FUNCTION chat_inquiry_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE several uuid[]; concerned uuid; shown timestamptz; dated timestamptz; known boolean;
BEGIN
  IF TG_TABLE_NAME = 'chat_conversation' THEN several := ARRAY[NEW.id];
  ELSIF TG_OP = 'DELETE' THEN several := ARRAY[OLD.conversation_id];
  ELSIF TG_OP = 'UPDATE' THEN several := ARRAY[OLD.conversation_id, NEW.conversation_id];
  ELSE several := ARRAY[NEW.conversation_id]; END IF;
  FOREACH concerned IN ARRAY several LOOP
    SELECT true, CASE WHEN state = 'inquiry' THEN inquiry_due_at END INTO known, shown
      FROM chat_conversation WHERE id = concerned;
    SELECT due_at INTO dated FROM chat_inquiry WHERE conversation_id = concerned AND taken_at IS NULL;
    IF known AND shown IS DISTINCT FROM dated THEN
      RAISE EXCEPTION 'conversation % and its inquiry do not fit', concerned USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
DROP TRIGGER chat_inquiry_fits ON chat_inquiry;
CREATE CONSTRAINT TRIGGER chat_inquiry_fits AFTER INSERT OR UPDATE OR DELETE ON chat_inquiry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();
DROP TRIGGER chat_conversation_inquiry_fits ON chat_conversation;
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits AFTER UPDATE OF state, inquiry_due_at ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.inquiry_due_at IS DISTINCT FROM NEW.inquiry_due_at)
  EXECUTE FUNCTION chat_inquiry_fits();
CREATE FUNCTION chat_inquiry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'inquiries are not emptied out' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER chat_inquiry_stays BEFORE TRUNCATE ON chat_inquiry EXECUTE FUNCTION chat_inquiry_stays();
"""
BACKWARD = """
DROP TRIGGER chat_inquiry_stays ON chat_inquiry;
DROP FUNCTION chat_inquiry_stays;
DROP INDEX chat_wait_one_open, chat_wait_served, chat_wait_entered, chat_conversation_line, chat_inquiry_open,
  chat_inquiry_owner;
ALTER TABLE chat_wait DROP CONSTRAINT chat_wait_whole;
ALTER TABLE chat_inquiry DROP CONSTRAINT chat_inquiry_whole;
"""


class Migration(migrations.Migration):
    dependencies = [('auth', '0009_scans_renewed'), ("chat", "0007_edits_and_recalls")]

    initial = False

    operations = [
        ops.CreateModel(
            name='Wait',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('conversation', fields.ForeignKeyField('chat.Conversation', source_field='conversation_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('department_code', fields.CharField(null=True, max_length=32)),
                ('item_code', fields.CharField(null=True, max_length=40)),
                ('place', fields.IntField()),
                ('clerks', fields.IntField()),
                ('entered_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('left_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('outcome', fields.CharField(default='', max_length=8)),
            ],
            options={'table': 'chat_wait', 'app': 'chat', 'pk_attr': 'id', 'table_description': 'A stay in a queue: since when, at which place it began, how it ended. `outcome`: served, left (the citizen closed),'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Inquiry',
            name='asked_by',
            field=fields.CharField(default='office', db_default='office', max_length=8),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='half_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='owner',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='rung',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='rung_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='soon_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Inquiry',
            name='warned_soon_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
