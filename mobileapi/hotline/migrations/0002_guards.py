"""What models cannot say: known states, ends that are dated, one reopening, a history whose notes alone may be emptied."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE hotline_order
  ADD CONSTRAINT hotline_state_known CHECK (state IN ('open', 'returned', 'accepted', 'answered', 'reopened',
    'confirmed', 'closed')),
  ADD CONSTRAINT hotline_kind_known CHECK (kind IN ('help', 'question', 'complaint', 'suggestion', 'report')),
  ADD CONSTRAINT hotline_never_the_person CHECK (about_staff IS NULL OR
    (holder_staff IS DISTINCT FROM about_staff AND offered_to IS DISTINCT FROM about_staff)),
  ADD CONSTRAINT hotline_returned_is_nobodys CHECK (state <> 'returned' OR (holder_staff IS NULL AND offered_to IS NULL)),
  ADD CONSTRAINT hotline_answers_are_dated CHECK (state <> 'answered' OR answered_at IS NOT NULL),
  ADD CONSTRAINT hotline_ends_are_dated CHECK ((state IN ('confirmed', 'closed')) = (ended_at IS NOT NULL));
CREATE UNIQUE INDEX hotline_reopened_once ON hotline_change (order_id) WHERE what = 'reopened';
CREATE INDEX hotline_of_citizen ON hotline_order (citizen_id, opened_at DESC, id DESC);
CREATE INDEX hotline_offered ON hotline_order (offered_to) WHERE offered_to IS NOT NULL;
CREATE TRIGGER hotline_change_not_edited BEFORE UPDATE OF order_id, at, actor, shown_as, what, from_state, to_state
  ON hotline_change FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER hotline_change_not_removed BEFORE DELETE ON hotline_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER hotline_change_not_removed ON hotline_change;
DROP TRIGGER hotline_change_not_edited ON hotline_change;
DROP INDEX hotline_offered;
DROP INDEX hotline_of_citizen;
DROP INDEX hotline_reopened_once;
ALTER TABLE hotline_order DROP CONSTRAINT hotline_state_known, DROP CONSTRAINT hotline_kind_known,
  DROP CONSTRAINT hotline_never_the_person, DROP CONSTRAINT hotline_returned_is_nobodys,
  DROP CONSTRAINT hotline_answers_are_dated, DROP CONSTRAINT hotline_ends_are_dated;
"""


class Migration(migrations.Migration):
    dependencies = [("hotline", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
