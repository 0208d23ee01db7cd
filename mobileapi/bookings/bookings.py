"""
Bookings: taking a seat, giving it back, changing it, using it. A seat is held by the database (seats.py); of a person
and an item one booking lives, by a unique index.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from auth.acting import deeds
from auth.acting.deeds import Done, both
from auth.acting.standing import standing_for
from auth.citizens import citizen, require_assurance
from kit import audit, clock, db
from kit.config import current
from kit.ids import new_id, readable_code
from kit.texts import Text
from kit.web import Actor
from mobileapi.bookings import seats
from mobileapi.bookings.config import BookingSettings
from mobileapi.bookings.errors import (
    AlreadyBooked,
    BookingBegun,
    BookingNotOpen,
    BookingSuspended,
    NoSuchSlot,
    NotTheTime,
    SlotClosed,
    SlotFull,
    TooManyBookings,
)
from mobileapi.bookings.models import Booking, BookingChange
from mobileapi.bookings.openings import Opening
from mobileapi.bookings.states import MOVES, BookingState
from mobileapi.bookings.windows import lines_for, offered

CODE_LENGTH = 8  # of 31 characters: 39 bits, and a wrong one costs a clerk's try
SYSTEM = "system"


@dataclass(frozen=True)
class Wish:
    """A slot as people name it: at this place, at this instant."""

    place: str
    starts_at: datetime


async def book(actor: Actor, *, item: str, wish: Wish, on_behalf_of: UUID | None = None) -> Booking:
    """
    Takes a seat for the citizen, or for somebody they may file for.

    Raises: NotFound (item, mandate), AssuranceTooLow, NoSuchSlot, SlotFull, SlotClosed, AlreadyBooked, TooManyBookings,
    BookingSuspended.
    """
    guide, lines = await lines_for(item)
    whose = on_behalf_of or actor.id
    if whose != actor.id:
        await standing_for(actor, whose, doing="file", item=item)
    require_assurance(await citizen(actor.id), "phone")
    candidates = _at(wish, [o.opening for o in await offered(lines)])
    async with db.transaction():
        await seats.hold_person(whose)
        await _refuse_too_much(whose, item)
        slots = await _rows_of(candidates)
        await seats.lock(slots)
        slot = await _seat_in(slots)
        booking = Booking(
            id=new_id(), slot_id=slot, citizen_id=whose, booked_by=actor.id, item_code=item,
            item_name=guide.name.model_dump(), state=BookingState.BOOKED, code=readable_code(CODE_LENGTH),
            created_at=clock.now(),
        )  # fmt: skip
        await booking.save(force_create=True)
        await _note(booking, wish.starts_at, actor=actor.name, origin=None)
        if whose != actor.id:
            done = Done("booking.made", f"booking:{booking.id}", guide.name)
            await deeds.note(actor, whose, done, doing="file", item=item)
        await audit.record(
            actor=actor.name, action="booking.made", subject=f"booking:{booking.id}", **both(actor, whose)
        )
    return booking


def _at(wish: Wish, found: list[Opening]) -> list[Opening]:
    """The openings that are meant. Raises NoSuchSlot."""
    meant = [o for o in found if o.line.place == wish.place and o.starts_at == wish.starts_at]
    if not meant:
        raise NoSuchSlot
    return meant


async def _rows_of(candidates: list[Opening]) -> list[UUID]:
    """All rows first, then their locks: nobody holds one while another is being made."""
    return [await seats.row_of(opening) for opening in candidates]


async def _seat_in(slots: list[UUID]) -> UUID:
    """A seat in the first of them that has one. Raises SlotFull, SlotClosed of the last."""
    refused: type[SlotFull | SlotClosed] = SlotFull
    for slot in slots:
        try:
            await seats.take(slot)
        except (SlotFull, SlotClosed) as error:
            refused = type(error)
        else:
            return slot
    raise refused


async def _refuse_too_much(whose: UUID, item: str) -> None:
    live = await Booking.filter(citizen_id=whose, state=BookingState.BOOKED).values_list("id", "item_code")
    for booking, other in live:
        if other == item:
            raise AlreadyBooked(booking)
    if len(live) >= current(BookingSettings).booking_live_max:
        raise TooManyBookings
    until = await suspended_until(whose)
    if until is not None:
        raise BookingSuspended(until)


MISSED = """
SELECT s.starts_at FROM bookings_booking b JOIN bookings_slot s ON s.id = b.slot_id
WHERE b.citizen_id = $1 AND b.state = 'no_show' AND s.starts_at > $2 ORDER BY s.starts_at DESC
"""


async def suspended_until(whose: UUID) -> date | None:
    """The first day on which somebody who missed too many visits may book again; None when they may now."""
    limit, rest = current(BookingSettings).booking_no_shows, current(BookingSettings).booking_no_show_days
    if not limit:
        return None
    missed = await db.fetch(MISSED, whose, clock.now() - timedelta(days=rest))
    if len(missed) < limit:
        return None
    oldest = missed[limit - 1]["starts_at"]  # once it counts no longer, there are too few
    return clock.city_time(oldest + timedelta(days=rest)).date() + timedelta(days=1)


async def cancel(actor: Actor, booking: Booking, *, reason: str = "") -> Booking:
    """By the citizen, before the slot begins. Raises BookingNotOpen, BookingBegun."""
    async with db.transaction():
        held = await _held(booking)
        _refuse_begun(held)
        await give_up(held, actor=actor.name, reason=reason)
        await _deed(actor, held, "booking.cancelled")
    return held


async def give_up(held: Booking, *, actor: str, reason: str = "") -> None:
    """Cancels the locked booking and gives its seat back."""
    await move(held, BookingState.CANCELLED, actor=actor, reason=reason)
    await seats.give_back(held.slot_id)  # type: ignore[attr-defined]


async def rebook(actor: Actor, booking: Booking, *, wish: Wish) -> Booking:
    """
    The same booking at another time or place; the old seat is given back only when the new one is taken.

    Raises: BookingNotOpen, BookingBegun, NoSuchSlot, SlotFull, SlotClosed.
    """
    _, lines = await lines_for(booking.item_code)
    candidates = _at(wish, [o.opening for o in await offered(lines)])
    async with db.transaction():
        slots = await _rows_of(candidates)
        held = await _held(booking, beside=slots)
        _refuse_begun(held)
        await change_seat(held, slots, actor=actor.name)
        await _deed(actor, held, "booking.moved")
    return held


async def change_seat(held: Booking, slots: list[UUID], *, actor: str, reason: str = "") -> None:
    """The locked booking in another seat, of slots that are locked as well. Raises SlotFull, SlotClosed."""
    before: UUID = held.slot_id  # type: ignore[attr-defined]
    others = [slot for slot in slots if slot != before]
    if not others:
        return
    taken = await _seat_in(others)
    await seats.give_back(before)
    await Booking.filter(id=held.id).update(slot_id=taken)
    held.slot_id = taken
    await held.fetch_related("slot__window__place")
    await _note(held, held.slot.starts_at, actor=actor, origin=BookingState(held.state), reason=reason)


async def check_in(actor: Actor, booking: Booking) -> Booking:
    """At the hall. Once more changes nothing. Raises BookingNotOpen, NotTheTime."""
    async with db.transaction():
        held = await _held(booking, also=(BookingState.CHECKED_IN,))
        if held.state == BookingState.CHECKED_IN:
            return held
        early = timedelta(minutes=current(BookingSettings).booking_early_minutes)
        if not held.slot.starts_at - early <= clock.now() <= missed_from(held.slot.ends_at):
            raise NotTheTime
        await move(held, BookingState.CHECKED_IN, actor=actor.name)
        await audit.record(actor=actor.name, action="booking.checked_in", subject=f"booking:{held.id}")
    return held


def missed_from(ends_at: datetime) -> datetime:
    """When somebody who has not come counts as missing."""
    return ends_at + timedelta(minutes=current(BookingSettings).booking_grace_minutes)


async def _held(booking: Booking, *, beside: list[UUID] | None = None, also: tuple[BookingState, ...] = ()) -> Booking:
    """The booking, locked behind its person and its slots. Raises BookingNotOpen when it is over."""
    await seats.hold_person(booking.citizen_id)  # type: ignore[attr-defined]
    slot = await Booking.filter(id=booking.id).values_list("slot_id", flat=True)
    await seats.lock([*slot, *(beside or [])])  # type: ignore[list-item]
    held = await Booking.filter(id=booking.id).select_for_update().get()
    await held.fetch_related("slot__window__place")
    if held.state not in {BookingState.BOOKED, *also}:
        raise BookingNotOpen
    return held


def _refuse_begun(held: Booking) -> None:
    if held.slot.starts_at <= clock.now():
        raise BookingBegun


async def _deed(actor: Actor, held: Booking, action: str) -> None:
    """In the log; and, done for somebody else, among what the represented is shown, the mandate held."""
    whose: UUID = held.citizen_id  # type: ignore[attr-defined]
    subject = f"booking:{held.id}"
    if actor.kind == "citizen" and whose != actor.id:
        done = Done(action, subject, Text.model_validate(held.item_name))
        await deeds.note(actor, whose, done, doing="file", item=held.item_code)
    await audit.record(actor=actor.name, action=action, subject=subject, **both(actor, whose))


async def move(held: Booking, to: BookingState, *, actor: str, reason: str = "") -> None:
    """The only place where a booking's state changes. Raises BookingNotOpen."""
    assert db.transaction_is_open(), "a booking is moved in the transaction that locked it"
    origin = BookingState(held.state)
    if to not in MOVES[origin]:
        raise BookingNotOpen
    held.state = to
    if to is BookingState.CHECKED_IN:
        held.checked_in_at = clock.now()
    else:
        held.ended_at = clock.now()
    await held.save(update_fields=["state", "checked_in_at", "ended_at"])
    await _note(held, held.slot.starts_at, actor=actor, origin=origin, reason=reason)


async def _note(
    booking: Booking, starts_at: datetime, *, actor: str, origin: BookingState | None, reason: str = ""
) -> None:
    await BookingChange.create(
        booking_id=booking.id, at=clock.now(), actor=actor, from_state=origin, to_state=booking.state,
        starts_at=starts_at, reason=reason[:200],
    )  # fmt: skip
