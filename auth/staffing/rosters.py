"""Rosters: dated shifts instead of the weekly hours of a day, planned by who directs the person, copied by weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from auth.models import StaffMember
from auth.staffing.conflicts import one_only
from auth.staffing.errors import ShiftOverlaps
from auth.staffing.models import Shift
from auth.staffing.organisation import directed, directed_by
from kit import audit, clock, db
from kit.errors import FieldError, InvalidRequest, NotFound
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

WEEK = timedelta(days=7)
AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Turn:
    """A shift to be. Minutes after the midnight of `day`; an end beyond 1440 is the next morning's."""

    day: date
    kind: str
    starts: int
    ends: int


async def plan(actor: Actor, staff: UUID, *, turn: Turn) -> Shift:
    """Raises NotFound outside one's line, InvalidRequest for a day gone by, ShiftOverlaps."""
    _judge(turn.day)
    async with one_only(ShiftOverlaps):
        await directed(actor, staff)
        if turn.kind == "off" and await Shift.filter(staff_id=staff, day=turn.day).exists():
            raise ShiftOverlaps
        shift = await _made(actor, staff, turn)
        await audit.record(
            actor=actor.name, action="shift.planned", subject=f"staff:{staff}", day=turn.day, kind=turn.kind,
            starts=turn.starts, ends=turn.ends,
        )  # fmt: skip
    return shift


async def drop(actor: Actor, shift_id: UUID) -> None:
    """Takes a shift of today or later off the roster. Raises NotFound, InvalidRequest for a day gone by."""
    async with db.transaction():
        shift = await Shift.select_for_update().get_or_none(id=shift_id)
        if shift is None:
            raise NotFound
        staff: UUID = shift.staff_id  # type: ignore[attr-defined]
        await directed(actor, staff)
        _judge(shift.day)
        await Shift.filter(id=shift.id).delete()
        await audit.record(
            actor=actor.name, action="shift.dropped", subject=f"staff:{staff}", day=shift.day, kind=shift.kind
        )


async def copy_week(actor: Actor, *, monday: date, to: Sequence[date], staff: Sequence[UUID] = ()) -> tuple[int, int]:
    """
    Copies a week's shifts of the people one directs, or of those among them that are named, to other weeks.

    A day of a person that is rostered already stays as it is. How many shifts were copied, and how many were left out.

    Raises: InvalidRequest for a day that is no Monday, or a week that has begun.
    """
    _judge_weeks(monday, to)
    mine = await directed_by(actor)
    wanted = mine & set(staff) if staff else mine
    copied = left = 0
    async with one_only(ShiftOverlaps):
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('staffing.roster', 11))")
        pattern = await Shift.filter(staff_id__in=list(wanted), day__gte=monday, day__lt=monday + WEEK)
        for week in to:
            taken = await _rostered(week, list(wanted))
            for shift in pattern:
                who: UUID = shift.staff_id  # type: ignore[attr-defined]
                day = shift.day + (week - monday)
                if (who, day) in taken:
                    left += 1
                    continue
                await _made(actor, who, Turn(day, shift.kind, shift.starts, shift.ends))
                copied += 1
        await audit.record(
            actor=actor.name, action="roster.copied", subject=f"week:{monday}", to=list(to), copied=copied, left=left
        )
    return copied, left


async def _rostered(week: date, staff: list[UUID]) -> set[tuple[UUID, date]]:
    """Whose days of the week are planned; a night of the Sunday before reaches into its Monday."""
    rows = await db.fetch(
        "SELECT staff_id, day FROM staffing_shift WHERE staff_id = ANY ($1) AND day >= $2 AND day < $3 "
        "UNION SELECT staff_id, day + 1 FROM staffing_shift WHERE staff_id = ANY ($1) AND day = $2 - 1 AND ends > 1440",
        staff, week, week + WEEK,
    )  # fmt: skip
    return {(r["staff_id"], r["day"]) for r in rows}


async def _made(actor: Actor, staff: UUID, turn: Turn) -> Shift:
    return await Shift.create(
        id=new_id(), staff_id=staff, day=turn.day, kind=turn.kind, starts=turn.starts, ends=turn.ends, by=actor.name
    )


def _judge(day: date) -> None:
    if not clock.today() <= day <= clock.today() + AHEAD:
        raise InvalidRequest(errors=[_fault("day")])


def _judge_weeks(monday: date, to: Sequence[date]) -> None:
    if monday.weekday() != 0:
        raise InvalidRequest(errors=[_fault("monday")])
    for n, week in enumerate(to):
        if week.weekday() != 0 or week == monday or not clock.today() <= week <= clock.today() + AHEAD:
            raise InvalidRequest(errors=[_fault(f"to.{n}")])


def _fault(field: str) -> FieldError:
    return FieldError(field=field, code="invalid", detail=text("日期不在可选范围", "This day cannot be chosen"))


async def week_of(staff: Sequence[UUID], monday: date) -> list[Shift]:
    """The shifts of these people in the week, in order."""
    found = Shift.filter(staff_id__in=list(staff), day__gte=monday, day__lt=monday + WEEK)
    return await found.order_by("day", "starts")


async def people(staff: Sequence[UUID]) -> list[StaffMember]:
    return await StaffMember.filter(id__in=list(staff), disabled_at=None).order_by("department_id", "username")
