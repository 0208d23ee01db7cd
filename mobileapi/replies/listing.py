"""Lists of quick replies: what a desk may read, or what may be used in a conversation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from auth.callers import who_is
from auth.rights import Values, Who, condition, may
from chat.models import Conversation
from kit import db
from kit.cursors import end_of, place_in
from kit.texts import Text
from kit.web import Actor
from mobileapi.catalogue.items import names_of
from mobileapi.replies.access import COLUMNS, thing_of
from mobileapi.replies.models import Reply
from mobileapi.replies.schemas import RepliesQuery, ReplyPage, ReplyRow

SELECT = """
SELECT r.*, a.author AS asked_by, n.title AS shown_title, n.words AS shown_words
FROM replies_reply r LEFT JOIN replies_revision a ON a.reply_id = r.id AND a.state = 'asked'
LEFT JOIN replies_revision n ON n.reply_id = r.id AND n.number = r.newest
"""
SHOWN = {
    "all": "r.withdrawn_at IS NULL",
    "stale": "r.withdrawn_at IS NULL AND r.stale_since IS NOT NULL",
    "asked": "r.withdrawn_at IS NULL AND a.author IS NOT NULL",
    "mine": "r.withdrawn_at IS NULL AND r.scope = 'personal'",
    "withdrawn": "r.withdrawn_at IS NOT NULL",
}
IN_A_TALK = 300  # more than that nobody looks through while somebody waits


async def of_desk(actor: Actor, query: RepliesQuery) -> ReplyPage:
    """The latest changed first."""
    who = await who_is(actor)
    values = Values()
    seen = condition(who, "reply", COLUMNS, values=values)
    parts = [seen, SHOWN[query.show], *_narrowed(query, values)]
    before, last = place_in("replies", query.cursor, datetime, UUID) or (None, None)
    if before is not None:
        parts.append(f"(r.updated_at, r.id) < ({values.add(before)}::timestamptz, {values.add(last)}::uuid)")
    limit = values.add(query.limit + 1)
    rows = await db.fetch(
        f"{SELECT} WHERE {' AND '.join(parts)} ORDER BY r.updated_at DESC, r.id DESC LIMIT {limit}", *values.given
    )
    page = rows[: query.limit]
    end = end_of("replies", page[-1]["updated_at"], page[-1]["id"]) if len(rows) > query.limit else None
    counted = await _waiting(who)
    return ReplyPage(items=await rows_shown(page, who), next_cursor=end, stale=counted[0], asked=counted[1])


def _narrowed(query: RepliesQuery, values: Values) -> list[str]:
    """By item, and by words or the first letters of the title's syllables."""
    parts = []
    if query.item:
        parts.append(f"r.item_code = {values.add(query.item)}::text")
    if words := query.q.strip().lower():
        place = f"{values.add(words)}::text"
        parts.append(
            f"(position({place} IN lower(coalesce(a.title, r.title)::text)) > 0 OR "
            f"position({place} IN lower(coalesce(a.words, r.words)::text)) > 0 OR position({place} IN r.initials) > 0)"
        )
    return parts


async def _waiting(who: Who) -> tuple[int, int]:
    """How many are stale, and how many wait for another person, of those one may read."""
    values = Values()
    seen = condition(who, "reply", COLUMNS, values=values)
    rows = await db.fetch(
        f"SELECT count(*) FILTER (WHERE {SHOWN['stale']}) AS stale, count(*) FILTER (WHERE {SHOWN['asked']}) AS asked "  # noqa: S608
        f"FROM replies_reply r LEFT JOIN replies_revision a ON a.reply_id = r.id AND a.state = 'asked' WHERE {seen}",
        *values.given,
    )  # fmt: skip
    return rows[0]["stale"], rows[0]["asked"]


async def for_conversation(actor: Actor, talk: Conversation) -> ReplyPage:
    """One's own, those of its item and of its department: in force, the most used first."""
    who = await who_is(actor)
    rows = await db.fetch(
        f"{SELECT} WHERE r.live > 0 AND r.withdrawn_at IS NULL AND ("
        "(r.scope = 'personal' AND r.owner = $1 AND (r.item_code IS NULL OR r.item_code = $2)) "
        "OR (r.scope = 'item' AND r.item_code = $2) OR (r.scope = 'department' AND r.department_code = ANY ($3))) "
        "ORDER BY (r.scope = 'item') DESC, r.uses DESC, r.id LIMIT $4",
        who.id, talk.item_code, [talk.department_code or who.department, who.department], IN_A_TALK,
    )  # fmt: skip
    return ReplyPage(items=await rows_shown(rows, who, in_force=True), next_cursor=None, stale=0, asked=0)


async def row_of(id: UUID, who: Who) -> ReplyRow:  # noqa: A002 - the id of the reply
    return (await rows_shown(await db.fetch(f"{SELECT} WHERE r.id = $1", id), who))[0]


async def rows_shown(rows: Sequence[Record], who: Who, *, in_force: bool = False) -> list[ReplyRow]:
    names = await names_of({row["item_code"] for row in rows if row["item_code"]})
    return [_row(row, who, names, in_force=in_force) for row in rows]


def _row(row: Record, who: Who, names: dict[str, Text], *, in_force: bool) -> ReplyRow:
    first = in_force or row["live"] > 0
    said: dict[str, Any] = {"title": row["title"] if first else row["shown_title"]}
    said["words"] = row["words"] if first else row["shown_words"]
    charge = Reply(scope=row["scope"], owner=row["owner"], department_code=row["department_code"])
    return ReplyRow(
        id=row["id"], scope=row["scope"], item=row["item_code"], item_name=names.get(row["item_code"]),
        department=row["department_code"], title=Text.model_validate_json(said["title"]),
        words=Text.model_validate_json(said["words"]), initials=row["initials"], live=row["live"],
        newest=row["newest"], asked=row["asked_by"] is not None, asked_by_me=row["asked_by"] == who.id,
        at=row["cite_at"], version=row["cite_version"], stale_since=row["stale_since"],
        withdrawn=row["withdrawn_at"] is not None, uses=row["uses"], last_used_at=row["last_used_at"],
        updated_at=row["updated_at"], may_write=may(who, thing_of(charge, noun="reply in charge")),
    )  # fmt: skip
