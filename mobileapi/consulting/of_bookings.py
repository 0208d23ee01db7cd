"""Cards of bookings: an item's windows to choose a time at (`ref` its code), or a seat that is booked (its id)."""

from collections.abc import Sequence

from chat.cards import Asked
from kit.errors import NotFound
from kit.texts import Text
from kit.web import Actor
from mobileapi.bookings.access import desk_place, own_booking
from mobileapi.bookings.models import Booking
from mobileapi.bookings.states import WORDS, BookingState
from mobileapi.consulting.faces import Face, Maker, ids_of
from mobileapi.consulting.of_items import guides_in_force


async def bookings(asked: Sequence[Asked]) -> list[Face | None]:
    wanted = ids_of([one.ref for one in asked])
    seats = await Booking.filter(id__in=list(wanted)).prefetch_related("slot__window__place") if wanted else []
    items = await guides_in_force([one.ref for one in asked])
    faces = {wanted[seat.id]: _seat(seat) for seat in seats}
    faces |= {code: Face(guide.name, version=version) for code, (version, guide) in items.items()}
    return [faces.get(one.ref) if one.at is None else None for one in asked]


def _seat(seat: Booking) -> Face:
    state = BookingState(seat.state)
    return Face(
        Text.model_validate(seat.item_name), state=state, state_text=WORDS[state], at_time=seat.slot.starts_at,
        place=Text.model_validate(seat.slot.window.place.name), done=state is not BookingState.BOOKED,
    )  # fmt: skip


async def open_to(citizen: Actor, refs: Sequence[str]) -> set[str]:
    """Items' windows are open to all; a seat to whom it is for, and to who may read it for them."""
    seats = ids_of(refs)
    theirs = set(refs) - set(seats.values())
    for id_, ref in seats.items():
        try:
            await own_booking(citizen, id_)
        except NotFound:
            continue
        theirs.add(ref)
    return theirs


async def shown_by(staff: Actor, ref: str) -> None:
    """Seats at places of the staff member's department."""
    for id_ in ids_of([ref]):
        seat = await Booking.get_or_none(id=id_).prefetch_related("slot__window")
        if seat is None:
            raise NotFound
        await desk_place(staff, seat.slot.window.place_id)  # type: ignore[attr-defined]


BOOKING = Maker(bookings, open_to, shown_by)
