"""Organisation, roles, duties, rosters and leave, for the people who arrange them and the people they are about."""

from datetime import date, timedelta

from auth.models import StaffMember
from auth.roles import STAFF_ROLES
from auth.staffing import assigning, granting, leaves, organisation, rosters, schemas, views
from auth.staffing.config import StaffingSettings
from auth.staffing.gaps import gaps
from auth.staffing.models import Leave
from auth.staffing.organisation import Seat, UnitChange, directed_by
from auth.staffing.states import LeaveState
from auth.step_up import require_fresh
from kit import clock, workdays
from kit.config import current
from kit.errors import NotFound
from kit.texts import Text
from kit.web import Call, delete, get, patch, post, put

ADMIN = {"admin"}
LEADERS = {"supervisor", "admin"}
OPEN = [LeaveState.requested, LeaveState.approved, LeaveState.running]


async def read_organisation(call: Call) -> schemas.OrganisationView:
    """Region, department, unit; with the people one directs."""
    return await views.organisation(call.actor)


async def open_unit(call: Call, body: schemas.OpenUnit) -> schemas.UnitView:
    name = Text(zh=body.name, en=body.name_en)
    return views.unit_view(
        await organisation.open_unit(call.actor, department=body.department, name=name, head=body.head)
    )


async def change_unit(call: Call, body: schemas.ChangeUnit) -> schemas.UnitView:
    """Another name, another head, or another department with everybody in the unit."""
    if body.department is not None:
        await require_fresh(call.actor)  # it moves people's rights
    change = UnitChange(
        name=Text(zh=body.name, en=body.name_en) if body.name else None, department=body.department, head=body.head,
        head_known=body.no_head or body.head is not None,
    )  # fmt: skip
    return views.unit_view(await organisation.change_unit(call.actor, call.path_id("id"), change=change))


async def close_unit(call: Call) -> None:
    await organisation.close_unit(call.actor, call.path_id("id"))


async def set_head(call: Call, body: schemas.SetHead) -> None:
    """Who heads a region or a department."""
    kind = call.path("kind")
    if kind not in {"region", "department"}:
        raise NotFound
    await organisation.set_head(call.actor, kind=kind, code=call.path("code"), staff=body.staff)


async def place_person(call: Call, body: schemas.PlacePerson) -> None:
    """Where a person sits, and whom they report to when it is not who heads the place."""
    await require_fresh(call.actor)  # another department is other rights
    spoken = None if body.languages is None else tuple(body.languages)
    seat = Seat(unit=body.unit, department=body.department, reports_to=body.reports_to, languages=spoken)
    await organisation.place_person(call.actor, call.path_id("id"), seat=seat)


async def set_hours(call: Call, body: schemas.SetHours) -> schemas.HoursView:
    """When a department serves the public; without hours it is as everywhere in the city."""
    return schemas.HoursView(hours=await organisation.set_hours(call.actor, call.path("code"), hours=body.hours))


async def read_role_changes(call: Call, query: schemas.RoleChangeQuery) -> schemas.RoleChanges:
    return await views.role_changes(call.actor, await granting.changes(state=query.state))


async def propose_role(call: Call, body: schemas.ProposeRole) -> schemas.RoleChanges:
    """Asks for a role to be given or taken; another admin decides."""
    made = await granting.propose(call.actor, staff=body.staff, role=body.role, kind=body.kind, reason=body.reason)
    return await views.role_changes(call.actor, [made])


async def remove_role_at_once(call: Call, body: schemas.RemoveRole) -> schemas.RoleChanges:
    """Takes a role away in an emergency, alone."""
    made = await granting.remove_at_once(call.actor, staff=body.staff, role=body.role, reason=body.reason)
    return await views.role_changes(call.actor, [made])


async def decide_role(call: Call, body: schemas.Decide) -> schemas.RoleChanges:
    made = await granting.decide(call.actor, call.path_id("id"), approve=body.approve, note=body.note)
    return await views.role_changes(call.actor, [made])


async def withdraw_role(call: Call) -> schemas.RoleChanges:
    return await views.role_changes(call.actor, [await granting.withdraw(call.actor, call.path_id("id"))])


async def read_duties(call: Call, query: schemas.DutyQuery) -> schemas.DutiesView:
    """The items one shares out, who answers for them now and later, and where nobody does."""
    items = await assigning.items_of(call.actor)
    everything = await assigning.assigned(items)
    found = gaps(
        items, [assigning.as_assigned(d) for d in everything], await assigning.answerers(),
        parents=await assigning.regions_above(), today=clock.today(), most=current(StaffingSettings).duties_per_person,
    )  # fmt: skip
    shown = [views.duty_view(d) for d in everything]
    return schemas.DutiesView(
        items=[views.item_view(i) for i in items if query.item in {None, i.code}],
        duties=[
            d for d in shown
            if query.item in {None, d.item} and query.staff in {None, d.staff.id} and (query.past or d.state != "past")
        ],
        gaps=await views.gap_views(
            [g for g in found if query.item in {None, g.item} and query.staff in {None, g.staff}]
        ),
    )  # fmt: skip


async def assign_duty(call: Call, body: schemas.AssignDuty) -> schemas.AssignedView:
    plan = assigning.Plan(body.item, body.region, body.role, body.staff, body.valid_from, body.valid_to)
    made = await assigning.assign(call.actor, plan, replaces=body.replaces)
    await made.fetch_related("staff")
    return views.duty_view(made)


async def end_duty(call: Call, body: schemas.EndDuty) -> schemas.AssignedView:
    ended = await assigning.end(call.actor, call.path_id("id"), last_day=body.last_day)
    await ended.fetch_related("staff")
    return views.duty_view(ended)


async def withdraw_duty(call: Call) -> None:
    """Takes a planned duty back before it begins."""
    await assigning.withdraw(call.actor, call.path_id("id"))


async def read_duty_history(call: Call, query: schemas.HistoryQuery) -> schemas.DutyHistory:
    await assigning.editable_item(call.actor, query.item)
    return await views.duty_history(await assigning.history(query.item))


async def read_week(call: Call, query: schemas.WeekQuery) -> schemas.WeekView:
    """The week of the people one directs, and one's own."""
    today = clock.today()
    monday = query.monday or today
    monday -= timedelta(days=monday.weekday())
    led = await directed_by(call.actor)
    seen = [call.actor.id, *sorted(led)]
    calendar = await workdays.calendar()
    away = Leave.filter(
        staff_id__in=seen, state__in=OPEN[1:], from_day__lt=monday + rosters.WEEK, to_day__gte=monday
    ).order_by("from_day")
    return schemas.WeekView(
        monday=monday, working_days=[d for d in _days(monday) if calendar.is_workday(d)],
        people=[_roster_person(p) for p in await rosters.people(seen)],
        shifts=[views.shift_view(s) for s in await rosters.week_of(seen, monday)],
        leaves=[_away(leave) for leave in await away], may_edit=bool(led),
    )  # fmt: skip


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=n) for n in range(7)]


def _roster_person(member: StaffMember) -> schemas.RosterPerson:
    return schemas.RosterPerson(
        id=member.id, name=member.name, title=member.title, department=member.department_id, hours=member.hours  # type: ignore[attr-defined]
    )  # fmt: skip


def _away(leave: Leave) -> schemas.AwayView:
    return schemas.AwayView(
        staff=leaves.staff_of(leave), from_day=leave.from_day, from_half=leave.from_half, to_day=leave.to_day,
        to_half=leave.to_half,
    )  # fmt: skip


async def plan_shift(call: Call, body: schemas.PlanShift) -> schemas.ShiftView:
    """An end that is not after the start is the next morning's; a day off is the whole day."""
    starts, ends = _minutes(body.starts), _minutes(body.ends)
    turn = rosters.Turn(body.day, body.kind, starts, ends if ends > starts else ends + 1440)
    if body.kind == "off":
        turn = rosters.Turn(body.day, body.kind, 0, 1440)
    return views.shift_view(await rosters.plan(call.actor, body.staff, turn=turn))


def _minutes(said: str) -> int:
    return int(said[:2]) * 60 + int(said[3:])


async def drop_shift(call: Call) -> None:
    await rosters.drop(call.actor, call.path_id("id"))


async def copy_week(call: Call, body: schemas.CopyWeek) -> schemas.CopiedView:
    copied, left = await rosters.copy_week(call.actor, monday=body.monday, to=body.to, staff=body.staff)
    return schemas.CopiedView(copied=copied, left_out=left)


async def read_leaves(call: Call, query: schemas.LeaveQuery) -> schemas.Leaves:
    """One's own, and those of the people one directs."""
    seen = {call.actor.id} | (set() if query.own else await directed_by(call.actor))
    found = Leave.filter(staff_id__in=list(seen), **({"state__in": OPEN} if query.open else {}))
    return await views.leave_views(call.actor, await found.order_by("-starts_at").limit(200))


async def ask_leave(call: Call, body: schemas.AskLeave) -> schemas.Leaves:
    """One's own waits for approval; what is set for somebody one directs is approved with it."""
    days = leaves.Days(body.from_day, body.to_day, body.from_half, body.to_half)
    if body.staff is None or body.staff == call.actor.id:
        made = await leaves.ask(call.actor, kind=body.kind, days=days, cover=body.cover, note=body.note)
    else:
        made = await leaves.arrange(call.actor, body.staff, kind=body.kind, days=days, cover=body.cover, note=body.note)
    return await views.leave_views(call.actor, [made])


async def decide_leave(call: Call, body: schemas.Decide) -> schemas.Leaves:
    made = await leaves.decide(call.actor, call.path_id("id"), approve=body.approve, note=body.note)
    return await views.leave_views(call.actor, [made])


async def cancel_leave(call: Call) -> schemas.Leaves:
    return await views.leave_views(call.actor, [await leaves.cancel(call.actor, call.path_id("id"))])


async def end_leave(call: Call) -> schemas.Leaves:
    """Back early."""
    return await views.leave_views(call.actor, [await leaves.end_now(call.actor, call.path_id("id"))])


async def prolong_leave(call: Call, body: schemas.Prolong) -> schemas.Leaves:
    """Another last day, later or earlier."""
    made = await leaves.prolong(call.actor, call.path_id("id"), to_day=body.to_day, to_half=body.to_half)
    return await views.leave_views(call.actor, [made])


async def read_colleagues(call: Call) -> schemas.Colleagues:
    """Who could cover for one: clerks and supervisors of one's department, then of the others."""
    department = await StaffMember.filter(id=call.actor.id).values_list("department_id", flat=True)
    found = [
        p for p in await StaffMember.filter(disabled_at=None).order_by("username")
        if {"clerk", "supervisor"} & set(p.roles) and p.id != call.actor.id
    ]  # fmt: skip
    found.sort(key=lambda p: [p.department_id] != list(department))  # type: ignore[attr-defined]
    return schemas.Colleagues(items=[views.person(p) for p in found])


SELF_OR_LED = {"clerk": "self", "finance": "self", "auditor": "self", "supervisor": "department", "admin": "all"}
LED = {"supervisor": "department", "admin": "all"}

ROUTES = [
    get("/organisation", read_organisation, roles=LEADERS, reach=LED),
    post("/organisation/units", open_unit, roles=ADMIN, reach="all", status=201),
    patch("/organisation/units/{id}", change_unit, roles=ADMIN, reach="all"),
    delete("/organisation/units/{id}", close_unit, roles=ADMIN, reach="all"),
    put(
        "/organisation/heads/{kind}/{code}",
        set_head,
        roles=ADMIN,
        reach="all",
        examples={"kind": "department", "code": "GA"},
    ),
    put("/organisation/hours/{code}", set_hours, roles=ADMIN, reach="all", examples={"code": "GA"}),
    patch("/organisation/people/{id}", place_person, roles=ADMIN, reach="all"),
    get("/staffing/role-changes", read_role_changes, roles=ADMIN, reach="all"),
    post("/staffing/role-changes", propose_role, roles=ADMIN, reach="all", status=201),
    post("/staffing/role-changes/{id}/decision", decide_role, roles=ADMIN, reach="all"),
    post("/staffing/role-changes/{id}/recall", withdraw_role, roles=ADMIN, reach="own"),
    post("/staffing/role-removals", remove_role_at_once, roles=ADMIN, reach="all", status=201),
    get("/staffing/duties", read_duties, roles=LEADERS, reach=LED),
    post("/staffing/duties", assign_duty, roles=LEADERS, reach=LED, status=201),
    post("/staffing/duties/{id}/end", end_duty, roles=LEADERS, reach=LED),
    delete("/staffing/duties/{id}", withdraw_duty, roles=LEADERS, reach=LED),
    get("/staffing/duty-history", read_duty_history, roles=LEADERS, reach=LED),
    get("/staffing/roster", read_week, roles=STAFF_ROLES, reach=SELF_OR_LED),
    post("/staffing/shifts", plan_shift, roles=LEADERS, reach=LED, status=201),
    delete("/staffing/shifts/{id}", drop_shift, roles=LEADERS, reach=LED),
    post("/staffing/roster-copies", copy_week, roles=LEADERS, reach=LED),
    get("/staffing/leaves", read_leaves, roles=STAFF_ROLES, reach=SELF_OR_LED),
    post("/staffing/leaves", ask_leave, roles=STAFF_ROLES, reach=SELF_OR_LED, status=201),
    post("/staffing/leaves/{id}/decision", decide_leave, roles=LEADERS, reach=LED),
    post("/staffing/leaves/{id}/cancellation", cancel_leave, roles=STAFF_ROLES, reach=SELF_OR_LED),
    post("/staffing/leaves/{id}/end", end_leave, roles=STAFF_ROLES, reach=SELF_OR_LED),
    post("/staffing/leaves/{id}/extension", prolong_leave, roles=LEADERS, reach=LED),
    get("/staffing/colleagues", read_colleagues, roles=STAFF_ROLES, reach="all"),
]
