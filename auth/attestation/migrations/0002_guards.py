"""What models cannot say: states, one waiting claim an account; and how those verified before were verified."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE attestation_name_claim ADD CONSTRAINT attestation_name_claim_state
  CHECK (state IN ('waiting', 'accepted', 'refused') AND (state = 'waiting') = (decided_at IS NULL));
CREATE UNIQUE INDEX attestation_one_waiting_claim ON attestation_name_claim (citizen) WHERE state = 'waiting';
ALTER TABLE attestation_face_check ADD CONSTRAINT attestation_face_check_state
  CHECK (state IN ('open', 'passed', 'failed') AND (state = 'open') = (decided_at IS NULL));
INSERT INTO attestation_real_name (citizen, document, by, at)
  SELECT id, 'resident_id', 'register', now() FROM auth_citizen WHERE id_number_index IS NOT NULL;
"""
BACKWARD = """
ALTER TABLE attestation_face_check DROP CONSTRAINT attestation_face_check_state;
DROP INDEX attestation_one_waiting_claim;
ALTER TABLE attestation_name_claim DROP CONSTRAINT attestation_name_claim_state;
"""


class Migration(migrations.Migration):
    dependencies = [("attestation", "0001_initial"), ("auth", "0005_phone_seals")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
