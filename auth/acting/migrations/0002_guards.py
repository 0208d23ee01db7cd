"""
What models cannot say of mandates: who must be known in which state, that none is left again, that a firm has one
representative, and a history that only grows.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE acting_mandate
  ADD CONSTRAINT acting_mandate_kind CHECK (kind IN ('representative', 'operator', 'family', 'guardian', 'village')),
  ADD CONSTRAINT acting_mandate_state CHECK (state IN ('asked', 'examining', 'active', 'refused', 'revoked', 'resigned',
    'expired')),
  ADD CONSTRAINT acting_mandate_active_is_between_two CHECK (state NOT IN ('active', 'resigned') OR
    (principal_id IS NOT NULL AND agent_id IS NOT NULL AND principal_id <> agent_id AND decided_at IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_names_somebody CHECK (
    (principal_id IS NOT NULL OR claimed_index IS NOT NULL) AND (agent_id IS NOT NULL OR phone_index IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_reads CHECK (doings ? 'read'),
  ADD CONSTRAINT acting_mandate_ends CHECK (kind = 'representative' OR
    (valid_to IS NOT NULL AND valid_to >= valid_from)),
  ADD CONSTRAINT acting_mandate_operator_two_years CHECK (kind <> 'operator' OR valid_to <= valid_from + 731),
  ADD CONSTRAINT acting_mandate_village_appointed CHECK ((kind = 'village') = (appointment_id IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_firm_only CHECK (NOT manages OR kind IN ('representative', 'operator'));
CREATE UNIQUE INDEX acting_one_representative ON acting_mandate (principal_id)
  WHERE kind = 'representative' AND state = 'active';
CREATE UNIQUE INDEX acting_one_mandate_a_kind ON acting_mandate (agent_id, principal_id, kind) WHERE state = 'active';
CREATE UNIQUE INDEX acting_one_ask_a_kind ON acting_mandate (agent_id, claimed_index, kind)
  WHERE state IN ('asked', 'examining');
CREATE UNIQUE INDEX acting_one_invitation ON acting_mandate (principal_id, phone_index, kind) WHERE state = 'asked';
CREATE INDEX acting_invited ON acting_mandate (phone_index) WHERE state = 'asked';
CREATE INDEX acting_examined ON acting_mandate (department_code, asked_at, id) WHERE state = 'examining';
CREATE UNIQUE INDEX acting_one_appointment ON acting_appointment (agent_id, department_code) WHERE state = 'active';
ALTER TABLE acting_appointment ADD CONSTRAINT acting_appointment_state CHECK (state IN ('active', 'revoked', 'expired'));

CREATE FUNCTION acting_mandate_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
    ('asked', 'active'), ('asked', 'refused'), ('asked', 'examining'), ('asked', 'revoked'), ('asked', 'expired'),
    ('examining', 'active'), ('examining', 'refused'), ('examining', 'revoked'), ('examining', 'expired'),
    ('active', 'revoked'), ('active', 'resigned'), ('active', 'expired')
  )) OR OLD.kind <> NEW.kind OR (OLD.state = 'active' AND (OLD.doings <> NEW.doings
    OR OLD.items IS DISTINCT FROM NEW.items OR OLD.manages <> NEW.manages OR OLD.valid_to IS DISTINCT FROM NEW.valid_to))
  THEN
    RAISE EXCEPTION 'a mandate does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER acting_mandate_moves_on BEFORE UPDATE ON acting_mandate
  FOR EACH ROW EXECUTE FUNCTION acting_mandate_moves_on();
CREATE TRIGGER acting_mandate_change_append_only BEFORE UPDATE OR DELETE ON acting_mandate_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER acting_mandate_change_append_only ON acting_mandate_change;
DROP TRIGGER acting_mandate_moves_on ON acting_mandate;
DROP FUNCTION acting_mandate_moves_on();
ALTER TABLE acting_appointment DROP CONSTRAINT acting_appointment_state;
DROP INDEX acting_one_appointment;
DROP INDEX acting_examined;
DROP INDEX acting_invited;
DROP INDEX acting_one_invitation;
DROP INDEX acting_one_ask_a_kind;
DROP INDEX acting_one_mandate_a_kind;
DROP INDEX acting_one_representative;
ALTER TABLE acting_mandate DROP CONSTRAINT acting_mandate_kind, DROP CONSTRAINT acting_mandate_state,
  DROP CONSTRAINT acting_mandate_active_is_between_two, DROP CONSTRAINT acting_mandate_names_somebody,
  DROP CONSTRAINT acting_mandate_reads, DROP CONSTRAINT acting_mandate_ends,
  DROP CONSTRAINT acting_mandate_operator_two_years, DROP CONSTRAINT acting_mandate_village_appointed,
  DROP CONSTRAINT acting_mandate_firm_only;
"""


class Migration(migrations.Migration):
    dependencies = [("acting", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
