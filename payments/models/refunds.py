"""Money on its way back."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.orders import Order
from payments.models.takings import Payment


class Refund(Model):
    """Money on its way back. The number goes to the channel and never changes, whatever happens to the call."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=40, unique=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="refunds", db_index=True
    )
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "payments.Order", related_name="refunds", db_index=True
    )
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=16)  # surplus | …
    state = fields.CharField(max_length=16)
    requested_by = fields.CharField(max_length=80)
    approved_by = fields.CharField(max_length=80, null=True)  # a second person; the rules themselves need none
    requested_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True, db_index=True)  # the channel's time, decides the bill day
    finished_at = fields.DatetimeField(null=True)
    channel_refund_id = fields.CharField(max_length=64, null=True)
    checks = fields.IntField(default=0)
    next_check_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_refund"
