"""
Leave: asked by the person or set by who directs them, begun and ended by jobs.

Who is away is told by the hours of an approved leave; its state says how far the hand-over is. A change of its dates
makes a new version, and a job of an older version does nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from auth.models import StaffMember
from auth.staffing import events as staffing_events
from auth.staffing.conflicts import one_only
from auth.staffing.errors import CoverNotFit, LeaveIsPast, LeaveNotOpen, LeaveOverlaps, TwoPersonsNeeded
from auth.staffing.models import Handover, Leave
from auth.staffing.organisation import directed, directs
from auth.staffing.states import LEAVE_MOVES, LeaveState
from kit import audit, clock, db, events
from kit.errors import FieldError, InvalidRequest, NotFound
from kit.ids import new_id
from kit.jobs import defer
from kit.texts import text
from kit.web import Actor

NOON = time(12)  # half a day ends, or begins, at noon
L = LeaveState


@dataclass(frozen=True)
class Days:
    """From the first half day to the last, both included. A half is `am` or `pm`."""

    from_day: date
    to_day: date
    from_half: str = "am"
    to_half: str = "pm"

    def span(self) -> tuple[datetime, datetime]:
        """The instants, the end excluded."""
        zone = clock.city_zone()
        begins = datetime.combine(self.from_day, NOON if self.from_half == "pm" else time(0), tzinfo=zone)
        last = self.to_day if self.to_half == "am" else self.to_day + timedelta(days=1)
        return begins, datetime.combine(last, NOON if self.to_half == "am" else time(0), tzinfo=zone)


async def ask(actor: Actor, *, kind: str, days: Days, cover: UUID | None = None, note: str = "") -> Leave:
    """Asks for one's own leave. Raises InvalidRequest, LeaveIsPast, CoverNotFit, LeaveOverlaps."""
    async with one_only(LeaveOverlaps):
        leave = await _made(actor, actor.id, kind=kind, days=days, cover=cover, note=note)
        await events.publish(staffing_events.LeaveAsked(leave.id, staff=actor.id))
    return leave


async def arrange(
    actor: Actor, staff: UUID, *, kind: str, days: Days, cover: UUID | None = None, note: str = ""
) -> Leave:
    """
    Leave set by who directs the person; it needs no further approval. One that began already begins at once.

    Raises: NotFound outside one's line, InvalidRequest, LeaveIsPast, CoverNotFit, LeaveOverlaps.
    """
    async with one_only(LeaveOverlaps):
        await directed(actor, staff)
        leave = await _made(actor, staff, kind=kind, days=days, cover=cover, note=note)
        await _approve(leave, actor, note="")
    return leave


async def decide(actor: Actor, leave_id: UUID, *, approve: bool, note: str = "") -> Leave:
    """Raises NotFound outside one's line, TwoPersonsNeeded about oneself, LeaveNotOpen, LeaveIsPast."""
    async with db.transaction():
        leave = await _locked(leave_id)
        if staff_of(leave) == actor.id:
            raise TwoPersonsNeeded
        await directed(actor, staff_of(leave))
        if approve:
            await _approve(leave, actor, note=note)
        else:
            leave.decided_by, leave.decided_at, leave.decision_note = actor.id, clock.now(), note
            await _move(leave, L.refused, actor=actor.name)
    return leave


async def cancel(actor: Actor, leave_id: UUID) -> Leave:
    """Before it began, by the person or who directs them. Raises NotFound, LeaveNotOpen."""
    async with db.transaction():
        leave = await _concerning(actor, leave_id)
        await _move(leave, L.cancelled, actor=actor.name)
    return leave


async def end_now(actor: Actor, leave_id: UUID) -> Leave:
    """The person is back early: by themselves, or by who directs them. Raises NotFound, LeaveNotOpen."""
    async with db.transaction():
        leave = await _concerning(actor, leave_id)
        if leave.state != L.running:
            raise LeaveNotOpen
        leave.ends_at = clock.now()
        await _end(leave, actor=actor.name)
    return leave


async def prolong(actor: Actor, leave_id: UUID, *, to_day: date, to_half: str) -> Leave:
    """
    Another last day, later or earlier, of a leave that is approved or runs; by who directs the person.

    Raises: NotFound, LeaveNotOpen, LeaveIsPast for an end that is over, LeaveOverlaps.
    """
    async with one_only(LeaveOverlaps):
        leave = await _locked(leave_id)
        await directed(actor, staff_of(leave))
        if leave.state not in {L.approved, L.running}:
            raise LeaveNotOpen
        days = Days(leave.from_day, to_day, leave.from_half, to_half)
        begins, ends = days.span()
        if ends <= max(begins, clock.now()):
            raise LeaveIsPast
        leave.to_day, leave.to_half, leave.ends_at = to_day, to_half, ends
        leave.version += 1
        await leave.save()
        await _wake(leave)
        await _note(leave, "prolonged", actor=actor.name, to_day=to_day, to_half=to_half)
    return leave


async def begin(leave_id: UUID, *, version: int | None = None) -> None:
    """Its first hour has come: the work goes to who covers. Too late, too early, changed or begun: nothing."""
    async with db.transaction():
        leave = await Leave.select_for_update().get_or_none(id=leave_id)
        if leave is None or leave.state != L.approved or (version is not None and leave.version != version):
            return
        if leave.starts_at > clock.now():
            return
        await _move(leave, L.running, actor="system")
        cover: UUID | None = leave.cover_id  # type: ignore[attr-defined]
        await events.publish(staffing_events.LeaveBegan(leave.id, staff_of(leave), cover, leave.ends_at))
        await _wake(leave)


async def finish(leave_id: UUID, *, version: int | None = None) -> None:
    """Its last hour is over: the person is back. Changed or ended meanwhile: nothing."""
    async with db.transaction():
        leave = await Leave.select_for_update().get_or_none(id=leave_id)
        if leave is None or leave.state != L.running or (version is not None and leave.version != version):
            return
        if leave.ends_at <= clock.now():
            await _end(leave, actor="system")


async def tend() -> None:
    """Begins and ends what is due, should its own job have been lost."""
    now = clock.now()
    for leave in await Leave.filter(state=L.approved, starts_at__lte=now).order_by("starts_at").limit(200):
        await begin(leave.id)
    for leave in await Leave.filter(state=L.running, ends_at__lte=now).order_by("ends_at").limit(200):
        await finish(leave.id)


async def runs_now(leave_id: UUID) -> bool:
    """Whether the person is away for it at this moment; what is told late is then told of yesterday."""
    leave = await Leave.get_or_none(id=leave_id)
    return leave is not None and leave.state == L.running and leave.starts_at <= clock.now() < leave.ends_at


def staff_of(leave: Leave) -> UUID:
    found: UUID = leave.staff_id  # type: ignore[attr-defined]
    return found


async def _made(actor: Actor, staff: UUID, *, kind: str, days: Days, cover: UUID | None, note: str) -> Leave:
    begins, ends = days.span()
    if begins >= ends:
        wrong = FieldError(field="to_day", code="invalid", detail=text("结束早于开始", "It ends before it begins"))
        raise InvalidRequest(errors=[wrong])
    if ends <= clock.now():
        raise LeaveIsPast
    await _judge_cover(cover, staff=staff)
    leave = await Leave.create(
        id=new_id(), staff_id=staff, kind=kind, state=L.requested, from_day=days.from_day, from_half=days.from_half,
        to_day=days.to_day, to_half=days.to_half, starts_at=begins, ends_at=ends, cover_id=cover, note=note,
        asked_by=actor.id, asked_at=clock.now(),
    )  # fmt: skip
    await _note(leave, "asked", actor=actor.name, kind=kind, from_day=days.from_day, to_day=days.to_day, cover=cover)
    return leave


async def _judge_cover(cover: UUID | None, *, staff: UUID) -> None:
    if cover is None:
        return
    person = await StaffMember.get_or_none(id=cover, disabled_at=None)
    if cover == staff or person is None or not {"clerk", "supervisor"} & set(person.roles):
        raise CoverNotFit


async def _approve(leave: Leave, actor: Actor, *, note: str) -> None:
    if leave.ends_at <= clock.now():
        raise LeaveIsPast
    leave.decided_by, leave.decided_at, leave.decision_note = actor.id, clock.now(), note
    await _move(leave, L.approved, actor=actor.name)
    await _wake(leave)


async def _wake(leave: Leave) -> None:
    """The job that begins it, or, while it runs, the one that ends it."""
    from auth.staffing.jobs import begin_leave, end_leave  # the jobs call the verbs; here a verb asks for a job

    if leave.state == L.approved:
        await defer(begin_leave, at=leave.starts_at, leave=str(leave.id), version=leave.version)
    else:
        await defer(end_leave, at=leave.ends_at, leave=str(leave.id), version=leave.version)


async def _end(leave: Leave, *, actor: str) -> None:
    """What was lent goes back; into the next leave, when that one begins in this moment."""
    await _move(leave, L.ended, actor=actor)
    staff, cover = staff_of(leave), leave.cover_id  # type: ignore[attr-defined]
    now = clock.now()
    following = await Leave.filter(
        staff_id=staff, state__in=[L.approved, L.running], starts_at__lte=now, ends_at__gt=now
    ).first()
    if following is not None:
        await Handover.filter(leave_id=leave.id, closed_at=None).update(leave_id=following.id)
    else:
        await events.publish(staffing_events.LeaveEnded(leave.id, staff, cover))


async def _move(leave: Leave, to: LeaveState, *, actor: str) -> None:
    """The one place where the state of a leave changes; the row is locked, or new. Raises LeaveNotOpen."""
    before = LeaveState(leave.state)
    if to not in LEAVE_MOVES[before]:
        raise LeaveNotOpen
    leave.state = to
    await leave.save()
    await _note(leave, to.value, actor=actor, before=before)


async def _note(leave: Leave, act: str, *, actor: str, **more: object) -> None:
    """The audit log is the leave's history: who, when, from, to. What kind of leave it is stays in the row."""
    told = {k: v for k, v in more.items() if k != "kind"}
    await audit.record(actor=actor, action=f"leave.{act}", subject=f"staff:{staff_of(leave)}", leave=leave.id, **told)


async def _locked(leave_id: UUID) -> Leave:
    leave = await Leave.select_for_update().get_or_none(id=leave_id)
    if leave is None:
        raise NotFound
    return leave


async def _concerning(actor: Actor, leave_id: UUID) -> Leave:
    """The actor's own, or of somebody they direct; locked. Raises NotFound."""
    leave = await _locked(leave_id)
    if staff_of(leave) != actor.id and not await directs(actor, staff_of(leave)):
        raise NotFound
    return leave
