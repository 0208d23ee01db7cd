"""What may lawfully change of a bill: terms of its surcharge, waivers, a moved day, the instalment payable now."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

FORWARD = """
UPDATE payments_bill SET surcharge_terms = jsonb_build_object(
  'code', 'penalty_law_72', 'since', '2021-07-15', 'per_myriad_a_day', 300, 'cap_per_cent', 100,
  'name', jsonb_build_object('zh', '每日按罚款数额的百分之三加处罚款', 'en', '3 % of the fine for every day overdue'),
  'basis', jsonb_build_object('zh', '《中华人民共和国行政处罚法》第七十二条：加处罚款的数额不得超出罚款的数额',
    'en', 'Administrative Penalty Law art. 72: the surcharge never exceeds the fine'))
  WHERE surcharge_rule = 'penalty_law_72';
ALTER TABLE payments_bill
  ADD CONSTRAINT payments_bill_waived CHECK (
    waived_principal_fen BETWEEN 0 AND principal_fen AND waived_surcharge_fen >= 0),
  ADD CONSTRAINT payments_bill_part CHECK (
    (part_place IS NULL AND part_principal_fen IS NULL AND part_surcharge_fen IS NULL)
    OR (part_place > 0 AND part_principal_fen >= 0 AND part_surcharge_fen >= 0
        AND part_principal_fen + part_surcharge_fen > 0));
DROP INDEX payments_one_issued_receipt_a_bill;
CREATE UNIQUE INDEX payments_one_issued_receipt_a_payment_of_a_bill ON payments_receipt (bill_id, order_id)
  WHERE status = 'issued';
CREATE INDEX payments_bill_unpaid_due ON payments_bill (due_on) WHERE state = 'unpaid';
CREATE INDEX payments_bill_department_issued ON payments_bill (department_id, issued_at DESC);
"""
BACKWARD = """
DROP INDEX payments_bill_department_issued, payments_bill_unpaid_due, payments_one_issued_receipt_a_payment_of_a_bill;
CREATE UNIQUE INDEX payments_one_issued_receipt_a_bill ON payments_receipt (bill_id) WHERE status = 'issued';
ALTER TABLE payments_bill DROP CONSTRAINT payments_bill_part, DROP CONSTRAINT payments_bill_waived;
"""


def _bill(name: str, field: fields.Field) -> ops.AddField:
    return ops.AddField(model_name="Bill", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_guards")]
    operations = [
        _bill("surcharge_terms", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
        _bill("first_due_on", fields.DateField(null=True)),
        _bill("waived_principal_fen", fields.BigIntField(default=0, db_default=0)),
        _bill("waived_surcharge_fen", fields.BigIntField(default=0, db_default=0)),
        _bill("part_place", fields.IntField(null=True)),
        _bill("part_principal_fen", fields.BigIntField(null=True)),
        _bill("part_surcharge_fen", fields.BigIntField(null=True)),
        _bill("replaces", fields.UUIDField(null=True, unique=True)),
        ops.RunSQL(FORWARD, BACKWARD),
    ]
