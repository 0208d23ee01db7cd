"""Tables of the plumbing."""

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model


class CalendarDay(Model):
    """A day that is not what its weekday says: holidays, and make-up working days (调休)."""

    date = fields.DateField(primary_key=True)
    is_workday = fields.BooleanField()
    note = fields.CharField(max_length=100, default="")
    source = fields.CharField(max_length=200, default="")

    class Meta:
        table = "kit_calendar_day"


class AuditRow(Model):
    """One act. Rows are chained by hash and never changed; the database refuses UPDATE and DELETE."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    action = fields.CharField(max_length=80)
    subject = fields.CharField(max_length=120)
    detail: fields.Field[dict[str, object]] = fields.JSONField()
    request_id = fields.CharField(max_length=64, default="")
    previous = fields.CharField(max_length=64)
    digest = fields.CharField(max_length=64)
    mac = fields.CharField(max_length=64, default="", db_default="")  # keyed; rows older than this column have none

    class Meta:
        table = "kit_audit"
        indexes = (("subject", "seq"), ("actor", "seq"))


class IdempotentCall(Model):
    """The first answer to a POST that moves money or files something; kept at least 24 hours."""

    id = fields.BigIntField(primary_key=True)
    caller = fields.CharField(max_length=80)
    key = fields.CharField(max_length=255)
    fingerprint = fields.CharField(max_length=64)
    status = fields.IntField(null=True)
    body = fields.BinaryField(null=True)
    started_at = fields.DatetimeField()
    sealed: ClassVar[dict[str, tuple[str, ...]]] = {"body": ("caller", "key")}  # bound to whose call it is

    class Meta:
        table = "kit_idempotent_call"
        unique_together = (("caller", "key"),)
