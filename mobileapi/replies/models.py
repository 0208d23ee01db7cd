"""Quick replies and everything they ever said."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Reply(Model):
    """
    A reply as it is in force; `live` is the number of the revision it says, 0 as long as none was agreed to.

    `scope` item and department: everybody's of that department, reviewed by another person. personal: its owner's.
    It quotes a paragraph of a published guide (`cite_…`); `stale_since`: a newer guide says something else there.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=60, null=True, unique=True)  # what it is called in the operator's file
    scope = fields.CharField(max_length=12)
    item_code = fields.CharField(max_length=40, null=True, db_index=True)
    department_code = fields.CharField(max_length=32, null=True, db_index=True)
    owner = fields.UUIDField(null=True, db_index=True)
    live = fields.IntField(default=0)
    newest = fields.IntField(default=0)
    title: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    words: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    initials = fields.CharField(max_length=80, default="")
    cite_version = fields.IntField(null=True)
    cite_at = fields.CharField(max_length=60, null=True)
    cite_digest = fields.CharField(max_length=64, null=True)
    stale_since = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    uses = fields.IntField(default=0)
    last_used_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "replies_reply"


class Revision(Model):
    """What a reply said, or would say: who wrote it, who agreed, when. Never changed once it was decided."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    reply: fields.ForeignKeyRelation[Reply] = fields.ForeignKeyField("replies.Reply", related_name=False)
    number = fields.IntField()
    state = fields.CharField(max_length=8)
    title: fields.Field[dict[str, Any]] = fields.JSONField()
    words: fields.Field[dict[str, Any]] = fields.JSONField()
    cite_version = fields.IntField(null=True)
    cite_at = fields.CharField(max_length=60, null=True)
    cite_digest = fields.CharField(max_length=64, null=True)
    author = fields.UUIDField(null=True)  # None: the operator's file
    author_name = fields.CharField(max_length=64)
    written_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_name = fields.CharField(max_length=64, default="")
    decided_at = fields.DatetimeField(null=True)
    note = fields.CharField(max_length=200, default="")

    class Meta:
        table = "replies_revision"
        unique_together = (("reply", "number"),)
