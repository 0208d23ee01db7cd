"""What models cannot say of codes: few tries, minutes of life, used after it was sent."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE sms_code ADD CONSTRAINT sms_code_few_tries CHECK (tries BETWEEN 0 AND 5);
ALTER TABLE sms_code ADD CONSTRAINT sms_code_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '5 minutes');
ALTER TABLE sms_code ADD CONSTRAINT sms_code_purpose CHECK (purpose IN ('sign_in', 'step_up', 'phone', 'merge'));
ALTER TABLE sms_code ADD CONSTRAINT sms_code_has_an_owner CHECK ((purpose = 'sign_in') = (owner IS NULL));
"""
BACKWARD = """
ALTER TABLE sms_code DROP CONSTRAINT sms_code_has_an_owner;
ALTER TABLE sms_code DROP CONSTRAINT sms_code_purpose;
ALTER TABLE sms_code DROP CONSTRAINT sms_code_is_short;
ALTER TABLE sms_code DROP CONSTRAINT sms_code_few_tries;
"""


class Migration(migrations.Migration):
    dependencies = [("sms", "0001_initial")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
