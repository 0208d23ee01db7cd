"""Cases: the application, its materials, the one correction, and everything that happened to it."""

from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Citizen


class Application(Model):
    """A citizen's case about one item, under the version of the guide it was begun with."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    item_code = fields.CharField(max_length=40)
    item_version = fields.IntField()
    item_name: fields.Field[dict[str, str]] = fields.JSONField()
    department_code = fields.CharField(max_length=32)
    region_code = fields.CharField(max_length=12)
    region_path: fields.Field[list[str]] = fields.JSONField()  # the region and those above it
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)
    answers: fields.Field[dict[str, str]] = fields.JSONField()
    form_sealed = fields.BinaryField(null=True)
    case_number = fields.CharField(max_length=32, null=True, unique=True)
    holder_staff = fields.UUIDField(null=True)
    holder_name = fields.CharField(max_length=64, default="")
    holder_reason = fields.CharField(max_length=16, default="")
    created_at = fields.DatetimeField()
    saved_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField(null=True)  # when the materials, as they are now, came in
    accepted_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    deemed = fields.BooleanField(default=False)  # accepted by silence, administrative licence law art. 32
    check_due = fields.DateField(null=True)
    promised_due = fields.DateField(null=True)
    statutory_due = fields.DateField(null=True)
    desk_due = fields.DateField(null=True)  # what the inbox is ordered by
    review: fields.Field[list[dict[str, Any]]] = fields.JSONField(default=list)
    decision: fields.Field[dict[str, str]] = fields.JSONField(null=True)

    class Meta:
        table = "applications_application"
        indexes = (("department_code", "state", "desk_due"), ("item_code", "state"), ("state", "check_due"))


class Material(Model):
    """The photographs of one material of the case, in order."""

    id = fields.BigIntField(primary_key=True)
    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "applications.Application", related_name="materials", db_index=True, on_delete=fields.CASCADE
    )
    material_code = fields.CharField(max_length=40)
    uploads: fields.Field[list[str]] = fields.JSONField()
    state = fields.CharField(max_length=12)  # attached, accepted, rejected
    rejection = fields.CharField(max_length=500, null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "applications_material"
        unique_together = (("application", "material_code"),)


class Correction(Model):
    """The one notice of everything to complete. The unique key makes a second one impossible."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    application: fields.OneToOneRelation[Application] = fields.OneToOneField(
        "applications.Application", related_name="correction", on_delete=fields.CASCADE
    )
    at = fields.DatetimeField()
    by = fields.CharField(max_length=80)
    deadline = fields.DateField()
    items: fields.Field[list[dict[str, Any]]] = fields.JSONField()  # {kind, code, reason, replaced_at}
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "applications_correction"


class Change(Model):
    """One move of a case: who, when, why, from, to. Rows are never changed."""

    id = fields.BigIntField(primary_key=True)
    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "applications.Application", related_name="changes", db_index=True, on_delete=fields.RESTRICT
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    shown_as: fields.Field[dict[str, str]] = fields.JSONField()
    from_state = fields.CharField(max_length=16, null=True)
    to_state = fields.CharField(max_length=16)
    note = fields.TextField(null=True)

    class Meta:
        table = "applications_change"


class DayCounter(Model):
    """The running number of case numbers of one office day."""

    day = fields.DateField(primary_key=True)
    reached = fields.IntField()

    class Meta:
        table = "applications_day_counter"
