"""Conversations as their citizen and the staff see them: one statement, whatever the number."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from chat import queues
from chat.people import citizen_names
from chat.queues import Standing
from chat.routing import REASONS
from chat.schemas import (
    CitizenView,
    ClerkView,
    Coded,
    ConversationView,
    InquiryView,
    LastMessage,
    ReadMarks,
    ReasonView,
    SubjectView,
)
from chat.states import ConversationState as S
from kit import clock, db
from kit.texts import Text, text

# What is told of a conversation is looked up for those shown only: the page is cut first.
SELECT = """
SELECT c.*, s.name AS clerk_name, s.title AS clerk_title, m.kind, m.body, m.at, m.recalled,
  COALESCE(kc.read, 0) AS citizen_read, COALESCE(kc.delivered, 0) AS citizen_delivered,
  COALESCE(kk.read, 0) AS clerk_read, COALESCE(kk.delivered, 0) AS clerk_delivered,
  (SELECT count(*) FROM chat_message u WHERE u.conversation_id = c.id AND u.sender_role NOT IN ($1, 'system')
    AND u.kind NOT IN ('edit', 'recall') AND NOT u.recalled
    AND u.seq > COALESCE(CASE WHEN $1 = 'citizen' THEN kc.read ELSE kk.read END, 0)) AS unread,
  i.owner AS inquiry_owner, io.name AS owner_name, io.title AS owner_title, i.opened_at AS inquiry_opened_at,
  i.half_at, i.soon_at, i.asked_by,
  EXISTS (SELECT 1 FROM chat_rating r WHERE r.conversation_id = c.id) AS rated
FROM (SELECT * FROM chat_conversation c WHERE {condition}) c
LEFT JOIN auth_staff_member s ON s.id = c.clerk_id AND c.state IN ('assigned', 'closed')
LEFT JOIN LATERAL (SELECT kind, body, at, recalled FROM chat_message_shown WHERE conversation_id = c.id
  AND kind NOT IN ('edit', 'recall') ORDER BY seq DESC LIMIT 1) m ON true
LEFT JOIN chat_inquiry i ON i.conversation_id = c.id AND i.taken_at IS NULL
LEFT JOIN auth_staff_member io ON io.id = i.owner
LEFT JOIN chat_mark kc ON kc.conversation_id = c.id AND kc.side = 'citizen'
LEFT JOIN chat_mark kk ON kk.conversation_id = c.id AND kk.side = 'clerk'
ORDER BY c.created_at DESC, c.id DESC
"""


async def conversations_where(condition: str, *values: Any, side: str) -> list[ConversationView]:
    """
    The newest first. `condition` is our own SQL over `c`, its order and limit included, with values from $2 on; `side`
    (citizen, clerk) decides what is unread.
    """
    rows = await db.fetch(SELECT.format(condition=condition), side, *values)
    people = {row["citizen_id"] for row in rows} | {row["on_behalf_of"] for row in rows if row["on_behalf_of"]}
    names = await citizen_names(people)
    queued = {row["department_code"] or "" for row in rows if row["state"] == S.queued}
    places = await queues.standings(queued) if queued else {}
    return [_view(row, names, places.get(row["id"])) for row in rows]


async def view_of(id: UUID, *, side: str) -> ConversationView | None:  # noqa: A002
    found = await conversations_where("c.id = $2", id, side=side)
    return found[0] if found else None


async def views_of(ids: Sequence[UUID], *, side: str) -> list[ConversationView]:
    """The oldest first."""
    return (await conversations_where("c.id = ANY ($2)", list(ids), side=side))[::-1]


def _view(row: Record, names: Mapping[UUID, str], place: Standing | None) -> ConversationView:
    expected = place.estimate if place else None
    return ConversationView(
        id=row["id"], state=row["state"],
        subject=SubjectView(
            item=_coded(row["item_code"], row["item_name"]),
            department=_coded(row["department_code"], row["department_name"]),
            application=row["application"],
        ),
        citizen=CitizenView(
            id=row["citizen_id"], name_masked=names[row["citizen_id"]], on_behalf_of=names.get(row["on_behalf_of"]),
        ),
        clerk=ClerkView(id=row["clerk_id"], name=row["clerk_name"], title=row["clerk_title"])
        if row["clerk_name"] is not None else None,
        reason=ReasonView(code=row["reason_code"], text=REASONS.get(row["reason_code"], text(""))),
        queue_position=place.position if place else None, waits_since=place.since if place else None,
        wait_estimate_s=expected.middle if expected else None,
        wait_range_s=(expected.low, expected.high) if expected else None,
        due_at=row["inquiry_due_at"] if row["state"] == S.inquiry else row["answer_due_at"],
        inquiry=inquiry_of(row) if row["inquiry_opened_at"] is not None else None,
        last_seq=row["last_seq"],
        last_message=_last_message(row) if row["kind"] else None,
        read=ReadMarks(citizen=row["citizen_read"], clerk=row["clerk_read"]),
        delivered=ReadMarks(citizen=row["citizen_delivered"], clerk=row["clerk_delivered"]),
        unread=row["unread"], rated=row["rated"], created_at=row["created_at"], closed_at=row["closed_at"],
    )  # fmt: skip


def inquiry_of(row: Record) -> InquiryView:
    """The open inquiry of a row, whose owner is called `owner_name` and `owner_title`."""
    now, due, owner = clock.now(), row["inquiry_due_at"], row["inquiry_owner"]
    return InquiryView(
        owner=ClerkView(id=owner, name=row["owner_name"], title=row["owner_title"]) if owner else None,
        opened_at=row["inquiry_opened_at"], due_at=due, overdue=due <= now, asked_by=row["asked_by"],
        light="red" if now >= (row["soon_at"] or due) else "yellow" if now >= (row["half_at"] or due) else "green",
    )  # fmt: skip


def _coded(code: str | None, name: str | None) -> Coded | None:
    if code is None:
        return None
    return Coded(code=code, name=Text.model_validate(json.loads(name)) if name else None)


def _last_message(row: Record) -> LastMessage:
    preview = "[已撤回]" if row["recalled"] else _preview(row["kind"], row["body"])
    return LastMessage(kind=row["kind"], preview=preview, at=row["at"], recalled=row["recalled"])


def _preview(kind: str, body: str) -> str:
    """A line for lists."""
    value = json.loads(body)
    if kind == "text":
        return str(value["text"])[:60]
    if kind == "system":
        return str(value["text"]["zh"])[:60]
    return {"image": "[图片]", "card": "[卡片]"}[kind]
