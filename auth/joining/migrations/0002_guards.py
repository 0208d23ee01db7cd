"""What models cannot say of numbers that move: states, two accounts, and one open question of a number and a taker."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_state
  CHECK (state IN ('asked', 'moved', 'denied', 'undone') AND (state IN ('moved', 'undone')) = (moved_at IS NOT NULL));
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_between_two CHECK (holder <> taker);
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '10 minutes');
ALTER TABLE joining_merge ADD CONSTRAINT joining_merge_of_two CHECK (kept <> merged);
"""
BACKWARD = """
ALTER TABLE joining_merge DROP CONSTRAINT joining_merge_of_two;
ALTER TABLE joining_phone_move DROP CONSTRAINT joining_phone_move_is_short;
ALTER TABLE joining_phone_move DROP CONSTRAINT joining_phone_move_between_two;
ALTER TABLE joining_phone_move DROP CONSTRAINT joining_phone_move_state;
"""


class Migration(migrations.Migration):
    dependencies = [("joining", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
