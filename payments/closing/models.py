"""Closed days, the statements that were signed of them, and the keys that signed."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id
from payments.models.words import Words


class DayClose(Model):
    """
    One close of an office day. It is in force until two people reopened the day; closing again is another row.

    `summary`: what the day came to, the runs and files it rests on; never changed.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    day = fields.DateField()
    number = fields.IntField()  # of this day's closes, from 1
    starts_at = fields.DatetimeField()  # the office day in UTC: first and after-last instant
    ends_at = fields.DatetimeField()
    closed_by = fields.CharField(max_length=80)
    closed_at = fields.DatetimeField()
    summary: fields.Field[dict[str, Any]] = fields.JSONField()
    reopen_asked_by = fields.CharField(max_length=80, null=True)
    reopen_asked_at = fields.DatetimeField(null=True)
    reopen_reason = fields.CharField(max_length=500, default="")
    reopened_by = fields.CharField(max_length=80, null=True)
    reopened_at = fields.DatetimeField(null=True)

    class Meta:
        table = "closing_day"
        unique_together = (("day", "number"),)


class Statement(Model):
    """对账单 of one body and day: its canonical text, and the signature over it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    close: fields.ForeignKeyRelation[DayClose] = fields.ForeignKeyField(
        "closing.DayClose", related_name="statements", db_index=True
    )
    day = fields.DateField()
    department_code = fields.CharField(max_length=32)
    title: fields.Field[Words] = fields.JSONField()
    content = fields.TextField()  # canonical JSON, exactly the bytes that were signed
    digest = fields.CharField(max_length=64)  # SHA-256 of content
    key = fields.CharField(max_length=16)
    signature = fields.CharField(max_length=128)  # base64url, of a compact JWS whose payload is content
    verify_code = fields.CharField(max_length=32, unique=True)
    made_at = fields.DatetimeField()

    class Meta:
        table = "closing_statement"
        unique_together = (("close", "department_code"),)


class StatementKey(Model):
    """A pair of keys that signs statements. The public half stays for good, so that old statements can be proven."""

    id = fields.CharField(max_length=16, primary_key=True)  # `kid`
    algorithm = fields.CharField(max_length=8)
    private_sealed = fields.BinaryField(null=True)  # gone once another key signs
    public: fields.Field[dict[str, str]] = fields.JSONField()  # JWK (RFC 7517)
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "closing_key"
