"""What changes of a bill by law: rules and fees by the day they hold from, amendments of two people, instalments."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from auth.models import Department
from kit.ids import new_id
from payments.models.bills import Bill
from payments.models.words import Words


class SurchargeRule(Model):
    """One version of a rule: it holds from `since` until a later version does. Never changed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=32)
    since = fields.DateField()
    per_myriad_a_day = fields.IntField()  # 300 is 3 % of the principal for every day
    cap_per_cent = fields.IntField(null=True)  # of the principal; null: the law knows no limit
    name: fields.Field[Words] = fields.JSONField()
    basis: fields.Field[Words] = fields.JSONField()

    class Meta:
        table = "dues_surcharge_rule"
        unique_together = (("code", "since"),)


class Fee(Model):
    """One version of what a department charges for something, a piece. Never changed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "auth.Department", related_name=False, db_index=True
    )
    code = fields.CharField(max_length=32)
    since = fields.DateField()
    amount_fen = fields.BigIntField(null=True)  # null: no longer charged from that day on
    unit: fields.Field[Words] = fields.JSONField()
    name: fields.Field[Words] = fields.JSONField()
    basis: fields.Field[Words] = fields.JSONField()
    income_item_code = fields.CharField(max_length=32)
    income_item_name: fields.Field[Words] = fields.JSONField()
    set_by = fields.CharField(max_length=80)
    set_at = fields.DatetimeField()

    class Meta:
        table = "dues_fee"
        unique_together = (("department", "code", "since"),)


class Amendment(Model):
    """
    A lawful change of one bill: asked for by its payer or a clerk, proposed with its terms by one staff member and
    decided by another.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name=False, db_index=True)
    kind = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    asked_by = fields.CharField(max_length=80)  # citizen:… or staff:…
    citizen = fields.UUIDField(null=True, db_index=True)  # who asked, when a citizen did
    asked_at = fields.DatetimeField()
    reason_sealed = fields.BinaryField()  # why, in the words of whoever asked: people write of illness and debts
    wish: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    terms: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    basis = fields.CharField(max_length=300, default="")
    proposed_by = fields.UUIDField(null=True)
    proposed_at = fields.DatetimeField(null=True)
    bill_version = fields.IntField(null=True)  # of the bill as the proposer saw it
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_sealed = fields.BinaryField(null=True)  # why it was refused

    class Meta:
        table = "dues_amendment"


class PlanPart(Model):
    """One instalment of a bill's plan. They are payable one at a time, in order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name=False, db_index=True)
    amendment: fields.ForeignKeyRelation[Amendment] = fields.ForeignKeyField(
        "dues.Amendment", related_name="parts", db_index=True
    )
    place = fields.IntField()
    principal_fen = fields.BigIntField()
    surcharge_fen = fields.BigIntField()
    due_on = fields.DateField()
    paid_by_order = fields.UUIDField(null=True, unique=True)
    paid_fen = fields.BigIntField(null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        table = "dues_plan_part"
        unique_together = (("bill", "place"),)


class Reminder(Model):
    """That a payer was reminded of a day: once an occasion."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name=False, db_index=True)
    occasion = fields.CharField(max_length=16)
    due_on = fields.DateField()
    at = fields.DatetimeField()

    class Meta:
        table = "dues_reminder"
        unique_together = (("bill", "occasion", "due_on"),)
