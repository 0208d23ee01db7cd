"""What people agreed to, asked for and were given of their own data; and what was deleted. Accounts are opaque ids."""

from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Consent(Model):
    """
    One yes or no to one purpose: to which words (version and their hash), when, where from. Rows are only ever added,
    the last one of a purpose counts (personal information protection law art. 14, 15, 29).
    """

    id = fields.BigIntField(primary_key=True)
    citizen = fields.UUIDField()
    purpose = fields.CharField(max_length=32)
    given = fields.BooleanField()
    version = fields.CharField(max_length=16)
    digest = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=16)  # app | kiosk | desk
    scope: fields.Field[dict[str, str]] = fields.JSONField(default=dict)  # what narrows it: the ward of a guardian
    at = fields.DatetimeField()

    class Meta:
        table = "privacy_consent"
        indexes = (("citizen", "purpose", "id"),)


class Export(Model):
    """A copy of everything about a person (art. 45), sealed in the store until it ends; a ticket opens it once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField(db_index=True)
    state = fields.CharField(max_length=16)
    asked_at = fields.DatetimeField()
    ready_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True, db_index=True)
    size = fields.IntField(default=0)
    fetched = fields.IntField(default=0)
    ticket_digest = fields.CharField(max_length=64, null=True)
    ticket_ends_at = fields.DatetimeField(null=True)
    sealed_files: ClassVar[dict[str, str]] = {"file": "exports/{}"}

    class Meta:
        table = "privacy_export"


class CorrectionRequest(Model):
    """Somebody says that what we keep about them is wrong (art. 46); staff judge it by a date."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField(db_index=True)
    field = fields.CharField(max_length=16)
    wanted_sealed = fields.BinaryField(null=True)
    why_sealed = fields.BinaryField(null=True)
    reason_sealed = fields.BinaryField(null=True)  # the decision's, shown to the person
    papers: fields.Field[list[str]] = fields.JSONField(default=list)  # ids of photographs
    state = fields.CharField(max_length=16, db_index=True)
    asked_at = fields.DatetimeField()
    due_on = fields.DateField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)

    class Meta:
        table = "privacy_correction"


class Closure(Model):
    """An account on its way out (art. 47): some days to think again, then everything goes that law does not keep."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField(db_index=True)
    state = fields.CharField(max_length=16)
    asked_at = fields.DatetimeField()
    closes_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)
    why = fields.CharField(max_length=32, default="")  # why it did not come to it

    class Meta:
        table = "privacy_closure"


class Deletion(Model):
    """
    One deletion that was carried out. It is written down in the store as well, so that a restored database learns of
    it. `files` are those of the store that are still to go.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=32)  # account | consent:PURPOSE
    at = fields.DatetimeField()
    files: fields.Field[list[Any]] = fields.JSONField(default=list)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "privacy_deletion"
