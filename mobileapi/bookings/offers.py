"""What a booking card in a conversation offers: the next free times for an item."""

from dataclasses import dataclass
from datetime import datetime

from kit.texts import Text
from mobileapi.bookings.models import Place
from mobileapi.bookings.windows import lines_for, offered


@dataclass(frozen=True)
class FreeSlot:
    place: str
    place_name: Text
    starts_at: datetime
    left: int


@dataclass(frozen=True)
class Offer:
    """`slots` is empty when the item has no windows that can be booked, or all are full."""

    item: str
    title: Text
    slots: tuple[FreeSlot, ...]


async def offer(item: str, *, most: int = 3) -> Offer:
    """The next free slots, the earliest of each place first. Raises NotFound for an item that is not there."""
    guide, lines = await lines_for(item)
    free = [o for o in await offered(lines) if o.left]
    first = {o.opening.line.place: o for o in reversed(free)}
    chosen = sorted(first.values(), key=lambda o: o.opening.starts_at)
    chosen += [o for o in free if o not in chosen]
    names = {p.code: Text.model_validate(p.name) for p in await Place.filter(code__in=list(first))}
    return Offer(
        item,
        guide.name,
        tuple(
            FreeSlot(o.opening.line.place, names[o.opening.line.place], o.opening.starts_at, o.left)
            for o in chosen[:most]
        ),
    )
