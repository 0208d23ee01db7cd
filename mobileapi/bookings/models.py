"""Windows that can be booked: places, their weekly table, the seats of a slot, who has one, and what became of it."""

from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from kit.ids import new_id

if TYPE_CHECKING:  # Tortoise takes every model it finds in this module for one of this app
    from auth.models import Citizen


class Place(Model):
    """A hall, or a counter of one. Guides name it by its Chinese name."""

    code = fields.CharField(max_length=32, primary_key=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    address: fields.Field[dict[str, str]] = fields.JSONField()
    phone = fields.CharField(max_length=40, default="")
    department_code = fields.CharField(max_length=32)  # whose staff stand there
    region_code = fields.CharField(max_length=12)

    class Meta:
        table = "bookings_place"


class Window(Model):
    """
    One line of a place's weekly table: on this weekday, between these minutes of the day, so many seats every so many
    minutes. Of one item, or of all the department handles there. A line that is changed ends, and another begins.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "bookings.Place", related_name="windows", db_index=True, on_delete=fields.RESTRICT
    )
    item_code = fields.CharField(max_length=40, null=True)
    department_code = fields.CharField(max_length=32)
    weekday = fields.IntField()  # 0 is Monday
    starts = fields.IntField()  # minutes of the day in the city's zone
    ends = fields.IntField()  # up to 1440, which is 24:00
    minutes = fields.IntField()  # how long a slot is
    seats = fields.IntField()
    ended_on = fields.DateField(null=True)  # from this day on it is no more

    class Meta:
        table = "bookings_window"


class Slot(Model):
    """The seats of one window at one time. The row appears when somebody first wants it; the database counts."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    window: fields.ForeignKeyRelation[Window] = fields.ForeignKeyField(
        "bookings.Window", related_name="slots", on_delete=fields.RESTRICT
    )
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    seats = fields.IntField()
    taken = fields.IntField(default=0)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.CharField(max_length=80, default="")
    close_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "bookings_slot"
        unique_together = (("window", "starts_at"),)
        indexes = (("starts_at",),)


class Booking(Model):
    """A seat somebody holds. `citizen` is for whom it is; `booked_by` is who asked, themselves or under a mandate."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField(
        "bookings.Slot", related_name="bookings", db_index=True, on_delete=fields.RESTRICT
    )
    citizen: "fields.ForeignKeyRelation[Citizen]" = fields.ForeignKeyField(
        "auth.Citizen", related_name=False, db_index=True, on_delete=fields.RESTRICT
    )
    booked_by = fields.UUIDField()
    item_code = fields.CharField(max_length=40)
    item_name: fields.Field[dict[str, str]] = fields.JSONField()
    state = fields.CharField(max_length=12)
    code = fields.CharField(max_length=12, unique=True)  # shown at the hall, as letters and as a QR code
    created_at = fields.DatetimeField()
    checked_in_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)  # cancelled, or found missing

    class Meta:
        table = "bookings_booking"


class BookingChange(Model):
    """One thing that happened to a booking: who, when, why, from, to. Rows are never changed."""

    id = fields.BigIntField(primary_key=True)
    booking: fields.ForeignKeyRelation[Booking] = fields.ForeignKeyField(
        "bookings.Booking", related_name="changes", db_index=True, on_delete=fields.RESTRICT
    )
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    from_state = fields.CharField(max_length=12, null=True)
    to_state = fields.CharField(max_length=12)
    starts_at = fields.DatetimeField()  # of the seat it holds from now on, or held last
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "bookings_change"
