"""The channels' bills, their rows, and what they say differently from our books."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


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
    A row of a bill that is not simply right: unmatched, differing, repeated, a refund, or one that could not be taken.
    What is right to the letter stands in the file and in our payments, and nowhere a third time.

    `kind` payment, refund, movement (of the fund bill; `state` says what it is, `number` whose) or malformed (then only
    `content` counts, and `line`, which is 0 of other rows of a trade bill).
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
    fund_statement: fields.ForeignKeyNullableRelation[StatementFile] = fields.ForeignKeyField(
        "payments.StatementFile", related_name=False, null=True
    )
    fund = fields.CharField(max_length=40, null=True)  # agrees | differs | why it could not be laid beside the others
    digest = fields.CharField(max_length=64, null=True)  # SHA-256 of all that was found; the same inputs, the same one
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
    fund_fen = fields.BigIntField(null=True)  # what really moved, where the fund bill is there to say
    expected_by = fields.DateField(null=True)
    state = fields.CharField(max_length=16)
    found_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payments_difference"
        unique_together = (("run", "kind", "reference"),)
