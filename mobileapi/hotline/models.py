"""Work orders: what could not be settled on the spot, who answers for it, and everything that happened to it."""

from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Citizen


class WorkOrder(Model):
    """
    One matter of a citizen, or one the desk noticed itself. Words and answer are sealed. `about_staff` is the person a
    complaint is about, who never has it in hand and never sees it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=32, unique=True)
    kind = fields.CharField(max_length=12)
    citizen: "fields.ForeignKeyNullableRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    words_sealed = fields.BinaryField(null=True)
    answer_sealed = fields.BinaryField(null=True)
    photos: fields.Field[list[str]] = fields.JSONField(default=list)
    conversation = fields.UUIDField(null=True, db_index=True)  # where it came up
    opened_by_staff = fields.UUIDField()
    about_staff = fields.UUIDField(null=True)
    item_code = fields.CharField(max_length=40, null=True)
    item_name: fields.Field[dict[str, str]] = fields.JSONField(null=True)
    department_code = fields.CharField(max_length=32)
    region_code = fields.CharField(max_length=12)
    region_path: fields.Field[list[str]] = fields.JSONField()  # the region and those above it
    state = fields.CharField(max_length=12)
    version = fields.IntField(default=1)
    holder_staff = fields.UUIDField(null=True)  # none: the department's supervisors
    holder_name = fields.CharField(max_length=64, default="")
    holder_reason = fields.CharField(max_length=16)
    offered_to = fields.UUIDField(null=True)  # who is asked to take it over; the holder answers for it meanwhile
    passed: fields.Field[list[str]] = fields.JSONField(default=list)  # `staff:…` and `department:…` that had it
    transfers = fields.IntField(default=0)
    opened_at = fields.DatetimeField()
    due_on = fields.DateField()
    clock_since = fields.DateField()  # from when the days to the due day are counted
    warned = fields.IntField(default=0)  # 1: half of the time is over, 2: the last day
    escalated = fields.IntField(default=0)  # 1: overdue and told above, 2: told further above
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.UUIDField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "hotline_order"
        indexes = (("department_code", "state", "due_on"), ("holder_staff", "state"), ("state", "due_on"))


class OrderChange(Model):
    """One thing that happened to an order: who, when, why, from, to. Only its note may be emptied, with the account."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[WorkOrder] = fields.ForeignKeyField(
        "hotline.WorkOrder", related_name="changes", db_index=True, on_delete=fields.RESTRICT
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    shown_as: fields.Field[dict[str, str]] = fields.JSONField()
    what = fields.CharField(max_length=16)  # the state it came to, or handed_over, offered, declined
    from_state = fields.CharField(max_length=12, null=True)
    to_state = fields.CharField(max_length=12)
    note = fields.TextField(default="")

    class Meta:
        table = "hotline_change"


class OrderCounter(Model):
    """The running number of order numbers of one office day."""

    day = fields.DateField(primary_key=True)
    reached = fields.IntField()

    class Meta:
        table = "hotline_counter"
