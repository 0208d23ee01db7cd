"""
Closing a slot, and what the calendar takes away afterwards: everybody who holds a seat in it is moved to the next free
time at the same place, or their booking is cancelled; either way they are told.
"""

from datetime import datetime
from uuid import UUID

from kit import audit, clock, db
from kit.jobs import defer
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.bookings import jobs, seats
from mobileapi.bookings.bookings import SYSTEM, change_seat, give_up
from mobileapi.bookings.errors import NoSuchSlot, SlotClosed, SlotFull
from mobileapi.bookings.models import Booking, Slot, Window
from mobileapi.bookings.openings import Opening, openings
from mobileapi.bookings.states import BookingState
from mobileapi.bookings.windows import line_of, lines_for, offered, office_days
from mobileapi.notify.notices import tell

CALENDAR = "calendar"  # the reason of a slot that is open no more by table and calendar


async def close_slot(actor: Actor, window: Window, starts_at: datetime, *, reason: str) -> Slot:
    """Nobody books it any more; who has a seat is moved once this is committed. Again changes nothing. NoSuchSlot."""
    days = await office_days()
    day = starts_at.astimezone(days.zone).date()
    (row,) = await db.fetch("SELECT * FROM bookings_window WHERE id = $1", window.id)
    meant = [o for o in openings([line_of(row)], [day], days=days, after=clock.now()) if o.starts_at == starts_at]
    if not meant:
        raise NoSuchSlot
    async with db.transaction():
        slot = await seats.row_of(meant[0])
        if await close(slot, by=actor.name, reason=reason):
            await audit.record(actor=actor.name, action="slot.closed", subject=f"slot:{slot}", reason=reason)
    return await Slot.get(id=slot)


async def close(slot: UUID, *, by: str, reason: str) -> bool:
    """Whether it was open until now."""
    async with db.transaction():
        touched = await db.execute(
            "UPDATE bookings_slot SET closed_at = $2, closed_by = $3, close_reason = $4 "
            "WHERE id = $1 AND closed_at IS NULL",
            slot, clock.now(), by, reason[:200],
        )  # fmt: skip
        if touched:
            await defer(jobs.clear_slot, slot=str(slot))
    return bool(touched)


async def clear(slot: UUID) -> int:
    """Moves everybody out of a closed slot, each in a transaction of their own; how many."""
    booked = await Booking.filter(slot_id=slot, state=BookingState.BOOKED).order_by("created_at", "id")
    for booking in booked:
        await _elsewhere(booking)
    return len(booked)


async def _elsewhere(booking: Booking) -> None:
    gone = await Slot.get(id=booking.slot_id).prefetch_related("window")  # type: ignore[attr-defined]
    _, lines = await lines_for(booking.item_code)
    free = [o.opening for o in await offered(lines) if o.left and o.opening.line.place == gone.window.place_id]  # type: ignore[attr-defined]
    near = sorted(free, key=lambda o: (abs((o.starts_at - gone.starts_at).days), o.starts_at))[:20]
    for opening in near:
        if await _moved_to(booking, opening, reason=gone.close_reason):
            return
    await _cancelled(booking, reason=gone.close_reason)


async def _moved_to(booking: Booking, opening: Opening, *, reason: str) -> bool:
    """False when the seat went to somebody else meanwhile; true also when the booking is over by now."""
    async with db.transaction():
        slots = [await seats.row_of(opening)]
        held = await _still(booking, beside=slots)
        if held is None:
            return True
        try:
            await change_seat(held, slots, actor=SYSTEM, reason=reason)
        except (SlotFull, SlotClosed):
            return False
        when = _when(opening.starts_at)
        words = text(
            f"您的窗口预约因{_because(reason).zh}改到 {when}，不方便可改期或取消",
            f"Your booking was moved to {when} ({_because(reason).en}); you can change or cancel it",
        )
        await _tell(held, "booking.moved", words)
    return True


async def _cancelled(booking: Booking, *, reason: str) -> None:
    async with db.transaction():
        held = await _still(booking)
        if held is None:
            return
        await give_up(held, actor=SYSTEM, reason=reason)
        words = text(
            f"您 {_when(held.slot.starts_at)} 的窗口预约因{_because(reason).zh}取消，请另选时段",
            f"Your booking of {_when(held.slot.starts_at)} is cancelled ({_because(reason).en}); please book again",
        )
        await _tell(held, "booking.cancelled", words)


async def _still(booking: Booking, *, beside: list[UUID] | None = None) -> Booking | None:
    """The booking, locked, while it holds the seat it held; else None."""
    await seats.hold_person(booking.citizen_id)  # type: ignore[attr-defined]
    await seats.lock([booking.slot_id, *(beside or [])])  # type: ignore[attr-defined]
    held = await Booking.filter(id=booking.id).select_for_update().get()
    if held.state != BookingState.BOOKED or held.slot_id != booking.slot_id:  # type: ignore[attr-defined]
        return None
    await held.fetch_related("slot__window__place")
    return held


def _when(instant: datetime) -> str:
    return f"{clock.city_time(instant):%Y-%m-%d %H:%M}"


def _because(reason: str) -> Text:
    if reason == CALENDAR:
        return text("办公日历调整", "the office calendar changed")
    return text("窗口临时停办", "the window is closed")


async def _tell(held: Booking, kind: str, words: Text) -> None:
    await tell(
        held.citizen_id, kind=kind, text=words, link=f"sub/booking/detail?id={held.id}", booking=held.id,  # type: ignore[attr-defined]
        once=f"{kind}:{held.id}:{held.slot_id}",  # type: ignore[attr-defined]
    )  # fmt: skip


HELD_AHEAD = """
SELECT s.id AS slot, s.starts_at AS at, w.* FROM bookings_slot s JOIN bookings_window w ON w.id = s.window_id
WHERE s.taken > 0 AND s.closed_at IS NULL AND s.starts_at > $1 ORDER BY s.starts_at
"""


async def follow_calendar() -> int:
    """Closes slots people hold seats in that table and calendar do not have any more; how many."""
    days, closed = await office_days(), 0
    for row in await db.fetch(HELD_AHEAD, clock.now()):
        day = row["at"].astimezone(days.zone).date()
        stands = any(o.starts_at == row["at"] for o in openings([line_of(row)], [day], days=days, after=row["at"]))
        if not stands:
            closed += await close(row["slot"], by=SYSTEM, reason=CALENDAR)
    return closed
