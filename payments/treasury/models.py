"""Rules of sharing by day of effect, what was handed on, and seals of the books."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.words import Words


class SharingRule(Model):
    """
    Which treasuries share an income item of a body from a day on, and by which special account (财政专户) it goes.

    Only ever added: a later day of effect supersedes. `income_item_code` is empty for whatever has no rule of its own.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    department_id = fields.CharField(max_length=32, db_index=True)
    income_item_code = fields.CharField(max_length=32, default="", db_default="")
    effective_on = fields.DateField()
    shares: fields.Field[list[dict[str, Any]]] = fields.JSONField()  # [{level, treasury, account, millionths}]
    basis: fields.Field[Words] = fields.JSONField()
    made_by = fields.CharField(max_length=80)
    made_at = fields.DatetimeField()

    class Meta:
        table = "treasury_sharing_rule"
        unique_together = (("department_id", "income_item_code", "effective_on"),)


class HandingOver(Model):
    """划缴: what a body collected under an income item up to an instant, handed on to the treasuries that share it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=40, unique=True)
    department_id = fields.CharField(max_length=32)
    income_item_code = fields.CharField(max_length=32)
    until = fields.DatetimeField()
    amount_fen = fields.BigIntField()
    shares: fields.Field[list[dict[str, Any]]] = fields.JSONField()  # [{level, treasury, account, amount_fen}]
    rule: fields.ForeignKeyRelation[SharingRule] = fields.ForeignKeyField(
        "treasury.SharingRule", related_name=False, db_index=True
    )
    made_by = fields.CharField(max_length=80)
    made_at = fields.DatetimeField()

    class Meta:
        table = "treasury_handing_over"
        unique_together = (("department_id", "income_item_code", "until"),)


class BookSeal(Model):
    """A past day of the books: its entries, each account's balance at its end, and a digest chained to the last."""

    day = fields.DateField(primary_key=True)
    entries = fields.IntField()
    balances: fields.Field[dict[str, int]] = fields.JSONField()
    digest = fields.CharField(max_length=64)
    sealed_at = fields.DatetimeField()

    class Meta:
        table = "treasury_book_seal"
