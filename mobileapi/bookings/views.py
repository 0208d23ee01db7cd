"""Bookings as their people and the desks see them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from auth.acting.standing import shown
from auth.models import Citizen
from kit import clock
from kit.texts import Text, text
from mobileapi.bookings.models import Booking, BookingChange, Place
from mobileapi.bookings.schemas import (
    BookedItem,
    BookingEvent,
    BookingView,
    DayView,
    DeskBooking,
    PlaceSlots,
    PlaceView,
    SlotView,
)
from mobileapi.bookings.states import WORDS, BookingState
from mobileapi.bookings.windows import Offered

MOVED = text("改期", "Moved")
HAPPENED: Mapping[BookingState, Text] = {**WORDS, BookingState.BOOKED: text("预约成功", "Booked")}


def place_view(place: Place) -> PlaceView:
    return PlaceView(
        code=place.code, name=Text.model_validate(place.name), address=Text.model_validate(place.address),
        phone=place.phone,
    )  # fmt: skip


async def booking_views(bookings: Sequence[Booking], *, reader: UUID) -> list[BookingView]:
    """`bookings` have their slot, window and place."""
    rows = await BookingChange.filter(booking_id__in=[b.id for b in bookings]).order_by("id")
    changes: dict[UUID, list[BookingChange]] = {}
    for row in rows:
        changes.setdefault(row.booking_id, []).append(row)  # type: ignore[attr-defined]
    return [_view(booking, changes.get(booking.id, []), reader=reader) for booking in bookings]


def _view(booking: Booking, changes: Sequence[BookingChange], *, reader: UUID) -> BookingView:
    state, slot = BookingState(booking.state), booking.slot
    open_ = state is BookingState.BOOKED and slot.starts_at > clock.now()
    whose: UUID = booking.citizen_id  # type: ignore[attr-defined]
    return BookingView(
        id=booking.id, code=booking.code, qr_url=f"/api/v1/booking-codes/{booking.code}/qr.svg", state=state,
        state_text=WORDS[state], item=_item(booking), place=place_view(slot.window.place),
        starts_at=clock.city_time(slot.starts_at), ends_at=clock.city_time(slot.ends_at),
        on_behalf_of=None if whose == reader else whose, actions=["move", "cancel"] if open_ else [],
        timeline=[_event(change) for change in changes], created_at=clock.city_time(booking.created_at),
    )  # fmt: skip


def _item(booking: Booking) -> BookedItem:
    return BookedItem(code=booking.item_code, name=Text.model_validate(booking.item_name))


def _event(change: BookingChange) -> BookingEvent:
    same = change.from_state == change.to_state
    words = MOVED if same else HAPPENED[BookingState(change.to_state)]
    return BookingEvent(at=clock.city_time(change.at), text=words, starts_at=clock.city_time(change.starts_at))


def desk_booking_view(booking: Booking, person: Citizen) -> DeskBooking:
    state = BookingState(booking.state)
    return DeskBooking(
        id=booking.id, citizen_masked=shown(person), item=_item(booking), state=state, state_text=WORDS[state],
        checked_in_at=clock.city_time(booking.checked_in_at) if booking.checked_in_at else None,
    )  # fmt: skip


def slots_by_place(found: Sequence[Offered], places: Mapping[str, Place]) -> list[PlaceSlots]:
    """Place by place, day by day. Two windows that open at the same time show as one slot with the seats of both."""
    shown_ = []
    for code, place in places.items():
        here = [o for o in found if o.opening.line.place == code]
        days = [
            DayView(day=day, slots=_slots(list(of_day)))
            for day, of_day in groupby(here, key=lambda o: clock.city_time(o.opening.starts_at).date())
        ]
        shown_.append(PlaceSlots(**place_view(place).model_dump(), days=days))
    return shown_


def _slots(of_day: Sequence[Offered]) -> list[SlotView]:
    slots = []
    for start, same in groupby(of_day, key=lambda o: o.opening.starts_at):
        together = list(same)
        slots.append(
            SlotView(
                starts_at=clock.city_time(start),
                left=sum(o.left for o in together),
                ends_at=clock.city_time(max(o.opening.ends_at for o in together)),
            )
        )
    return slots
