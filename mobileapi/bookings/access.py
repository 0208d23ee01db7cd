"""Whose booking it is, and which places a desk looks after: auth/rights.py decides. Absent and forbidden look alike."""

from uuid import UUID

from auth.acting.standing import Doing, acting_as
from auth.callers import WITHIN, path_of, who_is
from auth.rights import Columns, Thing, may
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.bookings.models import Booking, Place, Window

# Where the rows keep what the rules ask for; `p` is the place.
PLACES = Columns(
    department="p.department_code", lies_in=lambda region: f"p.region_code IN {WITHIN.format(code=region)}",
    without_region="false",
)  # fmt: skip


async def own_booking(actor: Actor, id: UUID, *, doing: Doing = "read") -> Booking:  # noqa: A002 - the id of the booking
    """The citizen's own, or of somebody they may do this for; with its slot, window and place. Raises NotFound."""
    found = await Booking.get_or_none(id=id).prefetch_related("slot__window__place")
    if found is None:
        raise NotFound
    owner: UUID = found.citizen_id  # type: ignore[attr-defined]
    who = await acting_as(actor, owner, doing=doing, item=found.item_code)
    if not may(who, Thing("booking", citizens=frozenset({owner}))):
        raise NotFound
    return found


async def desk_place(actor: Actor, code: str) -> Place:
    """A place whose department is the caller's. Raises NotFound."""
    found = await Place.get_or_none(code=code)
    if found is None:
        raise NotFound
    thing = Thing("booking place", department=found.department_code, path=await path_of(found.region_code))
    if not may(await who_is(actor), thing):
        raise NotFound
    return found


async def desk_window(actor: Actor, id: UUID) -> Window:  # noqa: A002 - the id of the window
    """A window of such a place. Raises NotFound."""
    found = await Window.get_or_none(id=id)
    if found is None:
        raise NotFound
    await desk_place(actor, found.place_id)  # type: ignore[attr-defined]
    return found


async def desk_booking(actor: Actor, code: str) -> Booking:
    """What a code at the hall stands for, when the place is one of the caller's. Raises NotFound."""
    found = await Booking.get_or_none(code=code).prefetch_related("slot__window__place")
    if found is None:
        raise NotFound
    await desk_place(actor, found.slot.window.place_id)  # type: ignore[attr-defined]
    return found
