"""Clerks at their desks: a row each, kept fresh by the process that holds their socket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chat.config import ChatSettings
from kit import clock, db
from kit.config import current

ARRIVE = """
INSERT INTO chat_presence (staff_id, status, capacity, auto_accept, seen_at) VALUES ($1, 'online', $2, false, $3)
ON CONFLICT (staff_id) DO UPDATE SET seen_at = $3, left_at = NULL,
  status = CASE WHEN chat_presence.seen_at < $4 OR chat_presence.left_at < $4 THEN 'online'
    ELSE chat_presence.status END
"""
CHOOSE = """
UPDATE chat_presence SET status = $2, capacity = COALESCE($3, capacity), auto_accept = COALESCE($4, auto_accept),
  seen_at = $5, left_at = NULL WHERE staff_id = $1
"""
AHEAD = timedelta(seconds=60)  # clocks of several machines differ a little
KEPT_STATUS = timedelta(hours=1)  # who was away for longer begins a new shift, online


@dataclass(frozen=True)
class Seat:
    """`status`: online, busy, away or gone."""

    staff: UUID
    status: str
    capacity: int
    auto_accept: bool
    load: int


async def arrive(staff: UUID) -> None:
    """A clerk's socket opened: online at the beginning of a shift, else as they left it."""
    now = clock.now()
    await db.execute(ARRIVE, staff, current(ChatSettings).chat_capacity, now, now - KEPT_STATUS)


async def choose(staff: UUID, *, status: str, capacity: int | None, auto_accept: bool | None) -> None:
    await db.execute(CHOOSE, staff, status, capacity, auto_accept, clock.now())


async def keep(staff: Iterable[UUID]) -> None:
    """These have a living socket here. In order of id, so that two processes never wait for each other."""
    here = sorted(set(staff))
    if here:
        await db.execute(
            "UPDATE chat_presence p SET seen_at = $2, left_at = NULL FROM "
            "(SELECT staff_id FROM chat_presence WHERE staff_id = ANY ($1) ORDER BY staff_id FOR UPDATE) AS k "
            "WHERE p.staff_id = k.staff_id",
            here, clock.now(),
        )  # fmt: skip


async def leave(staff: UUID) -> None:
    """The last socket here closed. Whoever is connected to another process is seen again within seconds."""
    await db.execute("UPDATE chat_presence SET left_at = $2 WHERE staff_id = $1", staff, clock.now())


SEATS = """
SELECT p.staff_id, p.status, p.capacity, p.auto_accept, p.seen_at, p.left_at,
  (SELECT count(*) FROM chat_conversation c
    WHERE (c.clerk_id = p.staff_id AND c.state IN ('assigned', 'offered')) OR c.returns_to = p.staff_id) AS load
FROM chat_presence p WHERE p.staff_id = ANY ($1)
"""


async def seats(staff: Iterable[UUID]) -> dict[UUID, Seat]:
    """Where these people are now; who never came has no seat."""
    rows = await db.fetch(SEATS, list(staff))
    oldest = clock.now() - timedelta(seconds=current(ChatSettings).chat_vanish_s)
    return {
        r["staff_id"]: Seat(
            r["staff_id"], r["status"] if _here(r["seen_at"], r["left_at"], oldest) else "gone",
            r["capacity"], r["auto_accept"], r["load"],
        )
        for r in rows
    }  # fmt: skip


def _here(seen_at: datetime, left_at: datetime | None, oldest: datetime) -> bool:
    ahead = clock.now() + AHEAD  # last seen before the clock was set back, and not since
    return left_at is None and oldest < seen_at < ahead


async def hold(staff: UUID) -> Seat | None:
    """The seat, locked until the transaction ends: two conversations never take the same last place."""
    await db.execute("SELECT 1 FROM chat_presence WHERE staff_id = $1 FOR UPDATE", staff)
    return (await seats([staff])).get(staff)


async def hold_free(staff: UUID) -> Seat | None:
    """
    The seat, held, when its clerk is online and has room. Else it is let go of at once: who holds one seat and waits
    for another could wait for somebody who does the same the other way round.
    """
    await db.execute("SAVEPOINT seat")
    seat = await hold(staff)
    if seat is not None and seat.status == "online" and seat.load < seat.capacity:
        await db.execute("RELEASE SAVEPOINT seat")
        return seat
    await db.execute("ROLLBACK TO SAVEPOINT seat")
    return None
