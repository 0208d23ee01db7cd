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
