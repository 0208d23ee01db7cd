"""
Edits and recalls: entries of the sequence that say what became of an earlier message.

`chat_append` judges them under the same lock: `unknown` (no such message), `foreign` (not the sender's), `recalled`
(nothing is left to change), `fixed` (not of a kind that is changed), `late` (its time is over, or the office allows none).
They start no timer and answer nobody. The message itself is never rewritten: it points to its latest change, and
`chat_message_shown` is how it reads from then on. Its last two arguments may be left out by a program of the release
before, which sends no changes.
"""

from importlib import import_module

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE chat_message ADD CONSTRAINT chat_message_change_of CHECK (
  kind NOT IN ('edit', 'recall') OR (changed IS NULL AND NOT recalled));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_changed_later CHECK (changed > seq);

CREATE VIEW chat_message_shown AS
SELECT m.id, m.conversation_id, m.seq, m.sender_role, m.sender, m.sender_name, m.client_id, m.kind, CASE
    WHEN x.kind = 'recall' AND m.kind = 'edit' THEN jsonb_build_object('of', m.body->'of')
    WHEN x.kind = 'recall' THEN '{}'::jsonb
    WHEN x.kind = 'edit' THEN m.body || (x.body - 'of')
    ELSE m.body END AS body,
  m.at, coalesce(x.kind = 'edit' AND m.kind <> 'edit', false) AS edited, coalesce(x.kind = 'recall', false) AS recalled
FROM chat_message m
LEFT JOIN chat_message o ON o.conversation_id = m.conversation_id
  AND o.seq = CASE WHEN m.kind = 'edit' THEN (m.body->>'of')::bigint END
LEFT JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.seq = coalesce(o.changed, m.changed);

DROP FUNCTION chat_append;
CREATE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text, edit_s int DEFAULT 0, recall_s int DEFAULT 0
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH judged AS MATERIALIZED (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, o.seq AS original, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        WHEN i.kind NOT IN ('edit', 'recall') THEN 'stored'
        WHEN o.id IS NULL THEN 'unknown'
        WHEN o.sender IS DISTINCT FROM i.sender THEN 'foreign'
        WHEN o.recalled THEN 'recalled'
        WHEN o.kind <> 'text' AND (i.kind = 'edit' OR o.kind NOT IN ('image', 'card')) THEN 'fixed'
        WHEN extract(epoch FROM greatest(sent_at - o.at, interval '0'))
          >= CASE i.kind WHEN 'edit' THEN edit_s ELSE recall_s END THEN 'late'
        ELSE 'stored' END AS verdict
    FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS i (conversation, role, sender, name, client_id, kind, body, id, nth)
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
    LEFT JOIN chat_message o ON o.conversation_id = i.conversation
      AND o.seq = CASE WHEN i.kind IN ('edit', 'recall') THEN (i.body->>'of')::bigint END
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_seq
      + count(*) FILTER (WHERE j.verdict = 'stored') OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
    FROM numbered n WHERE n.verdict = 'stored'
  ), pointed AS (
    UPDATE chat_message o SET changed = n.top, recalled = n.taken_back
    FROM (SELECT x.conversation, x.original, max(x.seq) AS top, bool_or(x.kind = 'recall') AS taken_back
      FROM numbered x WHERE x.verdict = 'stored' AND x.original IS NOT NULL GROUP BY 1, 2) n
    WHERE o.conversation_id = n.conversation AND o.seq = n.original
  ), tops AS MATERIALIZED (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system' AND n.original IS NULL))[1] AS last_word
    FROM numbered n WHERE n.verdict = 'stored' GROUP BY n.conversation
  ), bumped AS (
    UPDATE chat_conversation c SET last_seq = t.top,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' WHEN 'clerk' THEN 'citizen' ELSE c.awaiting END,
      escalation = CASE WHEN t.last_word = 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN t.last_word = 'citizen' AND c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM tops t WHERE c.id = t.conversation
  ), told AS (
    SELECT pg_notify('handheld_chat', json_build_object('o', origin, 's', json_agg(json_build_array(t.conversation, t.top)))::text)
    FROM (SELECT x.*, row_number() OVER () / 100 AS part FROM tops x) t WHERE origin IS NOT NULL GROUP BY part
  )
  SELECT n.nth, n.verdict, coalesce(n.known_id, n.id), coalesce(n.known_seq, n.seq), coalesce(n.known_at, sent_at)
  FROM numbered n WHERE (SELECT count(*) FROM told) >= 0 ORDER BY n.nth;
END $$;
"""
BEFORE = import_module("chat.migrations.0003_append_by_index").FORWARD
BACKWARD = f"""
DROP FUNCTION chat_append;
{BEFORE}
DROP VIEW chat_message_shown;
ALTER TABLE chat_message DROP CONSTRAINT chat_message_change_of, DROP CONSTRAINT chat_message_changed_later;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_latest_first")]
    operations = [
        ops.AddField(model_name="Message", name="changed", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Message", name="recalled", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
