"""Money on its way back: who asked, who agreed, what of which bill it is, and every edge it went along."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.bills import Bill
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
    reason = fields.CharField(max_length=16)  # a RefundReason
    note = fields.CharField(max_length=300, default="", db_default="")  # of who asks, for who decides
    route = fields.CharField(max_length=16, default="channel", db_default="channel")  # a RefundRoute
    state = fields.CharField(max_length=16)
    requested_by = fields.CharField(max_length=80)
    approved_by = fields.CharField(max_length=80, null=True)  # a second person; the rules themselves need none
    approved_at = fields.DatetimeField(null=True)
    second_by = fields.CharField(max_length=80, null=True)  # a third person, above the limit
    second_at = fields.DatetimeField(null=True)
    refusal = fields.CharField(max_length=300, null=True)  # why the approver said no
    requested_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True, db_index=True)  # when the channel was last asked for it
    expected_by = fields.DateField(null=True)  # what the citizen is told
    accepted_at = fields.DatetimeField(null=True, db_index=True)  # the channel's time, decides the bill day
    finished_at = fields.DatetimeField(null=True)
    channel_refund_id = fields.CharField(max_length=64, null=True)
    voucher = fields.CharField(max_length=64, null=True)  # number of the treasury's or the counter's paper
    bookings = fields.IntField(default=0, db_default=0)  # how often its amount was set aside in the books
    set_aside = fields.BooleanField(default=False, db_default=False)  # whether it is now
    checks = fields.IntField(default=0)
    next_check_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_refund"


class RefundPart(Model):
    """What of a bill goes back. `line`: the place of a line, `surcharge`, or empty for the bill as a whole."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "payments.Refund", related_name="parts", db_index=True
    )
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField(
        "payments.Bill", related_name="refund_parts", db_index=True
    )
    line = fields.CharField(max_length=16, default="", db_default="")
    amount_fen = fields.BigIntField()

    class Meta:
        table = "payments_refund_part"
        unique_together = (("refund", "bill", "line"),)


class RefundChange(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "payments.Refund", related_name="changes", db_index=True
    )
    at = fields.DatetimeField()
    from_state = fields.CharField(max_length=16)
    to_state = fields.CharField(max_length=16)
    who = fields.CharField(max_length=80)
    why = fields.CharField(max_length=120)

    class Meta:
        table = "payments_refund_change"
