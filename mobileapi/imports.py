"""`handheld import`: one door to every package's importer, and the calendar's own."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel

from kit import db
from kit.imports import ImportReport, rows_of, take_rows
from kit.jobs import defer


async def import_file(what: str, path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """Imports `path` as `what` (regions, staff, items, bills, calendar or windows)."""
    from auth.imports import import_regions, import_staff
    from chat.discretion.imports import import_words
    from mobileapi.bookings.imports import import_windows
    from mobileapi.catalogue.imports import import_items
    from mobileapi.replies.imports import import_replies
    from payments.imports import import_bills

    takers = {
        "regions": import_regions,
        "staff": import_staff,
        "items": import_items,
        "bills": import_bills,
        "calendar": import_calendar,
        "replies": import_replies,
        "words": import_words,
        "windows": import_windows,
    }
    return await takers[what](path, dry_run=dry_run, keep_going=keep_going)


class CalendarRow(BaseModel):
    date: date
    is_workday: bool
    note: str = ""
    source: str = ""


async def import_calendar(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """Days that are not what their weekday says: `date,is_workday,note,source`. Bookings on them follow."""
    from mobileapi.bookings.jobs import follow_the_calendar

    report = await take_rows(
        "calendar", rows_of(path, "days"), shape=CalendarRow, take=_take_day, dry_run=dry_run, keep_going=keep_going
    )
    if report.imported and not dry_run:
        await defer(follow_the_calendar, once="bookings.follow_the_calendar")
    return report


async def _take_day(row: CalendarRow) -> bool:
    changed = await db.execute(
        "INSERT INTO kit_calendar_day (date, is_workday, note, source) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (date) DO UPDATE SET is_workday = $2, note = $3, source = $4 "
        "WHERE (kit_calendar_day.is_workday, kit_calendar_day.note, kit_calendar_day.source) "
        "IS DISTINCT FROM ($2, $3, $4)",
        row.date, row.is_workday, row.note[:100], row.source[:200],
    )  # fmt: skip
    return changed == 1
