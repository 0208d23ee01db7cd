"""Notices to citizens, and each way they are told; notices to the office's own people."""

from tortoise import fields
from tortoise.models import Model

from auth.models import PlatformIdentity
from kit.ids import new_id


class Notice(Model):
    """
    One thing a citizen is told. The words hold no personal data beyond masked; `about` has the ids of what it is about.

    A notice of a topic also looks for its citizen outside the app, at `reach_at`, as long as that is set; `brief` has
    the few words a message template is filled with.

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
    topic = fields.CharField(max_length=16, null=True)
    brief: fields.Field[dict[str, str]] = fields.JSONField(default=dict, db_default={})
    reach_at = fields.DatetimeField(null=True)

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


class Grant(Model):
    """
    One "allow" of a person on a platform's sheet: good for one message of one template. `spent_on` is the notice it was
    spent on, or was meant to be when nobody knows whether that message went out.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    identity: fields.ForeignKeyRelation[PlatformIdentity] = fields.ForeignKeyField(
        "auth.PlatformIdentity", related_name=False, db_index=True, on_delete=fields.CASCADE
    )
    topic = fields.CharField(max_length=16)
    template = fields.CharField(max_length=64)
    state = fields.CharField(max_length=8)  # free | spent | void
    granted_at = fields.DatetimeField()
    spent_at = fields.DatetimeField(null=True)
    spent_on = fields.UUIDField(null=True)

    class Meta:
        table = "notify_grant"


class Asked(Model):
    """What a citizen last answered when asked about messages of a topic, so that nobody is asked over and over."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField()
    platform = fields.CharField(max_length=16)
    topic = fields.CharField(max_length=16)
    answer = fields.CharField(max_length=8)  # accept | reject | ban | filter
    at = fields.DatetimeField()

    class Meta:
        table = "notify_asked"
        unique_together = (("citizen", "platform", "topic"),)


class Preference(Model):
    """Which ways outside the app a citizen wants for a topic; without a row both."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen = fields.UUIDField()
    topic = fields.CharField(max_length=16)
    messages = fields.BooleanField(default=True)
    texts = fields.BooleanField(default=True)

    class Meta:
        table = "notify_preference"
        unique_together = (("citizen", "topic"),)


class TextBudget(Model):
    """How many text messages a day has cost, of one citizen and of the whole office (nobody's id)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    day = fields.DateField()
    citizen = fields.UUIDField()
    used = fields.IntField()

    class Meta:
        table = "notify_text_budget"
        unique_together = (("day", "citizen"),)


class Watermark(Model):
    """Up to when something was looked through."""

    name = fields.CharField(max_length=32, primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "notify_watermark"


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


class WorkMessage(Model):
    """
    A message to a member of staff outside the console, at most one a burst: a burst begins with the first urgent notice
    after they read, and with each new day.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff = fields.UUIDField()
    burst = fields.CharField(max_length=48)
    notice: fields.ForeignKeyRelation[StaffNotice] = fields.ForeignKeyField(
        "notify.StaffNotice", related_name=False, db_index=True, on_delete=fields.CASCADE
    )
    workplace = fields.CharField(max_length=16, default="")
    state = fields.CharField(max_length=16)
    tried_at = fields.DatetimeField()
    said = fields.CharField(max_length=120, default="")

    class Meta:
        table = "notify_work_message"
        unique_together = (("staff", "burst"),)
