"""What models cannot say: one live order a bill, books that balance and only grow, amounts that cannot be."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE payments_bill
  ADD CONSTRAINT payments_bill_amounts CHECK (principal_fen > 0 AND paid_fen >= 0),
  ADD CONSTRAINT payments_bill_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL));
ALTER TABLE payments_bill_line ADD CONSTRAINT payments_bill_line_amount CHECK (amount_fen > 0);
ALTER TABLE payments_order ADD CONSTRAINT payments_order_amount CHECK (amount_fen > 0);
ALTER TABLE payments_payment ADD CONSTRAINT payments_payment_amount CHECK (amount_fen > 0);
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_amount CHECK (amount_fen > 0);

CREATE UNIQUE INDEX payments_one_holding_order_a_bill ON payments_order_bill (bill_id) WHERE holding;
CREATE UNIQUE INDEX payments_one_settled_payment_an_order ON payments_payment (order_id) WHERE outcome = 'settled';
CREATE UNIQUE INDEX payments_one_surplus_refund_a_payment ON payments_refund (payment_id) WHERE reason = 'surplus';
CREATE UNIQUE INDEX payments_one_issued_receipt_a_bill ON payments_receipt (bill_id) WHERE status = 'issued';
CREATE INDEX payments_order_pending ON payments_order (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_refund_pending ON payments_refund (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_statement_row_statement ON payments_statement_row USING brin (statement_id);
CREATE SEQUENCE payments_receipt_number MAXVALUE 9999999999;

CREATE FUNCTION payments_refunded_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint;
BEGIN
  SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  SELECT coalesce(sum(amount_fen), 0) INTO back FROM payments_refund
   WHERE payment_id = NEW.payment_id AND state <> 'closed';
  IF back > paid THEN
    RAISE EXCEPTION 'refunds of a payment exceed it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_refunded_within_paid AFTER INSERT OR UPDATE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_refunded_within_paid();

CREATE FUNCTION payments_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total bigint; many integer;
BEGIN
  SELECT coalesce(sum(amount_fen), 0), count(*) INTO total, many FROM payments_posting WHERE entry_id = NEW.id;
  IF total <> 0 OR many < 2 THEN
    RAISE EXCEPTION 'a ledger entry sums to % over % postings', total, many USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_entry_balances AFTER INSERT ON payments_ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_entry_balances();

CREATE FUNCTION payments_posting_joins_fresh_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_ledger_entry e WHERE e.id = NEW.entry_id
                 AND e.xmin::text::bigint = (pg_current_xact_id()::text::bigint & 4294967295)) THEN
    RAISE EXCEPTION 'postings are written together with their entry' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_posting_joins_fresh_entry BEFORE INSERT ON payments_posting
  FOR EACH ROW EXECUTE FUNCTION payments_posting_joins_fresh_entry();

CREATE TRIGGER payments_entry_append_only BEFORE UPDATE OR DELETE ON payments_ledger_entry
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_entry_no_truncate BEFORE TRUNCATE ON payments_ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_posting_append_only BEFORE UPDATE OR DELETE ON payments_posting
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_posting_no_truncate BEFORE TRUNCATE ON payments_posting
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_change_append_only BEFORE UPDATE OR DELETE ON payments_order_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER payments_change_append_only ON payments_order_change;
DROP FUNCTION payments_entry_balances CASCADE;
DROP FUNCTION payments_posting_joins_fresh_entry CASCADE;
DROP FUNCTION payments_refunded_within_paid CASCADE;
DROP SEQUENCE payments_receipt_number;
DROP INDEX payments_one_holding_order_a_bill, payments_one_settled_payment_an_order,
  payments_one_surplus_refund_a_payment, payments_one_issued_receipt_a_bill, payments_order_pending, payments_refund_pending,
  payments_statement_row_statement;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
