"""
What models cannot say.

An open conversation has exactly one of: a clerk with a running timer, a place in a queue, a dated inquiry. Sequence
numbers are allotted under the conversation's row lock, so they run 1, 2, 3 … without holes in the order of commit.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_never_alone CHECK (CASE state
  WHEN 'queued' THEN queued_at IS NOT NULL AND clerk_id IS NULL AND answer_due_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'offered' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'assigned' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'inquiry' THEN inquiry_due_at IS NOT NULL AND clerk_id IS NULL AND answer_due_at IS NULL AND queued_at IS NULL
  WHEN 'closed' THEN closed_at IS NOT NULL AND answer_due_at IS NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  ELSE false END);
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_awaiting CHECK (awaiting IN ('clerk', 'citizen'));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_counts CHECK (seq >= 1);
ALTER TABLE chat_message ADD CONSTRAINT chat_message_sender CHECK (
  sender_role IN ('citizen', 'clerk', 'system') AND (sender_role = 'system') = (sender IS NULL));
ALTER TABLE chat_mark ADD CONSTRAINT chat_mark_order CHECK (read >= 0 AND delivered >= read AND side IN ('citizen', 'clerk'));
ALTER TABLE chat_rating ADD CONSTRAINT chat_rating_level CHECK (level BETWEEN 1 AND 5);
ALTER TABLE chat_presence ADD CONSTRAINT chat_presence_status CHECK (status IN ('online', 'busy', 'away') AND capacity BETWEEN 1 AND 100);
CREATE INDEX chat_conversation_open ON chat_conversation (state) WHERE state <> 'closed';
CREATE INDEX chat_conversation_queue ON chat_conversation (department_code, queued_at) WHERE state = 'queued';
CREATE UNIQUE INDEX chat_inquiry_one_open ON chat_inquiry (conversation_id) WHERE taken_at IS NULL;

-- A conversation's row changes with every message: room on the page keeps those updates off the indexes.
ALTER TABLE chat_conversation SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE chat_mark SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);

-- A conversation in state `inquiry` has its open inquiry row at commit, and no other has one.
CREATE FUNCTION chat_inquiry_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE concerned uuid; waiting boolean; dated boolean;
BEGIN
  IF TG_TABLE_NAME = 'chat_inquiry' THEN concerned := NEW.conversation_id; ELSE concerned := NEW.id; END IF;
  SELECT state = 'inquiry' INTO waiting FROM chat_conversation WHERE id = concerned;
  SELECT EXISTS (SELECT 1 FROM chat_inquiry WHERE conversation_id = concerned AND taken_at IS NULL) INTO dated;
  IF waiting IS DISTINCT FROM dated THEN
    RAISE EXCEPTION 'conversation % and its inquiry do not fit', concerned USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chat_inquiry_fits AFTER INSERT OR UPDATE ON chat_inquiry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits AFTER UPDATE OF state ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION chat_inquiry_fits();
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits_new AFTER INSERT ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();

-- The one writer of chat_message: a group of messages, each judged, numbered and stored, or answered as a repeat.
-- Outcomes: stored, repeat (same sender, client_id and content), conflict (same id, other content), closed, absent.
CREATE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH incoming AS (
    SELECT * FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS t (conversation, role, sender, name, client_id, kind, body, id, nth)
  ), judged AS (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        ELSE 'stored' END AS verdict
    FROM incoming i
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
  ), numbered AS (
    SELECT j.*, j.last_seq + row_number() OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j WHERE j.verdict = 'stored'
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at FROM numbered n
  ), tops AS (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system'))[1] AS last_word
    FROM numbered n GROUP BY n.conversation
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
  SELECT j.nth, j.verdict, coalesce(j.known_id, j.id), coalesce(j.known_seq, n.seq), coalesce(j.known_at, sent_at)
  FROM judged j LEFT JOIN numbered n ON n.nth = j.nth LEFT JOIN (SELECT count(*) AS told_parts FROM told) AS s ON true ORDER BY j.nth;
END $$;
"""
BACKWARD = """
DROP FUNCTION chat_append;
DROP FUNCTION chat_inquiry_fits CASCADE;
DROP INDEX chat_conversation_open, chat_conversation_queue, chat_inquiry_one_open;
ALTER TABLE chat_conversation DROP CONSTRAINT chat_conversation_never_alone, DROP CONSTRAINT chat_conversation_awaiting;
ALTER TABLE chat_message DROP CONSTRAINT chat_message_counts, DROP CONSTRAINT chat_message_sender;
ALTER TABLE chat_mark DROP CONSTRAINT chat_mark_order;
ALTER TABLE chat_rating DROP CONSTRAINT chat_rating_level;
ALTER TABLE chat_presence DROP CONSTRAINT chat_presence_status;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
