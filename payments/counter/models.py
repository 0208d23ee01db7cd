"""Shifts at windows, what was taken in them, what was paid out again, and what was brought to the bank."""

from tortoise import fields
from tortoise.models import Model

from auth.models import Department, StaffMember
from kit.ids import new_id
from payments.models.orders import Order


class Shift(Model):
    """One cashier at one window. The drawer starts with a float and ends counted, before a second person."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cashier: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "auth.Department", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    window = fields.CharField(max_length=40)
    state = fields.CharField(max_length=16)
    float_fen = fields.BigIntField()
    opened_at = fields.DatetimeField()
    expected_fen = fields.BigIntField(null=True)  # cash that should lie in the drawer, when it was counted
    counted_fen = fields.BigIntField(null=True)
    difference_note = fields.CharField(max_length=300, default="")
    counted_at = fields.DatetimeField(null=True)
    confirmed_by = fields.UUIDField(null=True)
    confirmed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "counter_shift"


class Taking(Model):
    """Money handed over at a window for one order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    shift: fields.ForeignKeyRelation[Shift] = fields.ForeignKeyField(
        "counter.Shift", related_name="takings", db_index=True, on_delete=fields.RESTRICT
    )
    order: fields.OneToOneRelation[Order] = fields.OneToOneField(
        "payments.Order", related_name=False, on_delete=fields.RESTRICT
    )
    means = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    tendered_fen = fields.BigIntField(null=True)  # cash: what was handed over, the rest is change
    bank = fields.CharField(max_length=60, default="")  # the cheque's bank, the card terminal
    reference = fields.CharField(max_length=40, default="")  # the cheque's number, the card slip's
    taken_at = fields.DatetimeField()
    taken_by = fields.UUIDField()
    decided_by = fields.UUIDField(null=True)  # who noted what the bank said of the cheque
    decided_at = fields.DatetimeField(null=True)
    bounce_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "counter_taking"


class Payout(Model):
    """Cash given back from a drawer for a refund two people had decided."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    shift: fields.ForeignKeyRelation[Shift] = fields.ForeignKeyField(
        "counter.Shift", related_name="payouts", db_index=True, on_delete=fields.RESTRICT
    )
    refund = fields.UUIDField(unique=True)
    amount_fen = fields.BigIntField()
    voucher = fields.CharField(max_length=40)
    paid_at = fields.DatetimeField()
    paid_by = fields.UUIDField()

    class Meta:
        table = "counter_payout"


class Deposit(Model):
    """What a shift brought to the bank, or the bank credited for its card slips."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    shift: fields.ForeignKeyRelation[Shift] = fields.ForeignKeyField(
        "counter.Shift", related_name="deposits", db_index=True, on_delete=fields.RESTRICT
    )
    means = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    slip = fields.CharField(max_length=40, unique=True)
    deposited_on = fields.DateField()
    entered_by = fields.UUIDField()
    entered_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    refusal = fields.CharField(max_length=200, default="")

    class Meta:
        table = "counter_deposit"
