"""What models cannot say: one open shift a cashier, one slip once, and two people for what is confirmed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE counter_shift
  ADD CONSTRAINT counter_shift_amounts CHECK (float_fen >= 0 AND (counted_fen IS NULL OR counted_fen >= 0)),
  ADD CONSTRAINT counter_shift_counted CHECK (
    (state = 'open') = (counted_at IS NULL) AND (counted_at IS NULL) = (counted_fen IS NULL)
    AND (counted_at IS NULL) = (expected_fen IS NULL)),
  ADD CONSTRAINT counter_shift_difference CHECK (
    counted_fen IS NOT DISTINCT FROM expected_fen OR difference_note <> ''),
  ADD CONSTRAINT counter_shift_two_people CHECK (
    (state = 'confirmed') = (confirmed_by IS NOT NULL) AND confirmed_by IS DISTINCT FROM cashier_id);
CREATE UNIQUE INDEX counter_one_open_shift_a_cashier ON counter_shift (cashier_id) WHERE state = 'open';
ALTER TABLE counter_taking
  ADD CONSTRAINT counter_taking_amounts CHECK (
    amount_fen > 0 AND (means = 'cash') = (tendered_fen IS NOT NULL)
    AND (tendered_fen IS NULL OR tendered_fen >= amount_fen)),
  ADD CONSTRAINT counter_taking_slip CHECK (means = 'cash' OR (reference <> '' AND bank <> '')),
  ADD CONSTRAINT counter_taking_cheque CHECK (state = 'taken' OR means = 'cheque'),
  ADD CONSTRAINT counter_taking_decided CHECK (
    (decided_by IS NOT NULL) = (means = 'cheque' AND state <> 'clearing') AND decided_by IS DISTINCT FROM taken_by);
CREATE UNIQUE INDEX counter_one_slip_once ON counter_taking (means, bank, reference)
  WHERE reference <> '' AND state <> 'bounced';
ALTER TABLE counter_payout ADD CONSTRAINT counter_payout_amount CHECK (amount_fen > 0);
ALTER TABLE counter_deposit
  ADD CONSTRAINT counter_deposit_amount CHECK (amount_fen > 0),
  ADD CONSTRAINT counter_deposit_two_people CHECK (
    (state = 'entered') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM entered_by);
CREATE FUNCTION counter_decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.amount_fen <> NEW.amount_fen OR OLD.state NOT IN ('clearing', 'entered') THEN
    RAISE EXCEPTION 'what was taken or brought to the bank stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER counter_taking_stays BEFORE UPDATE OR DELETE ON counter_taking
  FOR EACH ROW EXECUTE FUNCTION counter_decided_stays();
CREATE TRIGGER counter_deposit_stays BEFORE UPDATE OR DELETE ON counter_deposit
  FOR EACH ROW EXECUTE FUNCTION counter_decided_stays();
CREATE TRIGGER counter_payout_append_only BEFORE UPDATE OR DELETE ON counter_payout
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP FUNCTION counter_decided_stays CASCADE;
DROP TRIGGER counter_payout_append_only ON counter_payout;
DROP INDEX counter_one_slip_once, counter_one_open_shift_a_cashier;
"""


class Migration(migrations.Migration):
    dependencies = [("counter", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
