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
        "auth.Citizen", related_name="identities", db_index=True, on_delete=fields.RESTRICT
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
        "auth.Department", related_name="staff", db_index=True, on_delete=fields.RESTRICT
    )
    roles: fields.Field[list[str]] = fields.JSONField()
    password_hash = fields.CharField(max_length=200, default="")
    totp_sealed = fields.BinaryField(null=True)
    hours: fields.Field[dict[str, list[list[str]]]] = fields.JSONField(default=dict)
    totp_last_step = fields.BigIntField(null=True)  # the last code used; no code is taken twice
    phone_sealed = fields.BinaryField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "auth_staff_member"


class Duty(Model):
    """
    Who answers for an item in a region, from day to day: owner, then backup, with a supervisor above them. No two
    owners of one item and region at once, and nobody twice in one role: the database excludes it.
    """

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


class Session(Model):
    """A token family: one sign-in on one device, until `ends_at` whatever is refreshed, or `ended_at`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=16)  # citizen | staff
    person = fields.UUIDField(db_index=True)
    device = fields.CharField(max_length=64, default="")
    label = fields.CharField(
        max_length=40, default="", db_default=""
    )  # what a device that asked by QR code calls itself
    source = fields.CharField(max_length=64, default="")
    way = fields.CharField(max_length=16, default="", db_default="")  # wechat | alipay | scan | password …
    agent = fields.CharField(max_length=40, default="", db_default="")  # the kind of browser or app, in our own words
    came_from = fields.CharField(max_length=48, default="", db_default="")  # a network, never a whole address
    created_at = fields.DatetimeField()
    proved_at = fields.DatetimeField(null=True)  # the person proved again who they are, after signing in
    seen_at = fields.DatetimeField(null=True)  # to the minute
    ends_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=32, default="")

    class Meta:
        table = "auth_session"


class RefreshToken(Model):
    """
    One refresh token of a family, known by its digest. A used one is kept: meeting it again tells that it was stolen.
    The sealed successor is there for the seconds in which the answer may have been lost.
    """

    digest = fields.CharField(max_length=64, primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "auth.Session", related_name="refresh_tokens", db_index=True
    )
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    successor_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "auth_refresh_token"


class Scan(Model):
    """
    A QR code on one device that a phone judges. Ticket and secret are known by their digests; the asking address is
    sealed, shown to the phone, and gone with the row a day later.
    """

    ticket_digest = fields.CharField(max_length=64, primary_key=True)
    secret_digest = fields.CharField(max_length=64)
    purpose = fields.CharField(max_length=16)  # sign_in | bind
    state = fields.CharField(max_length=16)
    device_label = fields.CharField(max_length=40)
    address_sealed = fields.BinaryField()
    account = fields.UUIDField(null=True)  # bind: the account that asks, and its session
    account_session = fields.UUIDField(null=True)
    citizen = fields.UUIDField(null=True)  # who scanned, and the session that confirmed
    citizen_session = fields.UUIDField(null=True)
    session = fields.UUIDField(null=True, unique=True)  # what the asking device was given
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    scanned_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    consumed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "auth_scan"


class PhoneSeal(Model):
    """A sealed text that brought a phone number, and the identity it was taken from; both by blind index."""

    digest = fields.CharField(max_length=64, primary_key=True)
    bearer = fields.CharField(max_length=64)
    dated = fields.BooleanField()
    taken_at = fields.DatetimeField()

    class Meta:
        table = "auth_phone_seal"


class SignInTrouble(Model):
    """Failed sign-ins of one (user name, source), or of one user name; kept by blind index, known or unknown alike."""

    subject = fields.CharField(max_length=64, primary_key=True)
    failures = fields.IntField(default=0)
    wait_until = fields.DatetimeField(null=True)
    last_at = fields.DatetimeField()

    class Meta:
        table = "auth_sign_in_trouble"


class PersonRead(Model):
    """Who of the staff opened which citizen's matter last when."""

    id = fields.BigIntField(primary_key=True)
    staff_id = fields.UUIDField()
    citizen_id = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        table = "auth_person_read"
        unique_together = (("staff_id", "citizen_id"),)
