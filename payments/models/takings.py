"""What channels told us and what money came of it; what rules must not decide alone."""

from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.orders import Order


class Notice(Model):
    """What a channel told us, exactly as it came, before anybody believed it. Sealed: Alipay names its buyer."""

    sealed: ClassVar[dict[str, tuple[str, ...]]] = {"content": ("id",)}

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel = fields.CharField(max_length=16)
    sender_id = fields.CharField(max_length=128)
    event = fields.CharField(max_length=64)
    content = fields.BinaryField()
    state = fields.CharField(max_length=16)
    deliveries = fields.IntField(default=1)
    received_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_notice"
        unique_together = (("channel", "sender_id"),)


class Payment(Model):
    """Money a channel took for an order. `outcome`: settled, surplus (goes back) or disputed (finance decides)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel = fields.CharField(max_length=16)
    transaction_id = fields.CharField(max_length=64)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "payments.Order", related_name="payments", db_index=True
    )
    number = fields.CharField(max_length=32, db_index=True)
    amount_fen = fields.BigIntField()
    outcome = fields.CharField(max_length=16)
    paid_at = fields.DatetimeField(db_index=True)  # the channel's success time
    learned_at = fields.DatetimeField()
    learned_by = fields.CharField(max_length=16)  # notice | query | counter

    class Meta:
        table = "payments_payment"
        unique_together = (("channel", "transaction_id"),)


class PaymentException(Model):
    """Something about money that rules must not decide alone."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=32)
    channel = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=128)
    detail: fields.Field[dict[str, Any]] = fields.JSONField()
    opened_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_exception"
        unique_together = (("kind", "channel", "reference"),)
