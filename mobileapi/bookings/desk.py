"""A place's day at the desk: who comes when, checking in, closing a slot."""

import re
from datetime import date, datetime, time, timedelta
from uuid import UUID

from auth.callers import who_is
from auth.models import Citizen
from auth.reading import let_read, note_look
from auth.rights import Values, condition
from kit import clock, db
from kit.errors import NotFound
from kit.reach import Reach
from kit.web import Call, get, post
from mobileapi.bookings import bookings, closing
from mobileapi.bookings.access import PLACES, desk_booking, desk_place, desk_window
from mobileapi.bookings.models import Booking, Place, Slot
from mobileapi.bookings.openings import Opening, lines_of
from mobileapi.bookings.schemas import (
    CheckedIn,
    CheckIn,
    ClosedSlot,
    CloseSlot,
    DeskBooking,
    DeskDay,
    DeskDayQuery,
    DeskPlaces,
    DeskSlot,
)
from mobileapi.bookings.states import BookingState
from mobileapi.bookings.views import desk_booking_view, place_view
from mobileapi.bookings.windows import line_of, lines_at, office_days, on_day

DESK = {"clerk", "supervisor"}
REACH: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}
SHOWN = (BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.NO_SHOW)


async def list_places(call: Call) -> DeskPlaces:
    values = Values()
    seen = condition(await who_is(call.actor), "booking place", PLACES, values=values)
    codes = [
        row["code"]
        for row in await db.fetch(
            f"SELECT p.code FROM bookings_place p WHERE {seen} ORDER BY p.code",  # noqa: S608 - ours
            *values.given,
        )
    ]
    return DeskPlaces(items=[place_view(p) for p in await Place.filter(code__in=codes).order_by("code")])


async def read_day(call: Call, query: DeskDayQuery) -> DeskDay:
    place = await desk_place(call.actor, query.place)
    await note_look(call.actor, "bookings", purpose="reception", place=place.code, day=str(query.day))
    days = await office_days()
    return DeskDay(
        place=place_view(place), day=query.day, open=bool(lines_of(query.day, await lines_at(place.code), days=days)),
        slots=await _day(place.code, query.day),
    )  # fmt: skip


SLOTS = """
SELECT s.*, w.item_code, w.place_id, w.department_code, w.weekday, w.starts, w.ends, w.minutes, w.ended_on
FROM bookings_slot s JOIN bookings_window w ON w.id = s.window_id
WHERE w.place_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3
"""


async def _day(place: str, day: date) -> list[DeskSlot]:
    """The slots the table has, and those somebody holds a seat in though it has them no more."""
    begins = datetime.combine(day, time(), clock.city_zone())
    ends = begins + timedelta(days=1)
    rows = {(r["window_id"], r["starts_at"]): r for r in await db.fetch(SLOTS, place, begins, ends)}
    people = await _booked([r["id"] for r in rows.values()])
    table = {(o.opening.line.id, o.opening.starts_at): o.opening for o in await on_day(place, day)}
    kept = {key: Opening(line_of({**dict(r), "id": r["window_id"]}), r["starts_at"], r["ends_at"])
            for key, r in rows.items() if r["taken"] or r["closed_at"]}  # fmt: skip
    everything = {**kept, **table}
    return [
        _slot(everything[key], rows.get(key), people) for key in sorted(everything, key=lambda k: (k[1], str(k[0])))
    ]


def _slot(opening: Opening, row: object, people: dict[UUID, list[DeskBooking]]) -> DeskSlot:
    kept = dict(row) if row is not None else {}  # type: ignore[call-overload]
    return DeskSlot(
        window=opening.line.id, item=opening.line.item, starts_at=clock.city_time(opening.starts_at),
        ends_at=clock.city_time(opening.ends_at), seats=kept.get("seats", opening.line.seats),
        taken=kept.get("taken", 0), closed=kept.get("closed_at") is not None, close_reason=kept.get("close_reason", ""),
        over=opening.ends_at < clock.now(), bookings=people.get(kept["id"], []) if kept else [],
    )  # fmt: skip


async def _booked(slots: list[UUID]) -> dict[UUID, list[DeskBooking]]:
    found = await Booking.filter(slot_id__in=slots, state__in=SHOWN).order_by("created_at", "id")
    people = {p.id: p for p in await Citizen.filter(id__in={b.citizen_id for b in found})}  # type: ignore[attr-defined]
    by_slot: dict[UUID, list[DeskBooking]] = {}
    for b in found:
        by_slot.setdefault(b.slot_id, []).append(desk_booking_view(b, people[b.citizen_id]))  # type: ignore[attr-defined]
    return by_slot


CODE = re.compile(r"[0-9A-Z]{4,12}")


async def check_in(call: Call, body: CheckIn) -> CheckedIn:
    """By the letters, or by everything a scanner reads out of the QR code."""
    code = body.code.strip().rpartition("=")[2].upper()
    if not CODE.fullmatch(code):
        raise NotFound
    found = await desk_booking(call.actor, code)
    await let_read(call.actor, found.citizen_id)  # type: ignore[attr-defined]
    held = await bookings.check_in(call.actor, found)
    person = await Citizen.get(id=held.citizen_id)  # type: ignore[attr-defined]
    return CheckedIn(
        booking=desk_booking_view(held, person), place=place_view(held.slot.window.place),
        starts_at=clock.city_time(held.slot.starts_at), ends_at=clock.city_time(held.slot.ends_at),
    )  # fmt: skip


async def close_slot(call: Call, body: CloseSlot) -> ClosedSlot:
    window = await desk_window(call.actor, call.path_id("id"))
    slot: Slot = await closing.close_slot(call.actor, window, body.starts_at, reason=body.reason)
    assert slot.closed_at is not None, "it was closed a moment ago"
    return ClosedSlot(
        window=window.id, starts_at=clock.city_time(slot.starts_at), closed_at=clock.city_time(slot.closed_at),
        taken=slot.taken,
    )  # fmt: skip


DESK_ROUTES = [
    get("/desk/booking-places", list_places, roles=DESK, reach=REACH),
    get("/desk/bookings", read_day, roles=DESK, reach=REACH, cost=2),
    post("/desk/bookings/check-in", check_in, roles=DESK, reach=REACH, a_minute=60),
    post("/desk/windows/{id}/closing", close_slot, roles=DESK, reach=REACH, idempotent=True),
]
