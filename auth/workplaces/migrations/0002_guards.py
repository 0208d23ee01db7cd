"""What models cannot say of workplaces: which there are, and what a start must carry for its purpose."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE workplaces_identity ADD CONSTRAINT workplaces_identity_kind CHECK (kind IN ('dingtalk', 'wecom'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_kind CHECK (kind IN ('dingtalk', 'wecom'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_purpose
  CHECK (purpose IN ('sign_in', 'bind', 'second_factor'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_binds_in_a_session
  CHECK ((purpose = 'bind') = (session IS NOT NULL));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_knows_who_lacks_a_code
  CHECK ((purpose = 'second_factor') = (staff IS NOT NULL));
"""
BACKWARD = """
ALTER TABLE workplaces_start DROP CONSTRAINT workplaces_start_knows_who_lacks_a_code;
ALTER TABLE workplaces_start DROP CONSTRAINT workplaces_start_binds_in_a_session;
ALTER TABLE workplaces_start DROP CONSTRAINT workplaces_start_purpose;
ALTER TABLE workplaces_start DROP CONSTRAINT workplaces_start_kind;
ALTER TABLE workplaces_identity DROP CONSTRAINT workplaces_identity_kind;
"""


class Migration(migrations.Migration):
    dependencies = [("workplaces", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
