"""
Who answers for what, from day to day: planned, ended, never edited away.

What was in force stays as it was; a duty is ended and another begins. The database excludes two owners of one item and
region on one day, and writes every change down by itself (`staffing_duty_change`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from auth import duties
from auth.duties import Item
from auth.models import Duty, Region, StaffMember
from auth.staff import staff_member
from auth.staffing.conflicts import one_only
from auth.staffing.errors import DutyBegun, DutyOverlaps, NotAClerk, UnknownPlace
from auth.staffing.gaps import Answerer, Assigned
from auth.staffing.models import DutyChange
from kit import audit, clock, db
from kit.errors import FieldError, InvalidRequest, NotFound
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """A duty to be: from `valid_from`, today at the earliest, to `valid_to` or without an end."""

    item: str
    region: str
    role: str
    staff: UUID
    valid_from: date
    valid_to: date | None = None


async def assign(actor: Actor, plan: Plan, *, replaces: bool = False) -> Duty:
    """
    Gives somebody a duty. With `replaces` the present owner's ends the day before, and goes on after a limited one.

    Raises: NotFound outside one's department, UnknownPlace, NotAClerk, InvalidRequest for days gone by, DutyOverlaps.
    """
    await editable_item(actor, plan.item)
    async with one_only(DutyOverlaps):
        await _said_by(actor)
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))", f"{plan.item}|{plan.region}")
        await _judge(plan)
        if replaces and plan.role == "owner":
            await _make_room(plan)
        made = await Duty.create(
            id=new_id(), staff_id=plan.staff, item_code=plan.item, region_code=plan.region, role=plan.role,
            valid_from=plan.valid_from, valid_to=plan.valid_to,
        )  # fmt: skip
        await audit.record(
            actor=actor.name, action="duty.assigned", subject=f"staff:{plan.staff}", item=plan.item,
            region=plan.region, role=plan.role, valid_from=plan.valid_from, valid_to=plan.valid_to,
        )  # fmt: skip
    return made


async def _judge(plan: Plan) -> None:
    if not await Region.exists(code=plan.region):
        raise UnknownPlace
    if plan.valid_from < clock.today():
        raise InvalidRequest(errors=[_day_fault("valid_from", "不能早于今天", "Not before today")])
    if plan.valid_to is not None and plan.valid_to < plan.valid_from:
        raise InvalidRequest(errors=[_day_fault("valid_to", "不能早于开始日期", "Not before the first day")])
    person = await StaffMember.get_or_none(id=plan.staff, disabled_at=None)
    needed = {"supervisor"} if plan.role == "supervisor" else {"clerk"}
    if person is None or not needed & set(person.roles):
        raise NotAClerk


def _day_fault(name: str, chinese: str, english: str) -> FieldError:
    return FieldError(field=name, code="invalid", detail=text(chinese, english))


async def _make_room(plan: Plan) -> None:
    """Ends whoever owns it on those days; what was planned beyond them stays planned."""
    ends = plan.valid_to or date.max
    owners = Duty.filter(item_code=plan.item, region_code=plan.region, role="owner").select_for_update()
    for owned in await owners.order_by("id"):
        first, last = owned.valid_from or date.min, owned.valid_to or date.max
        if last < plan.valid_from or first > ends:
            continue
        if first < plan.valid_from:
            await Duty.filter(id=owned.id).update(valid_to=plan.valid_from - DAY)
        else:
            await Duty.filter(id=owned.id).delete()
        if last > ends:
            await Duty.create(
                id=new_id(), staff_id=owned.staff_id, item_code=plan.item,  # type: ignore[attr-defined]
                region_code=plan.region, role="owner", valid_from=ends + DAY, valid_to=owned.valid_to,
            )  # fmt: skip


async def end(actor: Actor, duty_id: UUID, *, last_day: date) -> Duty:
    """
    Lets a duty end with a day, yesterday at the earliest.

    Raises: NotFound, InvalidRequest for a day gone by or before its first, DutyOverlaps for an end put off too far.
    """
    async with one_only(DutyOverlaps):
        duty = await _editable(actor, duty_id)
        if last_day < clock.today() - DAY or (duty.valid_from is not None and last_day < duty.valid_from):
            raise InvalidRequest(errors=[_day_fault("last_day", "日期不在可选范围", "This day cannot be chosen")])
        if duty.valid_to is not None and duty.valid_to < clock.today():
            raise DutyBegun
        await Duty.filter(id=duty.id).update(valid_to=last_day)
        await _note(actor, duty, "ended", last_day=last_day)
    return await Duty.get(id=duty_id)


async def withdraw(actor: Actor, duty_id: UUID) -> None:
    """Takes a planned duty back before it begins. Raises NotFound, DutyBegun."""
    async with db.transaction():
        duty = await _editable(actor, duty_id)
        if duty.valid_from is None or duty.valid_from <= clock.today():
            raise DutyBegun
        await Duty.filter(id=duty.id).delete()
        await _note(actor, duty, "withdrawn")


async def _note(actor: Actor, duty: Duty, act: str, **more: Any) -> None:
    staff: UUID = duty.staff_id  # type: ignore[attr-defined]
    await audit.record(
        actor=actor.name, action=f"duty.{act}", subject=f"staff:{staff}", item=duty.item_code,
        region=duty.region_code, role=duty.role, **more,
    )  # fmt: skip


async def _editable(actor: Actor, duty_id: UUID) -> Duty:
    await _said_by(actor)
    duty = await Duty.select_for_update().get_or_none(id=duty_id)
    if duty is None:
        raise NotFound
    await editable_item(actor, duty.item_code)
    return duty


async def _said_by(actor: Actor) -> None:
    """For the rows the database writes about changes of duties in this transaction."""
    await db.execute(
        "SELECT set_config('handheld.actor', $1, true), set_config('handheld.now', $2, true)",
        actor.name, clock.now().isoformat(),
    )  # fmt: skip


async def editable_item(actor: Actor, code: str) -> Item:
    """An item the actor shares out: an admin any, a supervisor their department's. Raises NotFound."""
    for item in await items_of(actor):
        if item.code == code:
            return item
    raise NotFound


async def items_of(actor: Actor) -> list[Item]:
    everything = await duties.every_item()
    if "admin" in actor.roles:
        return everything
    if "supervisor" not in actor.roles:
        return []
    department = (await staff_member(actor.id)).department.code
    return [item for item in everything if item.department == department]


async def assigned(items: Sequence[Item]) -> list[Duty]:
    """Every duty for these items: past, present and planned, with its person."""
    found = Duty.filter(item_code__in=[i.code for i in items]).prefetch_related("staff")
    return await found.order_by("item_code", "region_code", "role", "valid_from", "id")


async def history(item: str) -> list[DutyChange]:
    """Everything that was ever said about who answers for the item, the newest first."""
    return await DutyChange.filter(item_code=item).order_by("-id").limit(200)


def as_assigned(duty: Duty) -> Assigned:
    staff: UUID = duty.staff_id  # type: ignore[attr-defined]
    return Assigned(duty.item_code, duty.region_code, duty.role, staff, duty.valid_from, duty.valid_to)


async def answerers() -> dict[UUID, Answerer]:
    people = await StaffMember.all()
    return {p.id: Answerer(p.id, p.name, frozenset(p.roles), p.disabled_at is not None) for p in people}


async def regions_above() -> dict[str, str | None]:
    rows: list[Any] = list(await Region.all().values_list("code", "parent_code"))
    return dict(rows)
