"""
`chat_append_new`: the common case of `chat_append`, at half of its cost.

Words and pictures of citizens and clerks that nobody has stored before, of conversations they may write into. The rows
are numbered by the update that also locks them, so nothing is looked up first. Is anything else about one message of
the group, nothing of it is stored: the group is judged message by message by `chat_append`.

Every message costs a look at its conversation for the foreign key, which that update has just done. The key goes, and
two rules take its place: both functions write messages of conversations they have locked, and a conversation that has
messages is not deleted.
"""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

FORWARD = """
CREATE FUNCTION chat_append_new(
  conversations uuid[], citizens uuid[], clerks uuid[], many int[], last_words text[],
  places int[], steps int[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS bigint[]
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE tops bigint[];
BEGIN
  WITH bumped AS (
    UPDATE chat_conversation c SET last_seq = c.last_seq + t.many,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' ELSE 'citizen' END,
      escalation = CASE t.last_word WHEN 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM unnest(conversations, citizens, clerks, many, last_words)
      WITH ORDINALITY AS t (id, citizen, clerk, many, last_word, nth)
    WHERE c.id = t.id AND c.state <> 'closed' AND (t.citizen IS NULL OR c.citizen_id = t.citizen)
      AND (t.clerk IS NULL OR (c.clerk_id = t.clerk AND c.state = 'assigned'))
    RETURNING t.nth, c.last_seq
  ) SELECT array_agg(b.last_seq ORDER BY b.nth) INTO tops FROM bumped b;
  IF cardinality(tops) IS DISTINCT FROM cardinality(conversations) THEN
    RAISE no_data_found USING MESSAGE = 'a message of the group is not simply stored';
  END IF;
  INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
  SELECT n.id, conversations[n.place], tops[n.place] - n.step, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
  FROM unnest(places, steps, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
    AS n (place, step, role, sender, name, client_id, kind, body, id);
  IF origin IS NOT NULL THEN
    PERFORM pg_notify('handheld_chat', json_build_object('o', origin, 's',
      json_agg(json_build_array(conversations[i], tops[i])))::text) FROM generate_subscripts(conversations, 1) i GROUP BY i / 100;
  END IF;
  RETURN tops;
END $$;

ALTER TABLE chat_message DROP CONSTRAINT IF EXISTS chat_message_conversation_id_fkey;
CREATE FUNCTION chat_conversation_keeps_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM chat_message WHERE conversation_id = OLD.id) THEN
    RAISE EXCEPTION 'conversation % has messages', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER chat_conversation_keeps_messages BEFORE DELETE ON chat_conversation
  FOR EACH ROW EXECUTE FUNCTION chat_conversation_keeps_messages();
"""
BACKWARD = """
DROP TRIGGER chat_conversation_keeps_messages ON chat_conversation;
DROP FUNCTION chat_conversation_keeps_messages;
ALTER TABLE chat_message ADD CONSTRAINT chat_message_conversation_id_fkey
  FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE;
DROP FUNCTION chat_append_new;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_never_alone")]
    operations = [
        ops.AlterField(
            model_name="Message",
            name="conversation",
            field=fields.ForeignKeyField(
                "chat.Conversation", source_field="conversation_id", db_constraint=False, to_field="id",
                related_name=False, on_delete=OnDelete.CASCADE,
            ),
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
