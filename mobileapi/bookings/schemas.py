"""Shapes of bookings."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from kit.texts import Text
from kit.web import PageQuery, Shape, View
from mobileapi.bookings.states import BookingState

# Within what every clock and column can hold.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC))]


class SlotsQuery(Shape):
    item: str = Field(min_length=1, max_length=40)


class SlotView(View):
    starts_at: datetime
    ends_at: datetime
    left: int


class DayView(View):
    day: date
    slots: list[SlotView]


class PlaceView(View):
    code: str
    name: Text
    address: Text
    phone: str


class PlaceSlots(PlaceView):
    days: list[DayView]


class SlotsView(View):
    """`places` is empty when the item has no windows that can be booked."""

    item: str
    name: Text
    places: list[PlaceSlots]


class MakeBooking(Shape):
    item: str = Field(min_length=1, max_length=40)
    place: str = Field(min_length=1, max_length=32)
    starts_at: Instant
    on_behalf_of: UUID | None = Field(None, description="for whom it is, when not the caller")


class MoveBooking(Shape):
    place: str = Field(min_length=1, max_length=32)
    starts_at: Instant


class CancelBooking(Shape):
    reason: str = Field("", max_length=200)


class OwnBookingsQuery(PageQuery):
    on_behalf_of: UUID | None = None


class BookedItem(View):
    code: str
    name: Text


class BookingEvent(View):
    at: datetime
    text: Text
    starts_at: datetime


class BookingView(View):
    id: UUID
    code: str
    qr_url: str
    state: BookingState
    state_text: Text
    item: BookedItem
    place: PlaceView
    starts_at: datetime
    ends_at: datetime
    on_behalf_of: UUID | None = Field(description="for whom it is, when not the reader")
    actions: list[Literal["move", "cancel"]]
    timeline: list[BookingEvent]
    created_at: datetime


class BookingList(View):
    items: list[BookingView]
    next_cursor: str | None


class DeskDayQuery(Shape):
    place: str = Field(min_length=1, max_length=32)
    day: Day


class DeskBooking(View):
    id: UUID
    citizen_masked: str
    item: BookedItem
    state: BookingState
    state_text: Text
    checked_in_at: datetime | None


class DeskSlot(View):
    window: UUID
    item: str | None
    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    closed: bool
    close_reason: str
    over: bool
    bookings: list[DeskBooking]


class DeskDay(View):
    place: PlaceView
    day: date
    open: bool
    slots: list[DeskSlot]


class DeskPlaces(View):
    items: list[PlaceView]


class CheckIn(Shape):
    code: str = Field(min_length=4, max_length=300, description="the letters, or what the QR code says")


class CheckedIn(View):
    booking: DeskBooking
    place: PlaceView
    starts_at: datetime
    ends_at: datetime


class CloseSlot(Shape):
    starts_at: Instant
    reason: str = Field(min_length=2, max_length=200)


class ClosedSlot(View):
    window: UUID
    starts_at: datetime
    closed_at: datetime
    taken: int
