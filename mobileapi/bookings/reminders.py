"""The day before, a word; afterwards, who did not come."""

from datetime import timedelta

from kit import clock, db
from kit.config import current
from kit.texts import Text, text
from mobileapi.bookings.bookings import SYSTEM, move
from mobileapi.bookings.config import BookingSettings
from mobileapi.bookings.models import Booking, BookingChange
from mobileapi.bookings.states import BookingState
from mobileapi.notify.notices import tell


async def remind() -> int:
    """Tells everybody whose booking is on the office's next day; how many. Told twice is told once."""
    tomorrow = clock.today() + timedelta(days=1)
    begins = clock.now().astimezone(clock.city_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = await Booking.filter(
        state=BookingState.BOOKED, slot__starts_at__gte=begins + timedelta(days=1),
        slot__starts_at__lt=begins + timedelta(days=2),
    ).prefetch_related("slot__window__place")  # fmt: skip
    told = [await _remind(booking, f"{tomorrow}") for booking in ahead]
    return sum(told)


async def _remind(booking: Booking, day: str) -> bool:
    place = Text.model_validate(booking.slot.window.place.name)
    at = f"{clock.city_time(booking.slot.starts_at):%H:%M}"
    words = text(
        f"明天 {at} 您预约了{place.zh}，请带齐材料，到场出示预约码",
        f"Tomorrow at {at} you are booked at {place.en or place.zh}; bring your papers and the booking code",
    )
    return await tell(
        booking.citizen_id, kind="booking.reminder", text=words, link=f"sub/booking/detail?id={booking.id}",  # type: ignore[attr-defined]
        once=f"booking.reminder:{booking.id}:{day}:{at}", booking=booking.id,
    ) is not None  # fmt: skip


async def find_missing() -> int:
    """Who has not come by the end of their slot and its grace; how many."""
    grace = timedelta(minutes=current(BookingSettings).booking_grace_minutes)
    late = await Booking.filter(state=BookingState.BOOKED, slot__ends_at__lt=clock.now() - grace).values_list(
        "id", flat=True
    )
    return sum([await _missed(id_) for id_ in late])


async def _missed(id_: object) -> bool:
    async with db.transaction():
        held = await Booking.filter(id=id_).select_for_update().get()
        await held.fetch_related("slot")
        if held.state != BookingState.BOOKED:
            return False
        await move(held, BookingState.NO_SHOW, actor=SYSTEM)
    return True


async def purge() -> int:
    """Removes bookings that ended long ago (HANDHELD_BOOKING_KEPT_DAYS), with their history; how many."""
    before = clock.now() - timedelta(days=current(BookingSettings).booking_kept_days)
    old = Booking.filter(slot__ends_at__lt=before).exclude(state=BookingState.BOOKED)
    ids = await old.values_list("id", flat=True)
    async with db.transaction():
        await BookingChange.filter(booking_id__in=list(ids)).delete()
        return await Booking.filter(id__in=list(ids)).delete()
