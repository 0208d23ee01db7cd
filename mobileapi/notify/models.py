"""Notices to citizens, and each way they are told; notices to the office's own people."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Notice(Model):
    """
    One thing a citizen is told. The words hold no personal data beyond masked; `about` has the ids of what it is about.

    The citizen is an opaque id: a notice does not make an account hold something (see auth/linking.py).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    text: fields.Field[dict[str, str]] = fields.JSONField()
    link = fields.CharField(max_length=200, default="")
    about: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    once = fields.CharField(max_length=160, null=True, unique=True)  # an event that comes twice is told once
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notify_notice"
        indexes = (("citizen", "created_at"),)


class Delivery(Model):
    """One way a notice goes, beside lying in the app: its state, and what the way said."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "notify.Notice", related_name="deliveries", on_delete=fields.CASCADE
    )
    way = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    tried_at = fields.DatetimeField(null=True)
    said = fields.CharField(max_length=120, default="")

    class Meta:
        table = "notify_delivery"
        unique_together = (("notice", "way"),)


class StaffNotice(Model):
    """One thing a member of staff is told, in the console. The words name nobody in the clear; `about` has the ids."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    text: fields.Field[dict[str, str]] = fields.JSONField()
    link = fields.CharField(max_length=200, default="")
    about: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    once = fields.CharField(max_length=200, null=True, unique=True)
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notify_staff_notice"
        indexes = (("staff", "created_at"),)
