"""What models cannot say of credentials; and a row for every member who has a password already, set as of now."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_way
  CHECK (way IN ('password', 'dingtalk', 'wecom'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_second_factor
  CHECK (second_factor IN ('', 'totp', 'recovery', 'workplace'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_device
  CHECK (device_kind IN ('desktop', 'mobile'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_held_back
  CHECK (held_back IN ('', 'password_change', 'second_factor'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_nobody_is_let_on_without_a_second_factor
  CHECK (held_back <> '' OR second_factor <> '');
INSERT INTO credentials_staff_credential (staff_id, password_set_at, must_change)
  SELECT id, now(), false FROM auth_staff_member WHERE password_hash <> '';
"""
BACKWARD = """
ALTER TABLE credentials_staff_sign_in DROP CONSTRAINT credentials_nobody_is_let_on_without_a_second_factor;
ALTER TABLE credentials_staff_sign_in DROP CONSTRAINT credentials_sign_in_held_back;
ALTER TABLE credentials_staff_sign_in DROP CONSTRAINT credentials_sign_in_device;
ALTER TABLE credentials_staff_sign_in DROP CONSTRAINT credentials_sign_in_second_factor;
ALTER TABLE credentials_staff_sign_in DROP CONSTRAINT credentials_sign_in_way;
"""


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
