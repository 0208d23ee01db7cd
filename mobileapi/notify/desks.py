"""
What a member of staff is told, in the transaction of what it is about: rows like the citizens' notices, shown by the
bell of the console.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit import clock, db
from kit.config import current
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.ids import new_id
from kit.jobs import defer
from kit.texts import Text
from mobileapi.notify import jobs
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.notices import Page
from mobileapi.notify.work_messages import is_urgent


async def tell_staff(
    staff: UUID, *, kind: str, text: Text, link: str = "", once: str | None = None, **ids: Any
) -> UUID | None:  # fmt: skip
    """
    Writes a notice to a member of staff into the open transaction; its id, or None when `once` was told before.

    A kind that HANDHELD_URGENT_KINDS names also follows them out of the console (`notify/work_messages.py`).

    `text` is shown as it is, so it names no citizen in the clear; `link` is a page of the console such as
    `/console/#/consultations?id=…`. `once` is this person's: of two notices with the same one the second is not told.
    """
    async with db.transaction():
        id_ = new_id()
        told = await db.execute(
            "INSERT INTO notify_staff_notice (id, staff, kind, text, link, about, once, created_at) "
            "VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb, $7, $8) ON CONFLICT (once) DO NOTHING",
            id_, staff, kind, text.model_dump_json(exclude_none=True), link,
            json.dumps({name: str(value) for name, value in ids.items()}),
            once and f"{staff}:{once}", clock.now(),
        )  # fmt: skip
        if not told:
            return None
        if is_urgent(kind):
            await defer(jobs.follow_to_work, notice=str(id_))
        return id_


MINE = """
SELECT id, kind, text, link, created_at, read_at FROM notify_staff_notice
WHERE staff = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
ORDER BY created_at DESC, id DESC LIMIT $4
"""


async def page_of(staff: UUID, *, limit: int, cursor: str | None) -> Page:
    """The newest first. Raises InvalidRequest for a cursor we did not make."""
    at, after = place_in("desk_notices", cursor, datetime, UUID) or (None, None)
    rows = await db.fetch(MINE, staff, at, after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = end_of("desk_notices", last["created_at"], last["id"]) if last else None
    return Page(rows[:limit], await unread_of(staff), next_cursor)


async def unread_of(staff: UUID) -> int:
    return int(
        await db.fetch_value("SELECT count(*) FROM notify_staff_notice WHERE staff = $1 AND read_at IS NULL", staff)
    )


async def read(staff: UUID, notice: UUID) -> None:
    """Marks one's own notice as read; again changes nothing. Raises NotFound."""
    touched = await db.execute(
        "UPDATE notify_staff_notice SET read_at = coalesce(read_at, $3) WHERE id = $1 AND staff = $2",
        notice, staff, clock.now(),
    )  # fmt: skip
    if not touched:
        raise NotFound


async def read_all(staff: UUID) -> None:
    await db.execute(
        "UPDATE notify_staff_notice SET read_at = $2 WHERE staff = $1 AND read_at IS NULL", staff, clock.now()
    )


async def purge() -> int:
    """Removes notices older than HANDHELD_STAFF_NOTICES_KEPT_DAYS; how many."""
    days = timedelta(days=current(NotifySettings).staff_notices_kept_days)
    return await db.execute("DELETE FROM notify_staff_notice WHERE created_at < $1", clock.now() - days)
