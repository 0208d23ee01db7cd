"""
Notices: what a citizen is told, in the transaction of what it is about.

A notice lies in the app at once, because it is a row. Other ways (a subscription message, a text message) hang on the
same row as deliveries, and are sent after it is committed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from auth.acting.readers import readers_of
from kit import clock, db
from kit.config import current
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.ids import new_id
from kit.jobs import defer
from kit.texts import Text
from mobileapi.notify import jobs
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.states import DeliveryState, Way
from mobileapi.notify.topics import Topic


@dataclass(frozen=True)
class Reaching:
    """
    The notice also looks for its citizen outside the app, after `patience_s` in which they may read it there. `brief`
    has the words of message templates (`topics.WORDS`): no more than a lock screen may show.
    """

    topic: Topic
    brief: Mapping[str, str] = field(default_factory=dict)
    patience_s: int = 0


async def tell(
    citizen: UUID, *, kind: str, text: Text, link: str = "", once: str | None = None, ways: Sequence[Way] = (),
    reaching: Reaching | None = None, **ids: Any,
) -> UUID | None:  # fmt: skip
    """
    Tells the citizen; of a firm, and of somebody without an account of their own, those who act for them. The first
    notice's id, or None when `once` was told before. Otherwise as `_tell_one`; with `reaching` the notice also goes
    outside the app, in the order of ways that suits its citizen (`notify/reach.py`).
    """
    told: list[UUID | None] = []
    for reader in await readers_of(citizen):
        mark = once if reader == citizen or once is None else f"{once}:{reader}"
        id_ = await _tell_one(reader, kind=kind, text=text, link=link, once=mark, ways=ways, **ids)
        if id_ is not None and reaching is not None:
            await _reach_later(id_, reaching)
        told.append(id_)
    return told[0]


async def _tell_one(
    citizen: UUID, *, kind: str, text: Text, link: str, once: str | None, ways: Sequence[Way], **ids: Any
) -> UUID | None:
    """
    Writes a notice into the open transaction; its id, or None when `once` was told before.

    `text` is shown as it is, so it names nobody in the clear; `link` is a page of the citizen app such as
    `sub/account/devices`; `ways` are those beside the app, each tried once it is committed.
    """
    async with db.transaction():
        id_ = new_id()
        told = await db.execute(
            "INSERT INTO notify_notice (id, citizen, kind, text, link, about, once, created_at) "
            "VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb, $7, $8) ON CONFLICT (once) DO NOTHING",
            id_, citizen, kind, text.model_dump_json(exclude_none=True), link,
            json.dumps({name: str(value) for name, value in ids.items()}), once, clock.now(),
        )  # fmt: skip
        if not told:
            return None
        for way in ways:
            await db.execute(
                "INSERT INTO notify_delivery (id, notice_id, way, state, said) VALUES ($1, $2, $3, $4, '')",
                new_id(), id_, way, DeliveryState.WAITING,
            )  # fmt: skip
            await defer(jobs.deliver_notice, notice=str(id_), way=way.value)
        return id_


async def _reach_later(notice: UUID, reaching: Reaching) -> None:
    at = clock.now() + timedelta(seconds=reaching.patience_s)
    await db.execute(
        "UPDATE notify_notice SET topic = $2, brief = $3::jsonb, reach_at = $4 WHERE id = $1",
        notice, reaching.topic.value, json.dumps(dict(reaching.brief)), at,
    )  # fmt: skip
    await defer(jobs.reach_out, at=at, notice=str(notice))


MINE = """
SELECT id, kind, text, link, created_at, read_at FROM notify_notice
WHERE citizen = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
ORDER BY created_at DESC, id DESC LIMIT $4
"""


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    unread: int
    next_cursor: str | None


async def page_of(citizen: UUID, *, limit: int, cursor: str | None) -> Page:
    """The newest first. Raises InvalidRequest for a cursor we did not make."""
    at, after = place_in("notices", cursor, datetime, UUID) or (None, None)
    rows = await db.fetch(MINE, citizen, at, after, limit + 1)
    unread = await db.fetch_value("SELECT count(*) FROM notify_notice WHERE citizen = $1 AND read_at IS NULL", citizen)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], int(unread), end_of("notices", last["created_at"], last["id"]) if last else None)


async def read(citizen: UUID, notice: UUID) -> None:
    """Marks one's own notice as read; again changes nothing. Raises NotFound."""
    touched = await db.execute(
        "UPDATE notify_notice SET read_at = coalesce(read_at, $3) WHERE id = $1 AND citizen = $2",
        notice, citizen, clock.now(),
    )  # fmt: skip
    if not touched:
        raise NotFound


async def read_all(citizen: UUID) -> None:
    await db.execute(
        "UPDATE notify_notice SET read_at = $2 WHERE citizen = $1 AND read_at IS NULL", citizen, clock.now()
    )


async def move_between(giver: UUID, taker: UUID) -> list[str]:
    """
    When two accounts of one person become one: the ids of the notices that go along. Grants go with the identity they
    were given by; wishes and answers stay those of the account that goes on.
    """
    for table in ("notify_asked", "notify_preference", "notify_text_budget"):
        await db.execute(f"DELETE FROM {table} WHERE citizen = $1", giver)  # noqa: S608 - our own text
    rows = await db.fetch("UPDATE notify_notice SET citizen = $2 WHERE citizen = $1 RETURNING id", giver, taker)
    return [str(row["id"]) for row in rows]


async def of(citizen: UUID) -> list[str]:
    """The ids of somebody's notices."""
    return [str(row["id"]) for row in await db.fetch("SELECT id FROM notify_notice WHERE citizen = $1", citizen)]


async def purge() -> int:
    """Removes notices older than HANDHELD_NOTICES_KEPT_DAYS; how many."""
    days = timedelta(days=current(NotifySettings).notices_kept_days)
    return await db.execute("DELETE FROM notify_notice WHERE created_at < $1", clock.now() - days)
