"""What models cannot say: one of each at a time, states that are known, and consents that are not rewritten."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE UNIQUE INDEX privacy_one_export_asked ON privacy_export (citizen) WHERE state = 'asked';
CREATE UNIQUE INDEX privacy_one_correction_asked ON privacy_correction (citizen, field) WHERE state = 'asked';
CREATE UNIQUE INDEX privacy_one_closure_cooling ON privacy_closure (citizen) WHERE state = 'cooling';
CREATE INDEX privacy_correction_desk ON privacy_correction (state, due_on, asked_at, id);
CREATE INDEX privacy_deletion_waiting ON privacy_deletion (at) WHERE finished_at IS NULL;
ALTER TABLE privacy_export ADD CONSTRAINT privacy_export_state CHECK (state IN ('asked', 'ready', 'ended'));
ALTER TABLE privacy_correction ADD CONSTRAINT privacy_correction_state CHECK (
  state IN ('asked', 'approved', 'refused', 'withdrawn') AND (state = 'asked') = (decided_at IS NULL));
ALTER TABLE privacy_closure ADD CONSTRAINT privacy_closure_state CHECK (
  state IN ('cooling', 'cancelled', 'done') AND (state = 'cooling') = (ended_at IS NULL));
CREATE FUNCTION privacy_consent_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.citizen, OLD.purpose, OLD.given, OLD.version, OLD.digest, OLD.channel, OLD.at)
     IS DISTINCT FROM (NEW.citizen, NEW.purpose, NEW.given, NEW.version, NEW.digest, NEW.channel, NEW.at) THEN
    RAISE EXCEPTION 'what somebody said is not rewritten' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER privacy_consent_stands BEFORE UPDATE OR DELETE ON privacy_consent
  FOR EACH ROW EXECUTE FUNCTION privacy_consent_stands();
"""
BACKWARD = """
DROP FUNCTION privacy_consent_stands CASCADE;
DROP INDEX privacy_one_export_asked, privacy_one_correction_asked, privacy_one_closure_cooling, privacy_correction_desk,
  privacy_deletion_waiting;
ALTER TABLE privacy_export DROP CONSTRAINT privacy_export_state;
ALTER TABLE privacy_correction DROP CONSTRAINT privacy_correction_state;
ALTER TABLE privacy_closure DROP CONSTRAINT privacy_closure_state;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
