"""People: citizens, staff, who answers for what, and the sessions of both."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Region(Model):
    """A division, 12 digits down to the community (GB/T 2260 and below)."""

    code = fields.CharField(max_length=12, primary_key=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    level = fields.CharField(max_length=16)
    parent_code = fields.CharField(max_length=12, null=True, db_index=True)
    valid_from = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)

    class Meta:
        table = "auth_region"


class Department(Model):
    code = fields.CharField(max_length=32, primary_key=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    region_code = fields.CharField(max_length=12)
    credit_code = fields.CharField(max_length=18, default="")
    phone = fields.CharField(max_length=40, default="")
    parent_code = fields.CharField(max_length=32, null=True)

    class Meta:
        table = "auth_department"


class Citizen(Model):
    """A person. What identifies them is sealed; equal values are found by their blind index."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    assurance = fields.CharField(max_length=16)
    phone_sealed = fields.BinaryField(null=True)
    phone_index = fields.CharField(max_length=64, null=True, unique=True)
    name_sealed = fields.BinaryField(null=True)
    id_number_sealed = fields.BinaryField(null=True)
    id_number_index = fields.CharField(max_length=64, null=True, unique=True)
    locale = fields.CharField(max_length=8, default="zh-CN")
    elder_mode = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "auth_citizen"


class PlatformIdentity(Model):
    """How a platform knows a citizen: (platform, app, open id) is one person."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    platform = fields.CharField(max_length=16)
    app_id = fields.CharField(max_length=64)
    open_id = fields.CharField(max_length=128)
    union_id = fields.CharField(max_length=128, null=True)
    citizen: fields.ForeignKeyRelation[Citizen] = fields.ForeignKeyField(
        "auth.Citizen", related_name="identities", db_index=True
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "auth_platform_identity"
        unique_together = (("platform", "app_id", "open_id"),)


class StaffMember(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    username = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64)
    employee_no = fields.CharField(max_length=32, default="")
    title = fields.CharField(max_length=64, default="")
    department: fields.ForeignKeyRelation[Department] = fields.ForeignKeyField(
        "auth.Department", related_name="staff", db_index=True
    )
    roles: fields.Field[list[str]] = fields.JSONField()
    password_hash = fields.CharField(max_length=200, default="")
    totp_sealed = fields.BinaryField(null=True)
    hours: fields.Field[dict[str, list[list[str]]]] = fields.JSONField(default=dict)
    failures = fields.IntField(default=0)
    wait_until = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "auth_staff_member"


class Duty(Model):
    """Who answers for an item in a region: owner, then backup, with a supervisor above them."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name="duties", db_index=True
    )
    item_code = fields.CharField(max_length=40, db_index=True)
    region_code = fields.CharField(max_length=12)
    role = fields.CharField(max_length=16)
    valid_from = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)

    class Meta:
        table = "auth_duty"
        unique_together = (("item_code", "region_code", "role", "staff"),)


class Session(Model):
    """A token family: one sign-in on one device, with a rotating refresh token."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=16)  # citizen | staff
    person = fields.UUIDField(db_index=True)
    refresh_digest = fields.CharField(max_length=64, unique=True)
    previous_digest = fields.CharField(max_length=64, null=True, unique=True)
    rotated_at = fields.DatetimeField()
    device = fields.CharField(max_length=120, default="")
    created_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "auth_session"
