"""One version, one wish at a time for a word, states and uses that are known; who wished does not decide."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
INSERT INTO discretion_version (id, version) VALUES (1, 0);
ALTER TABLE discretion_version ADD CONSTRAINT discretion_version_single CHECK (id = 1);
ALTER TABLE discretion_word ADD CONSTRAINT discretion_word_use CHECK (use IN ('citizens', 'clerks', 'both', 'harmless')
  AND squeezed <> '');
ALTER TABLE discretion_change ADD CONSTRAINT discretion_change_whole CHECK (act IN ('put', 'remove')
  AND state IN ('asked', 'approved', 'refused') AND squeezed <> ''
  AND use IN ('citizens', 'clerks', 'both', 'harmless')
  AND (decided_by IS NULL) = (state = 'asked') AND (decided_at IS NULL) = (state = 'asked'));
ALTER TABLE discretion_change ADD CONSTRAINT discretion_change_two_people CHECK (decided_by IS DISTINCT FROM asked_by);
CREATE UNIQUE INDEX discretion_change_one_wish ON discretion_change (squeezed) WHERE state = 'asked';
ALTER TABLE discretion_original ADD CONSTRAINT discretion_original_side CHECK (side IN ('citizen', 'clerk', 'note')
  AND times >= 0);
CREATE INDEX discretion_original_abusive ON discretion_original (at) WHERE times > 0;
"""
BACKWARD = """
DROP INDEX discretion_original_abusive;
ALTER TABLE discretion_original DROP CONSTRAINT discretion_original_side;
DROP INDEX discretion_change_one_wish;
ALTER TABLE discretion_change DROP CONSTRAINT discretion_change_two_people;
ALTER TABLE discretion_change DROP CONSTRAINT discretion_change_whole;
ALTER TABLE discretion_word DROP CONSTRAINT discretion_word_use;
ALTER TABLE discretion_version DROP CONSTRAINT discretion_version_single;
DELETE FROM discretion_version;
"""


class Migration(migrations.Migration):
    dependencies = [("discretion", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
