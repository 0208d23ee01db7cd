"""Ratings of cases, and what follows a bad rating. What is said of a conversation stands in consultation's own row."""

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id


class CaseRating(Model):
    """What a citizen, or who acts for them, says of a decided case, once: level 1 very bad … 5 very good."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    application = fields.UUIDField(unique=True)
    citizen = fields.UUIDField(db_index=True)  # whose case it is
    by = fields.UUIDField()  # who rated
    item_code = fields.CharField(max_length=40)
    department_code = fields.CharField(max_length=32)
    region_code = fields.CharField(max_length=12)
    clerk = fields.UUIDField(null=True)
    level = fields.IntField()
    reasons: fields.Field[list[str]] = fields.JSONField(default=list)
    comment = fields.CharField(max_length=500, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "ratings_case_rating"


class Rectification(Model):
    """
    A bad rating being put right. Level, reasons and comment are the rating's own, and not repeated here. Never with
    the person who was rated; answered by one and confirmed by another: the database checks both.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=12)  # conversation | application
    about = fields.UUIDField()
    citizen = fields.UUIDField(db_index=True)  # who is told
    rated = fields.UUIDField(null=True)
    item_code = fields.CharField(max_length=40, null=True)
    department_code = fields.CharField(max_length=32, null=True)
    region_code = fields.CharField(max_length=12, default="")
    owner = fields.UUIDField(null=True)
    state = fields.CharField(max_length=12)
    version = fields.IntField(default=1)
    opened_at = fields.DatetimeField()
    contact_due = fields.DateField()
    due = fields.DateField()
    warned_at = fields.DatetimeField(null=True)
    escalated_on = fields.DateField(null=True)
    escalation = fields.IntField(default=0)
    finding = fields.CharField(max_length=12, default="")
    measures = fields.CharField(max_length=2000, default="")
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    confirmed_by = fields.UUIDField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    contest_reason = fields.CharField(max_length=500, default="")
    contested_by = fields.UUIDField(null=True)
    voided_by = fields.UUIDField(null=True)
    result_level = fields.IntField(null=True)
    result_comment = fields.CharField(max_length=500, default="")
    result_rated_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ratings_rectification"
        unique_together = (("kind", "about"),)


class Contact(Model):
    """One try to call who rated."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    rectification: fields.ForeignKeyRelation[Rectification] = fields.ForeignKeyField(
        "ratings.Rectification", related_name="contacts", db_index=True
    )
    at = fields.DatetimeField()
    by = fields.UUIDField()
    way = fields.CharField(max_length=8)
    reached = fields.BooleanField()
    note = fields.CharField(max_length=500, default="")

    class Meta:
        table = "ratings_contact"


class RectificationChange(Model):
    """One move of a rectification: who, when, why, from, to. Rows are never changed."""

    id = fields.BigIntField(primary_key=True)
    rectification: fields.ForeignKeyRelation[Rectification] = fields.ForeignKeyField(
        "ratings.Rectification", related_name="changes", db_index=True, on_delete=fields.RESTRICT
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    from_state = fields.CharField(max_length=12, null=True)
    to_state = fields.CharField(max_length=12)
    note = fields.CharField(max_length=500, default="")

    class Meta:
        table = "ratings_change"
