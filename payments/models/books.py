"""The ledger: entries and postings, only ever added."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


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
