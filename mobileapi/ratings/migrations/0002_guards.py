"""What models cannot say: levels, states, and that two people rectify and neither of them is the one who was rated."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE ratings_case_rating ADD CONSTRAINT ratings_case_rating_level CHECK (level BETWEEN 1 AND 5);
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_said CHECK (
  kind IN ('conversation', 'application') AND state IN ('open', 'answered', 'confirmed', 'contested', 'void')
  AND finding IN ('', 'justified', 'partly', 'explained') AND (result_level IS NULL OR result_level BETWEEN 1 AND 5)
  AND (result_level IS NULL) = (result_rated_at IS NULL));
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_two_people CHECK (
  (state NOT IN ('answered', 'confirmed') OR (answered_by IS NOT NULL AND finding <> ''))
  AND (state <> 'confirmed' OR (confirmed_by IS NOT NULL AND confirmed_by <> answered_by))
  AND (state NOT IN ('contested', 'void') OR contested_by IS NOT NULL)
  AND (state <> 'void' OR (voided_by IS NOT NULL AND voided_by <> contested_by)));
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_not_the_rated CHECK (
  rated IS NULL OR (owner IS DISTINCT FROM rated AND answered_by IS DISTINCT FROM rated
  AND confirmed_by IS DISTINCT FROM rated AND contested_by IS DISTINCT FROM rated AND voided_by IS DISTINCT FROM rated));
ALTER TABLE ratings_contact ADD CONSTRAINT ratings_contact_way CHECK (way IN ('phone', 'chat', 'visit'));
CREATE INDEX ratings_rectification_due ON ratings_rectification (due) WHERE state IN ('open', 'answered', 'contested');
"""
BACKWARD = """
DROP INDEX ratings_rectification_due;
ALTER TABLE ratings_contact DROP CONSTRAINT ratings_contact_way;
ALTER TABLE ratings_rectification DROP CONSTRAINT ratings_rectification_not_the_rated;
ALTER TABLE ratings_rectification DROP CONSTRAINT ratings_rectification_two_people;
ALTER TABLE ratings_rectification DROP CONSTRAINT ratings_rectification_said;
ALTER TABLE ratings_case_rating DROP CONSTRAINT ratings_case_rating_level;
"""


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
