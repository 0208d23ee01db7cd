"""An edited message reads as its latest text does: what was hidden in the former one is not told of the new one."""

from tortoise import migrations
from tortoise.migrations import operations as ops

VIEW = """
CREATE OR REPLACE VIEW chat_message_shown AS
SELECT m.id, m.conversation_id, m.seq, m.sender_role, m.sender, m.sender_name, m.client_id, m.kind, CASE
    WHEN x.kind = 'recall' AND m.kind = 'edit' THEN jsonb_build_object('of', m.body->'of')
    WHEN x.kind = 'recall' THEN '{{}}'::jsonb
    WHEN x.kind = 'edit' THEN {former} || (x.body - 'of')
    ELSE m.body END AS body,
  m.at, coalesce(x.kind = 'edit' AND m.kind <> 'edit', false) AS edited, coalesce(x.kind = 'recall', false) AS recalled
FROM chat_message m
LEFT JOIN chat_message o ON o.conversation_id = m.conversation_id
  AND o.seq = CASE WHEN m.kind = 'edit' THEN (m.body->>'of')::bigint END
LEFT JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.seq = coalesce(o.changed, m.changed);
"""
FORWARD = VIEW.format(former="(m.body - '{masked,original}'::text[])")
BACKWARD = VIEW.format(former="m.body")


class Migration(migrations.Migration):
    dependencies = [("discretion", "0002_guards"), ("chat", "0007_edits_and_recalls")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
