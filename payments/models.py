"""
Bills, attempts to pay them, the money that came, and what the channels say about it.

A bill is what somebody owes; an order is one attempt to pay bills; a payment is money a channel says it took. They are
three things, so that a second attempt or a second payment never becomes a second debt.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from auth.models import Citizen, Department
from kit.ids import new_id

Words = dict[str, str | None]  # {"zh": …, "en": …}


class Bill(Model):
    """缴款书: principal and lines never change after issue; what is due today is computed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    payment_code = fields.CharField(max_length=32, unique=True)
    kind = fields.CharField(max_length=32)  # traffic_fine | tuition | social_insurance | exam_fee | …
    title: fields.Field[Words] = fields.JSONField()
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "auth.Department", related_name=False, db_index=True
    )
    department_id: str
    income_item_code = fields.CharField(max_length=32)
    income_item_name: fields.Field[Words] = fields.JSONField()
    legal_basis: fields.Field[Words] = fields.JSONField()
    note: fields.Field[Words | None] = fields.JSONField(null=True)
    payer_name_sealed = fields.BinaryField()
    payer_id_number_index = fields.CharField(max_length=64, null=True, db_index=True)
    payer_phone_index = fields.CharField(max_length=64, null=True, db_index=True)
    principal_fen = fields.BigIntField()
    received_on = fields.DateField(null=True)  # when the payer received the decision
    due_on = fields.DateField()
    surcharge_rule = fields.CharField(max_length=32, default="")
    stays: fields.Field[list[list[str]]] = fields.JSONField(default=list)  # [["2026-01-02", "2026-01-09"], …]
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)  # grows with every lawful change of what is owed
    paid_fen = fields.BigIntField(default=0)
    paid_at = fields.DatetimeField(null=True)
    issued_at = fields.DatetimeField()
    digest = fields.CharField(max_length=64)  # of what was issued: an import twice is told from an import of another

    class Meta:
        table = "payments_bill"


class BillLine(Model):
    """One part of the principal, with the sentence that explains it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bill: fields.ForeignKeyRelation[Bill] = fields.ForeignKeyField("payments.Bill", related_name="lines", db_index=True)
    place = fields.IntField()
    name: fields.Field[Words] = fields.JSONField()
    amount_fen = fields.BigIntField()
    basis: fields.Field[Words] = fields.JSONField()
    explanation: fields.Field[Words] = fields.JSONField()

    class Meta:
        table = "payments_bill_line"
        unique_together = (("bill", "place"),)


class Order(Model):
    """One attempt: an amount, a channel, a number the channel knows it by."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=32, unique=True)
    channel = fields.CharField(max_length=16)
    scene = fields.CharField(max_length=16)  # miniapp | qr
    state = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    citizen: fields.ForeignKeyRelation[Citizen] = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True
    )
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


class Notice(Model):
    """What a channel told us, exactly as it came, before anybody believed it."""

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
    learned_by = fields.CharField(max_length=16)  # notice | query

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


class LedgerEntry(Model):
    """One happening in the books; its postings sum to zero. Never changed, only countered."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    at = fields.DatetimeField(db_index=True)
    kind = fields.CharField(max_length=32)
    reference = fields.CharField(max_length=64)

    class Meta:
        table = "payments_ledger_entry"
        unique_together = (("kind", "reference"),)


class Posting(Model):
    """Debit positive, credit negative, in fen."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry: fields.ForeignKeyRelation[LedgerEntry] = fields.ForeignKeyField(
        "payments.LedgerEntry", related_name="postings", db_index=True
    )
    account = fields.CharField(max_length=96, db_index=True)
    amount_fen = fields.BigIntField()

    class Meta:
        table = "payments_posting"


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


class StatementFile(Model):
    """A channel's bill as it came, with the hashes of its uncompressed bytes."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel = fields.CharField(max_length=16)
    day = fields.DateField()
    kind = fields.CharField(max_length=16)  # trade | fund
    sha1 = fields.CharField(max_length=40)
    size = fields.BigIntField()
    stored_as = fields.CharField(max_length=200)
    fetched_at = fields.DatetimeField()
    rows = fields.IntField(null=True)  # null until every row is in
    totals: fields.Field[dict[str, int]] = fields.JSONField(default=dict)

    class Meta:
        table = "payments_statement_file"
        unique_together = (("channel", "day", "kind", "sha1"),)


class StatementRow(Model):
    """
    One row of a trade bill. `kind` payment, refund or malformed (then only `content` counts). A statement's rows lie
    together, so that a BRIN index finds them; a million rows a day carry no other, and no look-up of the file for each.
    """

    id = fields.BigIntField(primary_key=True)
    statement: fields.ForeignKeyRelation[StatementFile] = fields.ForeignKeyField(
        "payments.StatementFile", related_name="lines", db_constraint=False
    )
    line = fields.IntField()
    kind = fields.CharField(max_length=16)
    at = fields.DatetimeField(null=True)
    number = fields.CharField(max_length=64, default="")
    transaction_id = fields.CharField(max_length=64, default="")
    refund_number = fields.CharField(max_length=64, default="")
    state = fields.CharField(max_length=32, default="")
    amount_fen = fields.BigIntField(default=0)
    fee_millifen = fields.BigIntField(default=0)  # bills print fees with five decimals of a yuan
    rate = fields.CharField(max_length=16, default="")
    content = fields.TextField(default="")

    class Meta:
        table = "payments_statement_row"


class ReconciliationRun(Model):
    """One channel's day. Running it again raises `attempt` and ends in the same state."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    channel = fields.CharField(max_length=16)
    day = fields.DateField()
    state = fields.CharField(max_length=16)
    attempt = fields.IntField(default=1)
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    statement: fields.ForeignKeyNullableRelation[StatementFile] = fields.ForeignKeyField(
        "payments.StatementFile", related_name=False, null=True
    )
    matched = fields.IntField(default=0)
    totals: fields.Field[dict[str, int]] = fields.JSONField(default=dict)
    failure = fields.CharField(max_length=40, null=True)

    class Meta:
        table = "payments_reconciliation_run"
        unique_together = (("channel", "day"),)


class Difference(Model):
    """Something the channel's bill and our books say differently; found again it is the same row."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    run: fields.ForeignKeyRelation[ReconciliationRun] = fields.ForeignKeyField(
        "payments.ReconciliationRun", related_name="differences", db_index=True
    )
    kind = fields.CharField(max_length=24)
    reference = fields.CharField(max_length=120)
    number = fields.CharField(max_length=64, default="")
    transaction_id = fields.CharField(max_length=64, default="")
    ours_fen = fields.BigIntField(null=True)
    theirs_fen = fields.BigIntField(null=True)
    ours = fields.CharField(max_length=64, default="")
    theirs = fields.CharField(max_length=64, default="")
    expected_by = fields.DateField(null=True)
    state = fields.CharField(max_length=16)
    found_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_difference"
        unique_together = (("run", "kind", "reference"),)
