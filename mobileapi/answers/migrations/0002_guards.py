"""What models cannot say: two people publish; what is published gives the catalogue a new edition."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE answers_answer ADD CONSTRAINT answers_answer_two_people CHECK (
  state IN ('proposed', 'published', 'refused', 'withdrawn') AND (reviewed_by IS NULL) = (reviewed_at IS NULL)
  AND (state = 'proposed' OR reviewed_by IS NOT NULL) AND reviewed_by <> proposed_by);
CREATE INDEX answers_answer_published ON answers_answer (item_code) WHERE state = 'published';
CREATE TRIGGER answers_edition_new AFTER INSERT ON answers_answer
  FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER answers_edition AFTER UPDATE ON answers_answer FOR EACH ROW
  WHEN ((OLD.state = 'published' OR NEW.state = 'published') AND OLD.version <> NEW.version)
  EXECUTE FUNCTION catalogue_new_edition();
"""
BACKWARD = """
DROP TRIGGER answers_edition ON answers_answer;
DROP TRIGGER answers_edition_new ON answers_answer;
DROP INDEX answers_answer_published;
ALTER TABLE answers_answer DROP CONSTRAINT answers_answer_two_people;
"""


class Migration(migrations.Migration):
    dependencies = [("answers", "0001_initial"), ("catalogue", "0002_search_and_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
