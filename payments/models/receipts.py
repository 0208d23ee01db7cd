"""财政电子票据 of what was paid."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.bills import Bill
from payments.models.orders import Order


class Receipt(Model):
    """财政电子票据: 8-digit code, 10-digit number, 6-character check code; a snapshot of what was paid."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=8)
    number = fields.CharField(max_length=10)
    check_code = fields.CharField(max_length=6)
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
    status = fields.CharField(max_length=16)  # issued | reversed
    issued_at = fields.DatetimeField()

    class Meta:
        table = "payments_receipt"
        unique_together = (("code", "number"),)
