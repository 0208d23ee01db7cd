"""The fee of a case: one a case, and where it stands."""

from tortoise import fields
from tortoise.models import Model


class CaseFee(Model):
    """What a case costs as its guide publishes it, with the bill it is asked for by."""

    application = fields.UUIDField(primary_key=True)
    bill = fields.UUIDField(unique=True)
    amount_fen = fields.BigIntField()
    state = fields.CharField(max_length=16)
    raised_at = fields.DatetimeField()
    moved_at = fields.DatetimeField()

    class Meta:
        table = "casefees_fee"
