"""Public questions and answers: what an item's clerks answered well, without the people who asked."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class Answer(Model):
    """One answer under an item. What was removed from it is nowhere kept; `conversation` is seen by staff only."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    item_code = fields.CharField(max_length=40, db_index=True)
    department_code = fields.CharField(max_length=32)
    conversation = fields.UUIDField(null=True)
    question = fields.CharField(max_length=300)
    answer = fields.CharField(max_length=2000)
    cites: fields.Field[list[str]] = fields.JSONField()  # chapters of the guide it relies on
    guide_version = fields.IntField()
    cited_digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    version = fields.IntField(default=1)
    proposed_by = fields.UUIDField()
    proposed_at = fields.DatetimeField()
    reviewed_by = fields.UUIDField(null=True)
    reviewed_at = fields.DatetimeField(null=True)
    note = fields.CharField(max_length=500, default="")
    told_of_version = fields.IntField(default=0)  # the guide's version of which reviewers were told that it is stale

    class Meta:
        table = "answers_answer"


class Vote(Model):
    """Whether an answer helped; once a person, or a device of who is not signed in. `voter` is a keyed digest."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    answer: fields.ForeignKeyRelation[Answer] = fields.ForeignKeyField(
        "answers.Answer", related_name="votes", db_index=True, on_delete=fields.RESTRICT
    )
    voter = fields.CharField(max_length=64)
    helpful = fields.BooleanField()
    at = fields.DatetimeField()

    class Meta:
        table = "answers_vote"
        unique_together = (("answer", "voter"),)
