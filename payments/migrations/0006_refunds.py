"""Refunds by two people: who agreed, what of which bill and line, and every edge they went along."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from kit.ids import new_id

FORWARD = """
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_two_people CHECK (
  approved_by IS DISTINCT FROM requested_by AND (second_by IS NULL OR (
    approved_by IS NOT NULL AND second_by <> requested_by AND second_by <> approved_by)));
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_decided_by_two CHECK (
  reason = 'surplus' OR approved_by IS NOT NULL OR state IN ('asked', 'refused')) NOT VALID;
ALTER TABLE payments_refund_part ADD CONSTRAINT payments_refund_part_amount CHECK (amount_fen > 0);

CREATE OR REPLACE FUNCTION payments_refunded_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint;
BEGIN
  SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  SELECT coalesce(sum(amount_fen), 0) INTO back FROM payments_refund
   WHERE payment_id = NEW.payment_id AND state NOT IN ('closed', 'refused');
  IF back > paid THEN
    RAISE EXCEPTION 'refunds of a payment exceed it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION payments_parts_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint; of_order uuid;
BEGIN
  SELECT r.order_id INTO of_order FROM payments_refund r WHERE r.id = NEW.refund_id;
  SELECT principal_fen + surcharge_fen INTO paid FROM payments_order_bill
   WHERE order_id = of_order AND bill_id = NEW.bill_id;
  SELECT coalesce(sum(p.amount_fen), 0) INTO back FROM payments_refund_part p JOIN payments_refund r ON r.id = p.refund_id
   WHERE r.order_id = of_order AND p.bill_id = NEW.bill_id AND r.state NOT IN ('closed', 'refused');
  IF paid IS NULL OR back > paid THEN
    RAISE EXCEPTION 'refunds of a bill exceed what was paid of it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_parts_within_paid AFTER INSERT ON payments_refund_part
  FOR EACH ROW EXECUTE FUNCTION payments_parts_within_paid();

CREATE FUNCTION payments_refund_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.number, NEW.payment_id, NEW.order_id, NEW.amount_fen, NEW.reason, NEW.requested_by)
     IS DISTINCT FROM (OLD.number, OLD.payment_id, OLD.order_id, OLD.amount_fen, OLD.reason, OLD.requested_by) THEN
    RAISE EXCEPTION 'what a refund asked for is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_refund_keeps_its_terms BEFORE UPDATE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_refund_keeps_its_terms();
CREATE TRIGGER payments_refund_part_append_only BEFORE UPDATE OR DELETE ON payments_refund_part
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_refund_change_append_only BEFORE UPDATE OR DELETE ON payments_refund_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE INDEX payments_refund_asked ON payments_refund (requested_at) WHERE state = 'asked';
"""
BACKWARD = """
DROP INDEX payments_refund_asked;
DROP TRIGGER payments_refund_change_append_only ON payments_refund_change;
DROP TRIGGER payments_refund_part_append_only ON payments_refund_part;
DROP FUNCTION payments_refund_keeps_its_terms CASCADE;
DROP FUNCTION payments_parts_within_paid CASCADE;
ALTER TABLE payments_refund DROP CONSTRAINT payments_refund_two_people, DROP CONSTRAINT payments_refund_decided_by_two;
"""


def _refund(name: str, field: fields.Field) -> ops.AddField:
    return ops.AddField(model_name="Refund", name=name, field=field)


def _ref(to: str, name: str, back: str) -> fields.Field:
    return fields.ForeignKeyField(
        to, source_field=name, db_index=True, db_constraint=True, to_field="id", related_name=back,
        on_delete=OnDelete.CASCADE,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_orders")]
    operations = [
        _refund("note", fields.CharField(max_length=300, default="", db_default="")),
        _refund("route", fields.CharField(max_length=16, default="channel", db_default="channel")),
        _refund("approved_at", fields.DatetimeField(null=True)),
        _refund("second_by", fields.CharField(max_length=80, null=True)),
        _refund("second_at", fields.DatetimeField(null=True)),
        _refund("refusal", fields.CharField(max_length=300, null=True)),
        _refund("submitted_at", fields.DatetimeField(null=True, db_index=True)),
        _refund("expected_by", fields.DateField(null=True)),
        _refund("voucher", fields.CharField(max_length=64, null=True)),
        _refund("bookings", fields.IntField(default=0, db_default=0)),
        _refund("set_aside", fields.BooleanField(default=False, db_default=False)),
        ops.CreateModel(
            name="RefundPart",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("refund", _ref("payments.Refund", "refund_id", "parts")),
                ("bill", _ref("payments.Bill", "bill_id", "refund_parts")),
                ("line", fields.CharField(max_length=16, default="", db_default="")),
                ("amount_fen", fields.BigIntField()),
            ],
            options={
                "table": "payments_refund_part", "app": "payments", "pk_attr": "id",
                "unique_together": (("refund", "bill", "line"),),
                "table_description": (
                    "What of a bill goes back. `line`: the place of a line, `surcharge`, or empty for the bill as a whole."
                ),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefundChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("refund", _ref("payments.Refund", "refund_id", "changes")),
                ("at", fields.DatetimeField()),
                ("from_state", fields.CharField(max_length=16)),
                ("to_state", fields.CharField(max_length=16)),
                ("who", fields.CharField(max_length=80)),
                ("why", fields.CharField(max_length=120)),
            ],
            options={"table": "payments_refund_change", "app": "payments", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
