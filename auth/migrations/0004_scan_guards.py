"""What models cannot say of a scan: which states there are, who must be known in them, and that none is left again."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_purpose CHECK (purpose IN ('sign_in', 'bind'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_state
  CHECK (state IN ('new', 'scanned', 'confirmed', 'consumed', 'refused'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_scanned_by_somebody CHECK ((state = 'new') = (citizen IS NULL));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_confirmed_in_a_session
  CHECK (state NOT IN ('confirmed', 'consumed') OR citizen_session IS NOT NULL);
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_session_is_of_a_consumed_sign_in
  CHECK ((session IS NOT NULL) = (state = 'consumed' AND purpose = 'sign_in'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_binds_an_account
  CHECK ((purpose = 'bind') = (account IS NOT NULL AND account_session IS NOT NULL));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '120 seconds');

CREATE FUNCTION auth_scan_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('new', 'scanned'), ('scanned', 'confirmed'), ('scanned', 'refused'), ('confirmed', 'consumed'),
    ('confirmed', 'refused')
  ) OR (OLD.citizen IS NOT NULL AND OLD.citizen IS DISTINCT FROM NEW.citizen)
    OR OLD.secret_digest <> NEW.secret_digest OR OLD.expires_at <> NEW.expires_at
  THEN
    RAISE EXCEPTION 'a scan does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER auth_scan_moves_on BEFORE UPDATE ON auth_scan FOR EACH ROW EXECUTE FUNCTION auth_scan_moves_on();
"""
BACKWARD = """
DROP TRIGGER auth_scan_moves_on ON auth_scan;
DROP FUNCTION auth_scan_moves_on();
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_is_short;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_binds_an_account;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_session_is_of_a_consumed_sign_in;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_confirmed_in_a_session;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_scanned_by_somebody;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_state;
ALTER TABLE auth_scan DROP CONSTRAINT auth_scan_purpose;
"""


class Migration(migrations.Migration):
    dependencies = [("auth", "0003_scans")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
