"""What models cannot say: rungs and roles outside the known ones do not exist."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE auth_citizen ADD CONSTRAINT auth_citizen_assurance
  CHECK (assurance IN ('platform', 'phone', 'real_name', 'face'));
ALTER TABLE auth_citizen ADD CONSTRAINT auth_citizen_real_name_is_somebody
  CHECK (assurance NOT IN ('real_name', 'face') OR (name_sealed IS NOT NULL AND id_number_index IS NOT NULL));
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_role CHECK (role IN ('owner', 'backup', 'supervisor', 'other'));
ALTER TABLE auth_session ADD CONSTRAINT auth_session_kind CHECK (kind IN ('citizen', 'staff'));
CREATE INDEX auth_refresh_token_current ON auth_refresh_token (session_id) WHERE used_at IS NULL;
"""
BACKWARD = """
DROP INDEX auth_refresh_token_current;
ALTER TABLE auth_session DROP CONSTRAINT auth_session_kind;
ALTER TABLE auth_duty DROP CONSTRAINT auth_duty_role;
ALTER TABLE auth_citizen DROP CONSTRAINT auth_citizen_real_name_is_somebody;
ALTER TABLE auth_citizen DROP CONSTRAINT auth_citizen_assurance;
"""


class Migration(migrations.Migration):
    dependencies = [("auth", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
