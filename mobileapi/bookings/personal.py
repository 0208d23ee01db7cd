"""What bookings keep of a person: when they came for what. It goes with the account."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from kit import clock, db
from kit.texts import text
from mobileapi.bookings import seats
from mobileapi.bookings.bookings import SYSTEM, give_up
from mobileapi.bookings.models import Booking, BookingChange
from mobileapi.bookings.states import BookingState

WHAT, WHY = text("窗口预约", "Bookings of windows"), text("按预约接待您", "To receive you at the booked time")
GROUND = "PIPL 13(1)(3), 34, 47"
LIFE = text("办结或取消后 365 天", "365 days after the visit or its cancellation")
KEPT = (
    Kept("bookings_booking", WHAT, WHY, GROUND, LIFE, "deleted"),
    Kept("bookings_change", WHAT, WHY, GROUND, LIFE, "deleted"),
)


async def about(person: Citizen) -> list[Chapter]:
    own = await Booking.filter(citizen_id=person.id).order_by("created_at").prefetch_related("slot__window__place")
    return [Chapter("bookings", WHAT, [await _told(booking) for booking in own])]


async def _told(booking: Booking) -> dict[str, object]:
    return {
        "item": booking.item_name,
        "place": booking.slot.window.place.name,
        "starts_at": str(clock.city_time(booking.slot.starts_at)),
        "state": booking.state,
        "history": [
            {"at": str(clock.city_time(c.at)), "state": c.to_state, "starts_at": str(clock.city_time(c.starts_at)),
             "reason": c.reason}
            for c in await BookingChange.filter(booking_id=booking.id).order_by("id")
        ],
    }  # fmt: skip


async def matters(person: Citizen) -> list[Matter]:
    live = await Booking.filter(citizen_id=person.id, state=BookingState.BOOKED).count()
    title = text("未使用的窗口预约：注销时取消", "Bookings ahead: they are cancelled")
    return [Matter("bookings_ahead", title, blocks=False, count=live, link="sub/booking/list")]


async def forget(person: Citizen) -> list[str]:
    """Seats go back, rows go away."""
    await seats.hold_person(person.id)
    slots = await Booking.filter(citizen_id=person.id, state=BookingState.BOOKED).values_list("slot_id", flat=True)
    await seats.lock(slots)  # type: ignore[arg-type]
    live = await Booking.filter(citizen_id=person.id, state=BookingState.BOOKED).select_for_update().order_by("id")
    for held in live:
        await held.fetch_related("slot")
        await give_up(held, actor=SYSTEM, reason="account closed")
    await db.execute(
        "DELETE FROM bookings_change WHERE booking_id IN (SELECT id FROM bookings_booking WHERE citizen_id = $1)",
        person.id,
    )
    await db.execute("DELETE FROM bookings_booking WHERE citizen_id = $1", person.id)
    return []


async def subjects(person: Citizen) -> list[str]:
    ids = await Booking.filter(citizen_id=person.id).values_list("id", flat=True)
    return [f"booking:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("mobileapi.bookings", KEPT, about, forget, matters=matters, subjects=subjects)
