"""The organisation and who works when: units, lines, role changes, history of duties, shifts, leave, hand-overs."""

from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Department, StaffMember


class Unit(Model):
    """A section (科室) of a department."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    department: "fields.ForeignKeyRelation[Department]" = fields.ForeignKeyField(
        "auth.Department", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    name: fields.Field[dict[str, str]] = fields.JSONField()
    head: "fields.ForeignKeyNullableRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staffing_unit"


class Head(Model):
    """Who heads a region or a department."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=12)  # region | department
    code = fields.CharField(max_length=32)
    staff: "fields.ForeignKeyRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "staffing_head"
        unique_together = (("kind", "code"),)


class Place(Model):
    """Where a person sits: the unit, and whom they report to when it is not who heads it."""

    staff: "fields.OneToOneRelation[StaffMember]" = fields.OneToOneField(
        "auth.StaffMember", related_name=False, primary_key=True, on_delete=fields.RESTRICT
    )
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "staffing.Unit", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    reports_to: "fields.ForeignKeyNullableRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "staffing_place"


class Tongue(Model):
    """A language beside Chinese in which a person serves citizens."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: "fields.ForeignKeyRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, on_delete=fields.RESTRICT
    )
    language = fields.CharField(max_length=8)

    class Meta:
        table = "staffing_tongue"
        unique_together = (("staff", "language"),)


class Opening(Model):
    """
    When a department serves the public, where it is not the city's usual hours: weekday → [["09:00", "12:00"], …] in
    the city's zone, as the hours of a person.
    """

    department = fields.CharField(max_length=32, primary_key=True)
    hours: fields.Field[dict[str, list[list[str]]]] = fields.JSONField()

    class Meta:
        table = "staffing_opening"


class RoleChange(Model):
    """A role somebody is to be given or to lose: asked for by one admin, decided by another."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: "fields.ForeignKeyRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    role = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=8)  # grant | remove
    state = fields.CharField(max_length=12)
    emergency = fields.BooleanField(default=False)
    reason = fields.CharField(max_length=300)
    proposed_by = fields.UUIDField()
    proposed_at = fields.DatetimeField(db_index=True)
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    note = fields.CharField(max_length=300, default="")

    class Meta:
        table = "staffing_role_change"


class DutyChange(Model):
    """What happened to a duty, written by the database itself whatever changed it. Rows are never changed."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    act = fields.CharField(max_length=8)  # insert | update | delete
    duty = fields.UUIDField()
    staff = fields.UUIDField()
    item_code = fields.CharField(max_length=40)
    region_code = fields.CharField(max_length=12)
    role = fields.CharField(max_length=16)
    valid_from = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)

    class Meta:
        table = "staffing_duty_change"
        indexes = (("item_code", "region_code"),)


class Shift(Model):
    """
    Working time of one dated day, in place of the weekly hours. Minutes after the day's midnight in the city's zone;
    beyond 1440 is the next morning. Of kind `off` the person is not there that day.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: "fields.ForeignKeyRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, on_delete=fields.RESTRICT
    )
    day = fields.DateField(db_index=True)
    kind = fields.CharField(max_length=12)
    starts = fields.IntField()
    ends = fields.IntField()
    by = fields.CharField(max_length=80)

    class Meta:
        table = "staffing_shift"
        indexes = (("staff_id", "day"),)


class Leave(Model):
    """An absence, from its first to its last half day. `starts_at` and `ends_at` are instants; the end is excluded."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: "fields.ForeignKeyRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, on_delete=fields.RESTRICT
    )
    kind = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    from_day = fields.DateField()
    from_half = fields.CharField(max_length=2)  # am | pm: begins at midnight, or at noon
    to_day = fields.DateField()
    to_half = fields.CharField(max_length=2)  # am | pm: ends at noon, or with the day
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    cover: "fields.ForeignKeyNullableRelation[StaffMember]" = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    note = fields.CharField(max_length=300, default="")
    version = fields.IntField(default=1)  # grows with every change of its dates; a job of an older one does nothing
    asked_by = fields.UUIDField()
    asked_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_note = fields.CharField(max_length=300, default="")

    class Meta:
        table = "staffing_leave"
        indexes = (("staff_id", "starts_at"), ("state", "starts_at"))


class Handover(Model):
    """One thing that went from hand to hand because somebody is away; it returns unless there is a reason not to."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    leave: fields.ForeignKeyNullableRelation[Leave] = fields.ForeignKeyField(
        "staffing.Leave", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    kind = fields.CharField(max_length=12)  # case | conversation | inquiry
    subject = fields.UUIDField(db_index=True)
    from_staff = fields.UUIDField()
    to_staff = fields.UUIDField(null=True)  # nobody was there: the department, or the queue
    at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=12, default="")  # returned | kept | done

    class Meta:
        table = "staffing_handover"
