"""Who works on what was found about money, what they propose, and who agreed."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Work(Model):
    """Whose a difference or an exception is. `expected_by`: until when an exception may wait."""

    subject = fields.UUIDField(primary_key=True)
    owner = fields.UUIDField(null=True, db_index=True)
    owned_at = fields.DatetimeField(null=True)
    expected_by = fields.DateField(null=True)

    class Meta:
        table = "desk_work"


class Proposal(Model):
    """
    What one person proposes to do about a difference or an exception, and another one decides.

    `ours_fen`, `theirs_fen`: as they were when it was proposed. `outcome`: a word for what came of it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    source = fields.CharField(max_length=16)  # difference | exception
    subject = fields.UUIDField(db_index=True)
    action = fields.CharField(max_length=16)
    note = fields.CharField(max_length=500)
    expected_by = fields.DateField(null=True)
    ours_fen = fields.BigIntField(null=True)
    theirs_fen = fields.BigIntField(null=True)
    state = fields.CharField(max_length=16)
    proposed_by = fields.UUIDField()
    proposed_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_note = fields.CharField(max_length=500, default="")
    attempts = fields.IntField(default=0)
    outcome = fields.CharField(max_length=40, default="")
    booked: fields.Field[list[list[Any]]] = fields.JSONField(default=list)  # [[account, fen], …]
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "desk_proposal"
