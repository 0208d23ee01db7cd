"""
What models cannot say: of one key only one outcome stands, and the conversations that talk of a thing are found by
their cards, also when there are many millions of messages: the index holds the cards alone.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE UNIQUE INDEX consulting_one_stands ON consulting_outcome (key) WHERE state IN ('proposed', 'made');
ALTER TABLE consulting_outcome
  ADD CONSTRAINT consulting_states CHECK (state IN ('proposed', 'made', 'declined', 'undone')),
  ADD CONSTRAINT consulting_kinds CHECK (kind IN ('application', 'bill', 'order')),
  ADD CONSTRAINT consulting_made_has_ref CHECK ((ref IS NOT NULL) = (state IN ('made', 'undone'))),
  ADD CONSTRAINT consulting_two_people CHECK (decided_by IS NULL OR decided_by <> made_by);
CREATE INDEX consulting_cards ON chat_message ((body->>'ref')) WHERE kind = 'card';
"""
BACKWARD = """
DROP INDEX consulting_cards;
DROP INDEX consulting_one_stands;
"""


class Migration(migrations.Migration):
    dependencies = [("consulting", "0001_initial"), ("chat", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
