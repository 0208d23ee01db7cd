"""Settings of bookings."""

from pydantic import Field

from kit.config import Settings


class BookingSettings(Settings):
    booking_workdays_ahead: int = Field(10, ge=1, le=60, description="working days ahead for which windows are offered")
    booking_lead_minutes: int = Field(30, ge=0, le=1440, description="a slot is offered until so long before it begins")
    booking_live_max: int = Field(5, ge=1, le=50, description="bookings one person may hold at a time")
    booking_early_minutes: int = Field(60, ge=0, le=720, description="check-in opens so long before the slot begins")
    booking_grace_minutes: int = Field(15, ge=0, le=240, description="after the slot's end, until it counts as missed")
    booking_no_shows: int = Field(3, ge=0, le=20, description="missed bookings that suspend booking; 0: never")
    booking_no_show_days: int = Field(30, ge=1, le=365, description="days a missed booking counts, and booking rests")
    booking_kept_days: int = Field(365, ge=30, le=3650, description="ended bookings are removed after so many days")
