"""Receipts that take receipts back, and receipts an outside platform numbers; nobody edits either afterwards."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE payments_receipt
  ADD CONSTRAINT payments_receipt_reverses FOREIGN KEY (reverses) REFERENCES payments_receipt (id),
  ADD CONSTRAINT payments_receipt_replaces FOREIGN KEY (replaces) REFERENCES payments_receipt (id),
  ADD CONSTRAINT payments_receipt_red CHECK (
    amount_fen <> 0 AND (amount_fen < 0) = (reverses IS NOT NULL) AND (amount_fen < 0) = (status = 'red')),
  ADD CONSTRAINT payments_receipt_reversed CHECK ((status = 'reversed') = (reversed_at IS NOT NULL)),
  ADD CONSTRAINT payments_receipt_numbered CHECK (
    (code IS NULL) = (number IS NULL) AND (code IS NULL) = (check_code IS NULL)
    AND (number IS NOT NULL OR through <> 'own'));
CREATE UNIQUE INDEX payments_one_red_receipt_a_refund ON payments_receipt (bill_id, order_id, refund)
  WHERE status = 'red';
CREATE INDEX payments_receipt_unnumbered ON payments_receipt (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE FUNCTION payments_receipt_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status = 'reversed' AND NEW.status <> 'reversed' OR
     (NEW.amount_fen, NEW.lines, NEW.bill_id, NEW.order_id, NEW.verify_code, NEW.reverses, NEW.replaces, NEW.refund,
      NEW.issuer, NEW.issued_at, coalesce(OLD.code, NEW.code), coalesce(OLD.number, NEW.number),
      coalesce(OLD.check_code, NEW.check_code))
     IS DISTINCT FROM
     (OLD.amount_fen, OLD.lines, OLD.bill_id, OLD.order_id, OLD.verify_code, OLD.reverses, OLD.replaces, OLD.refund,
      OLD.issuer, OLD.issued_at, NEW.code, NEW.number, NEW.check_code) THEN
    RAISE EXCEPTION 'a receipt is reversed, never edited' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_receipt_keeps_its_word BEFORE UPDATE OR DELETE ON payments_receipt
  FOR EACH ROW EXECUTE FUNCTION payments_receipt_keeps_its_word();
"""
BACKWARD = """
DROP FUNCTION payments_receipt_keeps_its_word CASCADE;
DROP INDEX payments_one_red_receipt_a_refund, payments_receipt_unnumbered;
ALTER TABLE payments_receipt DROP CONSTRAINT payments_receipt_reverses, DROP CONSTRAINT payments_receipt_replaces,
  DROP CONSTRAINT payments_receipt_red, DROP CONSTRAINT payments_receipt_reversed,
  DROP CONSTRAINT payments_receipt_numbered;
"""


def _receipt(name: str, field: fields.Field) -> ops.AddField:
    return ops.AddField(model_name="Receipt", name=name, field=field)


def _nullable(name: str, length: int) -> ops.AlterField:
    return ops.AlterField(model_name="Receipt", name=name, field=fields.CharField(null=True, max_length=length))


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_bills")]
    operations = [
        _nullable("code", 8),
        _nullable("number", 10),
        _nullable("check_code", 6),
        _receipt("through", fields.CharField(max_length=16, default="own", db_default="own")),
        _receipt("reverses", fields.UUIDField(null=True, unique=True)),
        _receipt("replaces", fields.UUIDField(null=True, unique=True)),
        _receipt("refund", fields.UUIDField(null=True, db_index=True)),
        _receipt("reversed_at", fields.DatetimeField(null=True)),
        _receipt("tries", fields.IntField(default=0, db_default=0)),
        _receipt("next_try_at", fields.DatetimeField(null=True)),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
