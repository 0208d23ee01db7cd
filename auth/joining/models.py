"""What leads to an account, and how accounts of one person come together."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class SessionWay(Model):
    """By which way a session was opened: an identity of a platform, or a number that was proved (`identity` empty)."""

    session = fields.UUIDField(primary_key=True)
    identity = fields.UUIDField(null=True, db_index=True)
    way = fields.CharField(max_length=16)  # one_tap | sms

    class Meta:
        table = "joining_session_way"


class PhoneMove(Model):
    """
    A number somebody proved to hold while it is another account's: the old device is asked, or both are verified.

    `former` is the number the taker had, which an undoing gives back.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    holder = fields.UUIDField(db_index=True)
    taker = fields.UUIDField(db_index=True)
    phone_sealed = fields.BinaryField()
    phone_index = fields.CharField(max_length=64)
    former_sealed = fields.BinaryField(null=True)
    state = fields.CharField(max_length=16)
    by = fields.CharField(max_length=16, default="")  # approval | real_names
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    moved_at = fields.DatetimeField(null=True)
    undo_until = fields.DatetimeField(null=True)

    class Meta:
        table = "joining_phone_move"


class MergeCode(Model):
    """Eight characters an account shows, to be typed in the other one; known by a keyed digest."""

    digest = fields.CharField(max_length=64, primary_key=True)
    citizen = fields.UUIDField()
    session = fields.UUIDField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "joining_merge_code"


class Merge(Model):
    """Two accounts of one person became one."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kept = fields.UUIDField(db_index=True)
    merged = fields.UUIDField(unique=True)
    proof = fields.CharField(max_length=16)  # merge_code | sms
    at = fields.DatetimeField()

    class Meta:
        table = "joining_merge"


class MergedThing(Model):
    """One thing that went along: what it is, and its id."""

    id = fields.BigIntField(primary_key=True, generated=True)
    merge: fields.ForeignKeyRelation[Merge] = fields.ForeignKeyField(
        "joining.Merge", related_name="things", db_index=True, on_delete=fields.RESTRICT
    )
    what = fields.CharField(max_length=32)
    thing = fields.CharField(max_length=80)

    class Meta:
        table = "joining_merged_thing"
