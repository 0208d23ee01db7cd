"""The windows an item can be booked at, and the slots they offer with the seats that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from kit import clock, db, workdays
from kit.config import current
from mobileapi.bookings.config import BookingSettings
from mobileapi.bookings.openings import Line, OfficeDays, Opening, openings
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import current_guide

# A place that has lines of the item itself is booked on those; else on its department's, where the guide names it.
OF_ITEM = """
SELECT w.* FROM bookings_window w JOIN bookings_place p ON p.code = w.place_id
WHERE (w.ended_on IS NULL OR w.ended_on > $4) AND (
  w.item_code = $1 OR (w.item_code IS NULL AND w.department_code = $2 AND p.name->>'zh' = ANY ($3::text[])
    AND NOT EXISTS (SELECT 1 FROM bookings_window o WHERE o.place_id = w.place_id AND o.item_code = $1
      AND (o.ended_on IS NULL OR o.ended_on > $4))))
ORDER BY w.place_id, w.weekday, w.starts
"""
OF_PLACE = "SELECT * FROM bookings_window w WHERE w.place_id = $1 AND (w.ended_on IS NULL OR w.ended_on > $2)"
TAKEN = """
SELECT window_id, starts_at, seats, taken, closed_at FROM bookings_slot
WHERE window_id = ANY ($1::uuid[]) AND starts_at >= $2 AND starts_at < $3
"""


@dataclass(frozen=True)
class Offered:
    """A slot somebody may take; `left`: seats nobody has, 0 also when the office closed it."""

    opening: Opening
    left: int


async def lines_for(item: str) -> tuple[Guide, list[Line]]:
    """The item's guide and the lines it can be booked on today. Raises NotFound for an item that is not there."""
    _, guide = await current_guide(item)
    names = [place.name.zh for place in guide.places]
    rows = await db.fetch(OF_ITEM, item, guide.department, names, clock.today())
    return guide, [line_of(row) for row in rows]


async def lines_at(place: str) -> list[Line]:
    return [line_of(row) for row in await db.fetch(OF_PLACE, place, clock.today())]


def line_of(row: Any) -> Line:
    return Line(
        row["id"], row["place_id"], row["weekday"], row["starts"], row["ends"], row["minutes"], row["seats"],
        item=row["item_code"], ended_on=row["ended_on"],
    )  # fmt: skip


async def office_days() -> OfficeDays:
    """The calendar as it stands; edits hold from the next look on."""
    off = await db.fetch("SELECT date FROM kit_calendar_day WHERE NOT is_workday")
    return OfficeDays(await workdays.calendar(), {row["date"] for row in off}, clock.city_zone())


def earliest() -> datetime:
    """A slot that begins before this is not offered any more."""
    return clock.now() + timedelta(minutes=current(BookingSettings).booking_lead_minutes)


async def offered(lines: Sequence[Line]) -> list[Offered]:
    """Every slot of the lines in the days ahead, full ones too, by time and place."""
    days = await office_days()
    found = openings(
        lines, days.ahead(clock.today(), current(BookingSettings).booking_workdays_ahead), days=days, after=earliest()
    )
    return await with_seats(found)


async def on_day(place: str, day: date) -> list[Offered]:
    """The slots of one day at a place, those that are over too."""
    days = await office_days()
    midnight = clock.now() - timedelta(days=366)
    return await with_seats(openings(await lines_at(place), [day], days=days, after=midnight))


async def with_seats(found: Sequence[Opening]) -> list[Offered]:
    if not found:
        return []
    rows = await db.fetch(
        TAKEN, list({o.line.id for o in found}), found[0].starts_at, found[-1].starts_at + timedelta(seconds=1)
    )
    left: dict[tuple[UUID, datetime], int] = {
        (r["window_id"], r["starts_at"]): 0 if r["closed_at"] else max(r["seats"] - r["taken"], 0) for r in rows
    }
    return [Offered(o, left.get((o.line.id, o.starts_at), o.line.seats)) for o in found]
