"""Attempts to pay: orders, what they hold of which bill, and every edge they went along."""

from tortoise import fields
from tortoise.models import Model

from auth.models import Citizen
from kit.ids import new_id
from payments.models.bills import Bill


class Order(Model):
    """One attempt: an amount, a channel, a number the channel knows it by."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=32, unique=True)
    channel = fields.CharField(max_length=16)
    scene = fields.CharField(max_length=16)  # miniapp | qr | window
    state = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    citizen: fields.ForeignKeyNullableRelation[Citizen] = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, null=True
    )  # nobody, when a payer without an account paid at a window
    description = fields.CharField(max_length=120)
    open_id = fields.CharField(max_length=128, default="")  # who may pay it, as the channel knows them
    prepay: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    confirming_since = fields.DatetimeField(null=True)
    checks = fields.IntField(default=0)
    last_check_at = fields.DatetimeField(null=True)
    next_check_at = fields.DatetimeField(null=True)
    transaction_id = fields.CharField(max_length=64, null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_order"

    @property
    def prepay_id(self) -> str | None:
        return (self.prepay or {}).get("prepay_id")

    @property
    def code_url(self) -> str | None:
        return (self.prepay or {}).get("code_url")


class OrderBill(Model):
    """What an order pays of a bill. `holding` rows are unique per bill: one live order, and one that settled."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "payments.Order", related_name="parts", db_index=True
    )
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name="parts", db_index=True)
    principal_fen = fields.BigIntField()
    surcharge_fen = fields.BigIntField()
    bill_version = fields.IntField()
    holding = fields.BooleanField(default=True)

    class Meta:
        table = "payments_order_bill"
        unique_together = (("order", "bill"),)


class OrderChange(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "payments.Order", related_name="changes", db_index=True
    )
    at = fields.DatetimeField()
    from_state = fields.CharField(max_length=16)
    to_state = fields.CharField(max_length=16)
    who = fields.CharField(max_length=80)
    why = fields.CharField(max_length=120)

    class Meta:
        table = "payments_order_change"
