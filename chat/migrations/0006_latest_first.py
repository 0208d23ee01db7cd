"""A department's conversations, the latest first, page by page: whoever sees many does not sort them all for twenty."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "CREATE INDEX chat_conversation_latest ON chat_conversation (created_at DESC, id DESC)"
BACKWARD = "DROP INDEX chat_conversation_latest"


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_on_behalf_of")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
