"""What models cannot say: what a transcript was made of never changes."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE transcripts_transcript ADD CONSTRAINT transcripts_transcript_said CHECK (
  variant IN ('citizen', 'staff', 'internal') AND top_seq >= 0 AND notes >= 0 AND entries >= 1
  AND (variant = 'internal' OR notes = 0));
CREATE FUNCTION transcripts_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.conversation, OLD.variant, OLD.top_seq, OLD.notes, OLD.entries, OLD.digest, OLD.code,
      OLD.made_by, OLD.made_at) IS DISTINCT FROM (NEW.conversation, NEW.variant, NEW.top_seq, NEW.notes, NEW.entries,
      NEW.digest, NEW.code, NEW.made_by, NEW.made_at) THEN
    RAISE EXCEPTION 'a transcript stays as it was made' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transcripts_stays BEFORE UPDATE OR DELETE ON transcripts_transcript
  FOR EACH ROW EXECUTE FUNCTION transcripts_stays();
"""
BACKWARD = """
DROP TRIGGER transcripts_stays ON transcripts_transcript;
DROP FUNCTION transcripts_stays;
ALTER TABLE transcripts_transcript DROP CONSTRAINT transcripts_transcript_said;
"""


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
