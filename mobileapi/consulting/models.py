"""What came of conversations: drafts, bills and work orders made out of one, and what was told back into it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Outcome(Model):
    """
    One thing made out of a conversation. `ref` is empty while a second person has not agreed to it yet.

    `key` names what it is for: of one key only one may stand (made or proposed), whoever asks and how often.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=16)  # application | bill | order
    ref = fields.UUIDField(null=True, db_index=True)
    key = fields.CharField(max_length=160)
    state = fields.CharField(max_length=12)  # proposed | made | declined | undone
    wish: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)  # what was asked for; no personal data
    made_by = fields.UUIDField()
    made_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    why = fields.CharField(max_length=300, default="")

    class Meta:
        table = "consulting_outcome"


class Told(Model):
    """That a conversation was told of something that happened to a thing one of its cards stands for: once each."""

    id = fields.BigIntField(primary_key=True)
    conversation = fields.UUIDField()
    ref = fields.CharField(max_length=40)
    event = fields.CharField(max_length=40)
    at = fields.DatetimeField()

    class Meta:
        table = "consulting_told"
        unique_together = (("conversation", "ref", "event"),)
