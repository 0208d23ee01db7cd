"""Booking a window: what is free, one's own bookings, and the code that is shown at the hall."""

import asyncio
import re

from starlette.responses import Response

from auth.acting.standing import standing_for
from kit.config import Settings, current
from kit.documents import qr_svg
from kit.errors import NotFound
from kit.web import Call, get, post
from mobileapi.bookings import bookings
from mobileapi.bookings.access import own_booking
from mobileapi.bookings.bookings import Wish
from mobileapi.bookings.desk import DESK_ROUTES
from mobileapi.bookings.mine import my_bookings
from mobileapi.bookings.models import Booking, Place
from mobileapi.bookings.schemas import (
    BookingList,
    BookingView,
    CancelBooking,
    MakeBooking,
    MoveBooking,
    OwnBookingsQuery,
    SlotsQuery,
    SlotsView,
)
from mobileapi.bookings.views import booking_views, slots_by_place
from mobileapi.bookings.windows import lines_for, offered

CITIZEN = {"citizen"}
CODE = re.compile(r"[2-9A-HJKMNP-Z]{8}")


async def read_slots(call: Call, query: SlotsQuery) -> SlotsView:  # noqa: ARG001 - public
    guide, lines = await lines_for(query.item)
    places = await Place.filter(code__in={line.place for line in lines}).order_by("code")
    shown = slots_by_place(await offered(lines), {p.code: p for p in places})
    return SlotsView(item=query.item, name=guide.name, places=shown)


async def make_booking(call: Call, body: MakeBooking) -> BookingView:
    behalf = body.on_behalf_of if body.on_behalf_of != call.actor.id else None
    made = await bookings.book(call.actor, item=body.item, wish=Wish(body.place, body.starts_at), on_behalf_of=behalf)
    return await _shown(call, await own_booking(call.actor, made.id))


async def _shown(call: Call, booking: Booking) -> BookingView:
    (view,) = await booking_views([booking], reader=call.actor.id)
    return view


async def list_bookings(call: Call, query: OwnBookingsQuery) -> BookingList:
    whose, items = call.actor.id, None
    if query.on_behalf_of is not None and query.on_behalf_of != whose:
        principal = await standing_for(call.actor, query.on_behalf_of, doing="read")
        whose, items = principal.id, principal.mandate.items
    found, more = await my_bookings(
        whose, limit=query.limit, cursor=query.cursor, items=sorted(items) if items is not None else None
    )
    return BookingList(items=await booking_views(found, reader=call.actor.id), next_cursor=more)


async def read_booking(call: Call) -> BookingView:
    return await _shown(call, await own_booking(call.actor, call.path_id("id")))


async def move_booking(call: Call, body: MoveBooking) -> BookingView:
    found = await own_booking(call.actor, call.path_id("id"), doing="file")
    return await _shown(call, await bookings.rebook(call.actor, found, wish=Wish(body.place, body.starts_at)))


async def cancel_booking(call: Call, body: CancelBooking) -> BookingView:
    found = await own_booking(call.actor, call.path_id("id"), doing="file")
    return await _shown(call, await bookings.cancel(call.actor, found, reason=body.reason))


async def draw_code(call: Call) -> Response:
    """Draws what it is given and looks nothing up, so it tells nobody which codes there are."""
    code = call.path("code")
    if not CODE.fullmatch(code):
        raise NotFound
    picture = await asyncio.to_thread(qr_svg, f"{current(Settings).public_url}/console/#/bookings?code={code}")
    return Response(picture, media_type="image/svg+xml", headers={"cache-control": "no-store"})


ROUTES = [
    get("/booking-slots", read_slots, public=True, cost=2),
    post("/bookings", make_booking, roles=CITIZEN, reach="own", status=201, idempotent=True),
    get("/bookings", list_bookings, roles=CITIZEN, reach="own"),
    get("/bookings/{id}", read_booking, roles=CITIZEN, reach="own"),
    post("/bookings/{id}/moving", move_booking, roles=CITIZEN, reach="own", idempotent=True),
    post("/bookings/{id}/cancellation", cancel_booking, roles=CITIZEN, reach="own", idempotent=True),
    get(
        "/booking-codes/{code}/qr.svg",
        draw_code,
        public=True,
        reach="holder",
        cost=2,
        media="image/svg+xml",
        examples={"code": "ABCD2345"},
    ),
    *DESK_ROUTES,
]
