"""Consultations: a conversation, its numbered messages, what became of it and when."""

from tortoise import fields
from tortoise.models import Model

from auth.models import Citizen, StaffMember
from kit.ids import new_id


class Conversation(Model):
    """
    One question of one citizen, until it is closed.

    While it is open exactly one of these holds, and the database checks it: a clerk with a running timer (`assigned`,
    or `offered` to one), a place in a queue, a dated inquiry. Columns a subject is known by are opaque here.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    citizen: fields.ForeignKeyRelation[Citizen] = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    on_behalf_of = fields.UUIDField(null=True)  # for whom the citizen asks, under a mandate
    item_code = fields.CharField(max_length=40, null=True)
    item_name: fields.Field[dict[str, str]] = fields.JSONField(null=True)
    department_code = fields.CharField(max_length=32, null=True)
    department_name: fields.Field[dict[str, str]] = fields.JSONField(null=True)
    region_code = fields.CharField(max_length=12, default="")
    application = fields.UUIDField(null=True)
    state = fields.CharField(max_length=16)
    clerk: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "auth.StaffMember", related_name=False, null=True, db_index=True, on_delete=fields.RESTRICT
    )
    awaiting = fields.CharField(max_length=8, default="clerk")  # whose word is next: clerk | citizen
    answer_due_at = fields.DatetimeField(null=True)  # the clerk's timer; of an offer, its end
    queued_at = fields.DatetimeField(null=True)
    inquiry_due_at = fields.DatetimeField(null=True)
    reason_code = fields.CharField(max_length=32)
    tried: fields.Field[list[str]] = fields.JSONField(default=list)  # staff who were offered it and did not take it
    declined: fields.Field[list[str]] = fields.JSONField(default=list, db_default=[])  # staff who said no to it, ever
    returns_to = fields.UUIDField(null=True)  # who handed it on, and has it back unless the offer is accepted
    escalation = fields.IntField(default=0)
    transfers = fields.IntField(default=0)
    last_seq = fields.BigIntField(default=0)
    version = fields.IntField(default=0)  # grows with every move; tells other processes that the state is another one
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "chat_conversation"


class Message(Model):
    """
    A word, picture, card or notice, at its one place in the conversation. Written by `chat_append` only.

    An edit or a recall is a row of its own; the row it is `of` points to the latest one and keeps its words as
    evidence. As people are shown it, it is read from the view `chat_message_shown`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_constraint=False
    )
    seq = fields.BigIntField()
    sender_role = fields.CharField(max_length=8)  # citizen | clerk | system
    sender = fields.UUIDField(null=True)
    sender_name = fields.CharField(max_length=64, default="")  # of staff and system; a citizen's name is not kept here
    client_id = fields.CharField(max_length=64, null=True)
    kind = fields.CharField(max_length=8)  # text | image | card | system | edit | recall
    body: fields.Field[dict[str, object]] = fields.JSONField()
    at = fields.DatetimeField()
    changed = fields.BigIntField(null=True)  # the place of its latest edit or recall
    recalled = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "chat_message"
        unique_together = (("conversation", "seq"), ("sender", "client_id"))


class Note(Model):
    """An internal note. It stands beside the sequence, after message `after_seq`: citizens see neither it nor a gap."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_index=True
    )
    after_seq = fields.BigIntField()
    author = fields.UUIDField()
    author_name = fields.CharField(max_length=64)
    client_id = fields.CharField(max_length=64)
    body: fields.Field[dict[str, object]] = fields.JSONField()
    at = fields.DatetimeField()

    class Meta:
        table = "chat_note"
        unique_together = (("author", "client_id"),)


class Mark(Model):
    """How far a side has been delivered to, and has read. Neither number ever falls."""

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False
    )
    side = fields.CharField(max_length=8)  # citizen | clerk
    delivered = fields.BigIntField(default=0)
    read = fields.BigIntField(default=0)

    class Meta:
        table = "chat_mark"
        unique_together = (("conversation", "side"),)


class ConversationChange(Model):
    """One move of a conversation: who, when, why, from, to."""

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_index=True
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    from_state = fields.CharField(max_length=16, null=True)
    to_state = fields.CharField(max_length=16)
    clerk = fields.UUIDField(null=True)
    reason_code = fields.CharField(max_length=32)
    note = fields.CharField(max_length=500, default="")

    class Meta:
        table = "chat_conversation_change"


class Inquiry(Model):
    """A question nobody was there for: answered by its date, in working days."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_index=True
    )
    department_code = fields.CharField(max_length=32, null=True)
    owner = fields.UUIDField(null=True)  # the member of staff who answers for it; null where nobody works at all
    asked_by = fields.CharField(max_length=8, default="office", db_default="office")  # office | citizen
    opened_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    half_at = fields.DatetimeField(null=True)  # half of the working time until the date is over
    soon_at = fields.DatetimeField(null=True)  # shortly before the date
    warned_at = fields.DatetimeField(null=True)
    warned_soon_at = fields.DatetimeField(null=True)
    rung = fields.IntField(default=0, db_default=0)  # how high it was told of that the date has passed
    rung_at = fields.DatetimeField(null=True)
    taken_at = fields.DatetimeField(null=True)  # left its waiting: answered, taken up by a clerk, or closed
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.UUIDField(null=True)

    class Meta:
        table = "chat_inquiry"


class Wait(Model):
    """
    A stay in a queue: since when, at which place it began, how it ended. `outcome`: served, left (the citizen closed),
    message (the citizen left a message instead), inquiry (nobody was there any more) or moved (to another queue).
    """

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "chat.Conversation", related_name=False, db_index=True
    )
    department_code = fields.CharField(max_length=32, null=True)
    item_code = fields.CharField(max_length=40, null=True)
    place = fields.IntField()
    clerks = fields.IntField()  # of the department at their desks when it began
    entered_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=8, default="")

    class Meta:
        table = "chat_wait"


class Rating(Model):
    """What the citizen says of a closed conversation, once: level 1 very bad … 5 very good."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    conversation: fields.OneToOneRelation[Conversation] = fields.OneToOneField("chat.Conversation", related_name=False)
    clerk = fields.UUIDField(null=True)
    level = fields.IntField()
    reasons: fields.Field[list[str]] = fields.JSONField(default=list)
    comment = fields.CharField(max_length=500, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "chat_rating"


class Presence(Model):
    """A clerk at the desk. Present is who chose `online` or `busy`, was seen a moment ago and has not left."""

    staff: fields.OneToOneRelation[StaffMember] = fields.OneToOneField(
        "auth.StaffMember", related_name=False, primary_key=True
    )
    status = fields.CharField(max_length=8)  # online | busy | away
    capacity = fields.IntField()
    auto_accept = fields.BooleanField(default=False)
    seen_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        table = "chat_presence"
