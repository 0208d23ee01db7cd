"""What a member of staff proves themselves with, kept so that nobody can read it back, and how each sign-in went."""

from tortoise import fields
from tortoise.models import Model

from auth.models import Session, StaffMember
from kit.ids import new_id


class StaffCredential(Model):
    """
    What is known of a member's password and second factor beside the hash and the sealed secret themselves. The row is
    locked for every change of either. `offered_totp_sealed` is a secret that was shown and not yet confirmed.
    """

    staff: fields.OneToOneRelation[StaffMember] = fields.OneToOneField(
        "auth.StaffMember", related_name="credential", primary_key=True, on_delete=fields.CASCADE
    )
    password_set_at = fields.DatetimeField(null=True)
    must_change = fields.BooleanField(default=False)
    offered_totp_sealed = fields.BinaryField(null=True)
    offered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credentials_staff_credential"


class FormerPassword(Model):
    """The argon2 hash of a password that was in use before."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name="former_passwords", db_index=True, on_delete=fields.CASCADE
    )
    password_hash = fields.CharField(max_length=200)
    replaced_at = fields.DatetimeField()

    class Meta:
        table = "credentials_former_password"


class RecoveryCode(Model):
    """One way in without the authenticator, used once; kept by keyed digest."""

    digest = fields.CharField(max_length=64, primary_key=True)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name="recovery_codes", db_index=True, on_delete=fields.CASCADE
    )
    made_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credentials_recovery_code"


class StaffSignIn(Model):
    """How a session of staff began. `held_back` names what its holder must do before anything else, if anything."""

    session: fields.OneToOneRelation[Session] = fields.OneToOneField(
        "auth.Session", related_name="staff_sign_in", primary_key=True, on_delete=fields.CASCADE
    )
    way = fields.CharField(max_length=16)  # password | dingtalk | wecom
    second_factor = fields.CharField(max_length=16, default="")  # totp | recovery | workplace; empty: none
    device_kind = fields.CharField(max_length=16)  # desktop | mobile
    device_name = fields.CharField(max_length=40, default="")
    held_back = fields.CharField(max_length=32, default="")

    class Meta:
        table = "credentials_staff_sign_in"


class StaffNote(Model):
    """Something about their account that a member of staff is told at the next sign-in."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name="notes", db_index=True, on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=32)
    about = fields.CharField(max_length=64, default="")  # user name of the member it is about
    at = fields.DatetimeField()
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credentials_staff_note"
