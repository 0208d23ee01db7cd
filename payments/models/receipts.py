"""财政电子票据 of what was paid, and the red-letter receipts that take them back."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.bills import Bill
from payments.models.orders import Order


class Receipt(Model):
    """
    财政电子票据: 8-digit code, 10-digit number, 6-character check code; a snapshot of what was paid.

    A red-letter receipt (冲红) has a negative amount and `reverses` a blue one; what remains paid gets a new blue
    receipt that `replaces` it. Without a number it waits for an outside platform to give one.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=8, null=True)
    number = fields.CharField(max_length=10, null=True)
    check_code = fields.CharField(max_length=6, null=True)
    verify_code = fields.CharField(max_length=32, unique=True)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField(
        "payments.Bill", related_name="receipts", db_index=True
    )
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "payments.Order", related_name="receipts", db_index=True
    )
    amount_fen = fields.BigIntField()
    lines: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    issuer = fields.CharField(max_length=120)
    status = fields.CharField(max_length=16)  # issued | reversed | red
    issued_at = fields.DatetimeField()
    through = fields.CharField(max_length=16, default="own", db_default="own")  # the ReceiptIssuer that numbers it
    reverses = fields.UUIDField(null=True, unique=True)  # of a red one: the blue receipt it takes back
    replaces = fields.UUIDField(null=True, unique=True)  # of a blue one: the receipt whose remainder it is
    refund = fields.UUIDField(null=True, db_index=True)  # of both: the refund they are for
    reversed_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0, db_default=0)
    next_try_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_receipt"
        unique_together = (("code", "number"),)
