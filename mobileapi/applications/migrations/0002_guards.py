"""What models cannot say: one open draft of an item and region, numbers for what was filed, a history that only grows."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE UNIQUE INDEX applications_one_open_draft ON applications_application (citizen_id, item_code, region_code)
  WHERE state = 'draft';
CREATE INDEX applications_of_citizen ON applications_application (citizen_id, created_at DESC, id DESC);
ALTER TABLE applications_application
  ADD CONSTRAINT applications_state_known CHECK (state IN ('draft', 'submitted', 'correction', 'resubmitted', 'accepted',
    'approved', 'refused', 'not_accepted', 'withdrawn')),
  ADD CONSTRAINT applications_filed_has_number CHECK (state IN ('draft', 'withdrawn') OR
    (case_number IS NOT NULL AND submitted_at IS NOT NULL AND received_at IS NOT NULL)),
  ADD CONSTRAINT applications_waiting_has_day CHECK (state NOT IN ('submitted', 'resubmitted') OR check_due IS NOT NULL),
  ADD CONSTRAINT applications_accepted_has_clock CHECK (state NOT IN ('accepted', 'approved', 'refused') OR
    (accepted_at IS NOT NULL AND promised_due IS NOT NULL AND statutory_due IS NOT NULL)),
  ADD CONSTRAINT applications_decided_is_dated CHECK ((decided_at IS NULL) = (decision IS NULL) AND
    (state NOT IN ('approved', 'refused', 'not_accepted') OR decided_at IS NOT NULL));
CREATE TRIGGER applications_change_append_only BEFORE UPDATE OR DELETE ON applications_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER applications_change_append_only ON applications_change;
ALTER TABLE applications_application DROP CONSTRAINT applications_state_known,
  DROP CONSTRAINT applications_filed_has_number, DROP CONSTRAINT applications_waiting_has_day,
  DROP CONSTRAINT applications_accepted_has_clock, DROP CONSTRAINT applications_decided_is_dated;
DROP INDEX applications_of_citizen;
DROP INDEX applications_one_open_draft;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
