"""
`chat_append` by indexes alone.

Its plan is kept while the tables grow from nothing: one made for small tables would read them whole for ever. The number
of a message is counted where it is judged, so that nothing is joined twice.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE OR REPLACE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH judged AS MATERIALIZED (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        ELSE 'stored' END AS verdict
    FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS i (conversation, role, sender, name, client_id, kind, body, id, nth)
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_seq
      + count(*) FILTER (WHERE j.verdict = 'stored') OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
    FROM numbered n WHERE n.verdict = 'stored'
  ), tops AS MATERIALIZED (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system'))[1] AS last_word
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
BACKWARD = "SELECT 1"


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
