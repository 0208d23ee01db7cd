"""Places and their weekly tables out of the operator's file. The same file again changes nothing."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from auth.imports import ClockTime, Weekday
from auth.models import Department, Region
from kit import audit, clock, db
from kit.ids import new_id
from kit.imports import ImportReport, RowAtFault, rows_of, take_rows
from kit.jobs import defer
from kit.texts import Text
from mobileapi.bookings import jobs
from mobileapi.bookings.models import Place, Window
from mobileapi.catalogue.items import names_of

DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Key = tuple[str | None, str, int, int, int, int]  # item, department, weekday, starts, ends, minutes


class ImportRow(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class LineRow(ImportRow):
    """`from` and `to` on each of `days`: `seats` people every `minutes`; of one item, or of the place's department."""

    item: str | None = Field(None, max_length=40)
    department: str | None = Field(None, max_length=32)
    days: list[Weekday] = Field(min_length=1)
    from_: ClockTime = Field(alias="from")
    to: ClockTime
    minutes: int = Field(ge=5, le=480)
    seats: int = Field(ge=1, le=200)

    @model_validator(mode="after")
    def _holds_a_slot(self) -> Self:
        if _minute(self.to) - _minute(self.from_) < self.minutes:
            raise ValueError("the span is shorter than one slot")
        return self


class PlaceRow(ImportRow):
    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    name: Text
    address: Text
    phone: str = Field("", max_length=40)
    department: str
    region: str = Field(pattern=r"^\d{12}$")
    windows: list[LineRow] = []


async def import_windows(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """
    The list `places` of a YAML file, each with its `windows`. A place's table becomes exactly what the file says; lines
    it says no more end today, and who has a seat from tomorrow on is moved and told (closing.py).
    """
    report = await take_rows(
        "windows", rows_of(path, "places"), shape=PlaceRow, take=_take_place, dry_run=dry_run, keep_going=keep_going
    )
    if report.imported and not dry_run:
        await defer(jobs.follow_the_calendar, once="bookings.follow_the_calendar")
    return report


async def _take_place(row: PlaceRow) -> bool:
    await _refuse_unknown(row)
    values = {
        "name": row.name.model_dump(), "address": row.address.model_dump(), "phone": row.phone,
        "department_code": row.department, "region_code": row.region,
    }  # fmt: skip
    place = await Place.get_or_none(code=row.code)
    changed = place is None or any(getattr(place, name) != value for name, value in values.items())
    await Place.update_or_create(values, code=row.code)
    changed = await _take_table(row) or changed
    if changed:
        await audit.record(actor="system", action="windows.imported", subject=f"place:{row.code}")
    return changed


async def _refuse_unknown(row: PlaceRow) -> None:
    if not await Region.exists(code=row.region):
        raise RowAtFault(f"the region {row.region} is not known")
    offices = {row.department, *(w.department for w in row.windows if w.department)}
    known: set[Any] = set(await Department.filter(code__in=offices).values_list("code", flat=True))
    if offices - known:
        raise RowAtFault(f"the department {min(offices - known)} is not known")
    items = {w.item for w in row.windows if w.item}
    unknown = items - set(await names_of(items))
    if unknown:
        raise RowAtFault(f"the item {min(unknown)} is not known")
    if len(_table(row)) != sum(len(w.days) for w in row.windows):
        raise RowAtFault("two lines say the same weekday and span; give one line more seats")


def _table(row: PlaceRow) -> dict[Key, int]:
    """What the file says, line by line of the weekly table → seats."""
    return {
        (w.item, w.department or row.department, DAYS.index(day), _minute(w.from_), _minute(w.to), w.minutes): w.seats
        for w in row.windows
        for day in w.days
    }


def _minute(told: str) -> int:
    hours, minutes = told.split(":")
    return int(hours) * 60 + int(minutes)


async def _take_table(row: PlaceRow) -> bool:
    wanted, today = _table(row), clock.today()
    standing = {
        (w.item_code, w.department_code, w.weekday, w.starts, w.ends, w.minutes): w
        for w in await Window.filter(place_id=row.code, ended_on=None)
    }
    for key in standing.keys() - wanted.keys():
        await _end(standing[key], today)
    changed = [await _reseat(standing[key], wanted[key]) for key in standing.keys() & wanted.keys()]
    for key in wanted.keys() - standing.keys():
        await _begin(row.code, key, wanted[key])
    return any(changed) or standing.keys() != wanted.keys()


async def _end(window: Window, today: date) -> None:
    await Window.filter(id=window.id).update(ended_on=today + timedelta(days=1))


async def _reseat(window: Window, seats: int) -> bool:
    """More seats or fewer; nobody who has one loses it."""
    if window.seats == seats:
        return False
    await Window.filter(id=window.id).update(seats=seats)
    await db.execute(
        "UPDATE bookings_slot SET seats = greatest($2, taken) WHERE window_id = $1 AND starts_at > $3",
        window.id, seats, clock.now(),
    )  # fmt: skip
    return True


async def _begin(place: str, key: Key, seats: int) -> None:
    item, department, weekday, starts, ends, minutes = key
    await Window.create(
        id=new_id(), place_id=place, item_code=item, department_code=department, weekday=weekday, starts=starts,
        ends=ends, minutes=minutes, seats=seats,
    )  # fmt: skip
