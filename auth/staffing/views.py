"""How the organisation, duties, shifts and leave appear in answers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from auth.duties import Item
from auth.models import Department, Duty, Region, StaffMember
from auth.openings import usual_hours
from auth.staffing import schemas
from auth.staffing.config import StaffingSettings
from auth.staffing.gaps import Gap
from auth.staffing.leaves import staff_of
from auth.staffing.models import DutyChange, Handover, Head, Leave, Opening, RoleChange, Shift, Unit
from auth.staffing.organisation import directed_by, everybody
from auth.staffing.states import AWAY, LeaveState
from kit import clock
from kit.config import current
from kit.texts import Text
from kit.web import Actor

People = Mapping[UUID, schemas.PersonView]


async def people(ids: Iterable[UUID | None]) -> People:
    """Those of the ids that are of staff; nobody works here without a name."""
    found = await StaffMember.filter(id__in={i for i in ids if i is not None})
    return {p.id: person(p) for p in found}


def person(member: StaffMember) -> schemas.PersonView:
    return schemas.PersonView(id=member.id, name=member.name, title=member.title)


def known(found: People, id_: UUID) -> schemas.PersonView:
    return found.get(id_) or schemas.PersonView(id=id_, name="—", title="")


async def organisation(actor: Actor) -> schemas.OrganisationView:
    """The tree, with the people the caller directs, and the caller."""
    heads = {(h.kind, h.code): h.staff_id for h in await Head.all()}  # type: ignore[attr-defined]
    units: dict[str, list[schemas.UnitView]] = {}
    for unit in await Unit.filter(closed_at=None).order_by("id"):
        units.setdefault(unit.department_id, []).append(unit_view(unit))  # type: ignore[attr-defined]
    opened = {o.department: o.hours for o in await Opening.all()}
    usual = usual_hours(current(StaffingSettings).office_hours)
    departments: dict[str, list[schemas.DepartmentNode]] = {}
    for d in await Department.all().order_by("code"):
        node = schemas.DepartmentNode(
            code=d.code, name=Text.model_validate(d.name), parent=d.parent_code,
            head=heads.get(("department", d.code)), units=units.get(d.code, []),
            hours=opened.get(d.code, usual), own_hours=d.code in opened,
        )  # fmt: skip
        departments.setdefault(d.region_code, []).append(node)
    regions = [
        schemas.RegionNode(
            code=r.code, name=Text.model_validate(r.name), parent=r.parent_code, head=heads.get(("region", r.code)),
            departments=departments.get(r.code, []),
        )
        for r in await Region.all().order_by("code") if r.code in departments or ("region", r.code) in heads
    ]  # fmt: skip
    seen = await directed_by(actor) | {actor.id}
    members = [member_view(row) for row in await everybody() if row["id"] in seen]
    return schemas.OrganisationView(regions=regions, people=members, may_edit="admin" in actor.roles)


def unit_view(unit: Unit) -> schemas.UnitView:
    return schemas.UnitView(
        id=unit.id, name=Text.model_validate(unit.name), department=unit.department_id, head=unit.head_id  # type: ignore[attr-defined]
    )  # fmt: skip


def member_view(row: Any) -> schemas.MemberView:
    superior = row["superior_id"]
    return schemas.MemberView(
        id=row["id"], name=row["name"], title=row["title"], username=row["username"], roles=orjson.loads(row["roles"]),
        department=row["department_id"], unit=row["unit_id"], reports_to=row["reports_to_id"],
        superior=schemas.PersonView(id=superior, name=row["superior_name"], title="") if superior else None,
        languages=row["languages"],
        disabled=row["disabled_at"] is not None, on_leave=row["on_leave"],
    )  # fmt: skip


async def role_changes(actor: Actor, found: Sequence[RoleChange]) -> schemas.RoleChanges:
    who = await people(i for c in found for i in (c.staff_id, c.proposed_by, c.decided_by))  # type: ignore[attr-defined]
    return schemas.RoleChanges(items=[_role_change(actor, change, who) for change in found])


def _role_change(actor: Actor, change: RoleChange, who: People) -> schemas.RoleChangeView:
    staff: UUID = change.staff_id  # type: ignore[attr-defined]
    return schemas.RoleChangeView(
        id=change.id, staff=known(who, staff), role=change.role, kind=change.kind, state=change.state,
        emergency=change.emergency, reason=change.reason, proposed_by=known(who, change.proposed_by),
        proposed_at=local(change.proposed_at), decided_by=known(who, change.decided_by) if change.decided_by else None,
        decided_at=local(change.decided_at) if change.decided_at else None, note=change.note,
        may_decide=change.state == "proposed" and actor.id not in {staff, change.proposed_by},
    )  # fmt: skip


def item_view(item: Item) -> schemas.ItemView:
    return schemas.ItemView(code=item.code, name=item.name, department=item.department, regions=list(item.regions))


def duty_view(duty: Duty) -> schemas.AssignedView:
    return schemas.AssignedView(
        id=duty.id, item=duty.item_code, region=duty.region_code, role=duty.role, staff=person(duty.staff),
        valid_from=duty.valid_from, valid_to=duty.valid_to, state=standing_of(duty, today=clock.today()),
    )  # fmt: skip


def standing_of(duty: Duty, *, today: date) -> str:
    if duty.valid_to is not None and duty.valid_to < today:
        return "past"
    return "planned" if duty.valid_from is not None and duty.valid_from > today else "present"


async def gap_views(found: Sequence[Gap]) -> list[schemas.GapView]:
    who = await people(gap.staff for gap in found)
    return [
        schemas.GapView(
            kind=g.kind, item=g.item, region=g.region, staff=known(who, g.staff) if g.staff else None, count=g.count
        )
        for g in found
    ]


async def duty_history(rows: Sequence[DutyChange]) -> schemas.DutyHistory:
    who = await people(row.staff for row in rows)
    return schemas.DutyHistory(
        items=[
            schemas.DutyChangeView(
                at=local(r.at), actor=r.actor, act=r.act, staff=known(who, r.staff), region=r.region_code, role=r.role,
                valid_from=r.valid_from, valid_to=r.valid_to,
            )
            for r in rows
        ]
    )  # fmt: skip


def shift_view(shift: Shift) -> schemas.ShiftView:
    return schemas.ShiftView(
        id=shift.id, staff=shift.staff_id, day=shift.day, kind=shift.kind, starts=_clock(shift.starts),  # type: ignore[attr-defined]
        ends=_clock(shift.ends),
    )  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute % 1440 // 60:02d}:{minute % 60:02d}"


async def leave_views(actor: Actor, found: Sequence[Leave]) -> schemas.Leaves:
    who = await people(i for v in found for i in (staff_of(v), v.cover_id, v.decided_by))  # type: ignore[attr-defined]
    directs = await directed_by(actor)
    covers = [v.cover_id for v in found if v.cover_id]  # type: ignore[attr-defined]
    away = await Leave.filter(staff_id__in=covers, state__in=[str(s) for s in AWAY])
    lent = await Handover.filter(leave_id__in=[v.id for v in found]).values_list("leave_id", flat=True)
    return schemas.Leaves(
        items=[
            schemas.LeaveView(
                id=v.id, staff=known(who, staff_of(v)), kind=v.kind, state=v.state, from_day=v.from_day,
                from_half=v.from_half, to_day=v.to_day, to_half=v.to_half, starts_at=local(v.starts_at),
                ends_at=local(v.ends_at), cover=known(who, v.cover_id) if v.cover_id else None,  # type: ignore[attr-defined]
                cover_away=any(_meet(v, other) for other in away), note=v.note, asked_at=local(v.asked_at),
                decided_by=known(who, v.decided_by) if v.decided_by else None, decision_note=v.decision_note,
                handed_over=list(lent).count(v.id), actions=_actions(actor, v, directs=directs),  # type: ignore[arg-type]
            )
            for v in found
        ]
    )  # fmt: skip


def _meet(leave: Leave, other: Leave) -> bool:
    return (
        leave.cover_id == staff_of(other)  # type: ignore[attr-defined]
        and other.starts_at < leave.ends_at
        and leave.starts_at < other.ends_at
    )


def _actions(actor: Actor, leave: Leave, *, directs: set[UUID]) -> list[str]:
    """What the caller may do with the leave now; the verbs judge again."""
    mine, theirs = staff_of(leave) == actor.id, staff_of(leave) in directs
    state, offered = LeaveState(leave.state), []
    if state is LeaveState.requested and theirs:
        offered.append("approve")
    if state in {LeaveState.requested, LeaveState.approved} and (mine or theirs):
        offered.append("cancel")
    if state is LeaveState.running and (mine or theirs):
        offered.append("end")
    if state in AWAY and theirs:
        offered.append("prolong")
    return offered


def local(instant: datetime) -> datetime:
    return clock.city_time(instant)
