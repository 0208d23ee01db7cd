"""Who a member of staff is in DingTalk or WeCom, and the sign-ins that were begun there."""

from tortoise import fields
from tortoise.models import Model

from auth.models import StaffMember
from kit.ids import new_id


class WorkplaceIdentity(Model):
    """
    (Kind, organisation, user id) is one member of staff, who has one identity a kind. `vouched` when the member bound
    it in a session with a second factor, so that it may stand for one.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=16)  # dingtalk | wecom
    organisation = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    staff: fields.ForeignKeyRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name="workplaces", db_index=True, on_delete=fields.CASCADE
    )
    vouched = fields.BooleanField(default=False)
    bound_at = fields.DatetimeField()
    bound_by = fields.CharField(max_length=64)

    class Meta:
        table = "workplaces_identity"
        unique_together = (("kind", "organisation", "subject"), ("kind", "staff"))


class WorkplaceStart(Model):
    """
    One sign-in begun at a workplace, for the holder of `secret`. State and secret are known by their digests and used
    once. `staff` is set when the workplace said who it is and only the authenticator's code is missing.
    """

    state_digest = fields.CharField(max_length=64, primary_key=True)
    secret_digest = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)
    purpose = fields.CharField(max_length=16)  # sign_in | bind | second_factor
    session = fields.UUIDField(null=True)  # bind: whose session began it
    staff = fields.UUIDField(null=True)
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "workplaces_start"
