"""A reply has its place, a revision its two people, and only one of them is in force or waits."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE replies_reply ADD CONSTRAINT replies_reply_place CHECK (
  CASE scope WHEN 'item' THEN item_code IS NOT NULL AND department_code IS NOT NULL
    WHEN 'department' THEN item_code IS NULL AND department_code IS NOT NULL
    WHEN 'personal' THEN department_code IS NULL AND owner IS NOT NULL ELSE false END);
ALTER TABLE replies_reply ADD CONSTRAINT replies_reply_cite CHECK (
  (cite_at IS NULL) = (cite_version IS NULL) AND (cite_at IS NULL) = (cite_digest IS NULL)
  AND (stale_since IS NULL OR cite_at IS NOT NULL) AND live BETWEEN 0 AND newest AND uses >= 0);
ALTER TABLE replies_revision ADD CONSTRAINT replies_revision_state CHECK (
  state IN ('asked', 'live', 'refused', 'former') AND number >= 1);
CREATE UNIQUE INDEX replies_revision_one_live ON replies_revision (reply_id) WHERE state = 'live';
CREATE UNIQUE INDEX replies_revision_one_asked ON replies_revision (reply_id) WHERE state = 'asked';
CREATE INDEX replies_reply_stale ON replies_reply (department_code) WHERE stale_since IS NOT NULL;

CREATE FUNCTION replies_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'live' AND NEW.author IS NOT NULL AND NEW.author = NEW.decided_by
    AND EXISTS (SELECT 1 FROM replies_reply r WHERE r.id = NEW.reply_id AND r.scope <> 'personal')
    AND NOT EXISTS (SELECT 1 FROM replies_revision p WHERE p.reply_id = NEW.reply_id AND p.number < NEW.number
      AND p.words = NEW.words AND p.title = NEW.title AND p.state = 'former' AND p.decided_at IS NOT NULL)
  THEN RAISE EXCEPTION 'another person has to agree to what a whole department says' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER replies_two_people BEFORE INSERT OR UPDATE ON replies_revision
  FOR EACH ROW EXECUTE FUNCTION replies_two_people();
"""
BACKWARD = """
DROP TRIGGER replies_two_people ON replies_revision;
DROP FUNCTION replies_two_people;
DROP INDEX replies_reply_stale;
DROP INDEX replies_revision_one_asked;
DROP INDEX replies_revision_one_live;
ALTER TABLE replies_revision DROP CONSTRAINT replies_revision_state;
ALTER TABLE replies_reply DROP CONSTRAINT replies_reply_cite;
ALTER TABLE replies_reply DROP CONSTRAINT replies_reply_place;
"""


class Migration(migrations.Migration):
    dependencies = [("replies", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
