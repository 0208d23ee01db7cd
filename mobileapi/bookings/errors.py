"""
HouseError
├── InvalidRequest
│   └── NoSuchSlot             422  the window is not open then, or not for this item
└── Conflict
    ├── SlotFull               409  the last seat has gone
    ├── SlotClosed             409  the office has closed the slot
    ├── AlreadyBooked          409  the person holds a seat for this item; the answer tells which
    ├── TooManyBookings        409  as many as one person may hold
    ├── BookingSuspended       409  missed too often lately; the answer tells until when
    ├── BookingNotOpen         409  the booking is in no state for this
    ├── BookingBegun           409  the slot has begun: it is too late to cancel or move
    └── NotTheTime             409  check-in is for the slot's own time
"""

from datetime import date
from uuid import UUID

from kit.errors import Conflict, FieldError, InvalidRequest
from kit.texts import text


class NoSuchSlot(InvalidRequest):
    code = "no_such_slot"
    title = text("该窗口此时段不可预约，请重新选择", "This window cannot be booked at that time")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="starts_at", code=self.code, detail=self.title)])


class SlotFull(Conflict):
    code = "slot_full"
    title = text("该时段刚刚约满，请另选时段", "The last seat has just gone, please choose another time")


class SlotClosed(Conflict):
    code = "slot_closed"
    title = text("该时段已停止预约，请另选时段", "This slot has been closed, please choose another time")


class AlreadyBooked(Conflict):
    code = "already_booked"
    title = text("该事项已有预约，可改期或取消后再约", "There is a booking for this item; move or cancel it")

    def __init__(self, booking: UUID) -> None:
        super().__init__(extra={"booking": str(booking)})


class TooManyBookings(Conflict):
    code = "too_many_bookings"
    title = text("未使用的预约已达上限，请先取消不需要的预约", "You hold as many bookings as one person may")


class BookingSuspended(Conflict):
    code = "booking_suspended"
    title = text("多次预约未到场，暂停网上预约", "Booking is suspended after several missed visits")

    def __init__(self, until: date) -> None:
        detail = text(
            f"因多次预约未到场，{until:%Y-%m-%d} 前暂停网上预约，可到现场取号",
            f"After several missed visits booking rests until {until:%Y-%m-%d}; you can still come and take a number",
        )
        super().__init__(detail, extra={"until": until.isoformat()})


class BookingNotOpen(Conflict):
    code = "booking_not_open"
    title = text("该预约当前状态不能进行此操作", "The booking is in no state for this")


class BookingBegun(Conflict):
    code = "booking_begun"
    title = text("预约时段已开始，不能再取消或改期", "The slot has begun; it cannot be cancelled or moved")


class NotTheTime(Conflict):
    code = "not_the_time"
    title = text("不在该预约的签到时间内", "This is not the time of the booking")
