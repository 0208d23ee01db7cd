"""A citizen's bookings, the next to come first, then what is over, the latest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import clock, db
from kit.cursors import end_of, place_in
from mobileapi.bookings.models import Booking

# What lies ahead in its order, then the past backwards: one order over how far away it is.
MINE = """
SELECT id, over, place FROM (
  SELECT b.id, (b.state <> 'booked' OR s.ends_at < $2)::int AS over,
    CASE WHEN b.state <> 'booked' OR s.ends_at < $2
      THEN '2000-01-01'::timestamptz + ('3000-01-01'::timestamptz - s.starts_at) ELSE s.starts_at END AS place
  FROM bookings_booking b JOIN bookings_slot s ON s.id = b.slot_id WHERE b.citizen_id = $1 AND ($6::text[] IS NULL OR
    b.item_code = ANY ($6))
) AS found
WHERE ($3::int IS NULL OR (over, place, id) > ($3, $4::timestamptz, $5::uuid))
ORDER BY over, place, id LIMIT $7
"""


async def my_bookings(
    citizen: UUID, *, limit: int, cursor: str | None, items: Sequence[str] | None = None
) -> tuple[list[Booking], str | None]:
    """Bookings with slot, window and place, and the next cursor; of `items` only, when they are named."""
    over, place, last = place_in("bookings", cursor, int, datetime, UUID) or (None, None, None)
    rows = await db.fetch(MINE, citizen, clock.now(), over, place, last, items, limit + 1)
    page = rows[:limit]
    found = await Booking.filter(id__in=[r["id"] for r in page]).prefetch_related("slot__window__place")
    by_id = {booking.id: booking for booking in found}
    more = len(rows) > limit
    return [by_id[r["id"]] for r in page], end_of(
        "bookings", page[-1]["over"], page[-1]["place"], page[-1]["id"]
    ) if more else None
