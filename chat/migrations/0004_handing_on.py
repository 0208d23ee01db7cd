"""Who hands a conversation on has it back when it is not accepted, and who declined it is remembered."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_returns_an_offer
  CHECK (returns_to IS NULL OR (state = 'offered' AND returns_to <> clerk_id));
CREATE INDEX chat_conversation_returns_to ON chat_conversation (returns_to) WHERE returns_to IS NOT NULL;
"""
BACKWARD = """
DROP INDEX chat_conversation_returns_to;
ALTER TABLE chat_conversation DROP CONSTRAINT chat_conversation_returns_an_offer;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_append_by_index")]
    operations = [
        ops.AddField(
            model_name="Conversation", name="declined",
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(model_name="Conversation", name="returns_to", field=fields.UUIDField(null=True)),
        ops.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
