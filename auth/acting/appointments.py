"""Village agents: appointed by a department for the items of its list, renewed each year, ended with all mandates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from auth.acting.config import ActingSettings
from auth.acting.errors import AppointmentExists, MandateClosed, MandateScopeWrong, UnknownAgent
from auth.acting.mandates import move
from auth.acting.models import Appointment, Mandate
from auth.acting.states import APPOINTMENT_MOVES, LIVING, AppointmentState, MandateState
from auth.callers import WITHIN, path_of, who_is
from auth.citizens import phone_index, reaches
from auth.models import Citizen
from auth.rights import Columns, Thing, Values, condition, may
from auth.staff import staff_member
from kit import audit, clock, db
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

_S = AppointmentState
ROWS = Columns(
    department="a.department_code", without_region="a.region_code = ''",
    lies_in=lambda region: f"a.region_code IN {WITHIN.format(code=region)}",
)  # fmt: skip


@dataclass(frozen=True)
class Vacancy:
    """Whom a department appoints, by phone; where, and for which items."""

    phone: str
    region: str
    items: Sequence[str]


async def standing_appointment(agent: UUID) -> Appointment | None:
    """Today's appointment of a village agent, the longest when several departments appointed them."""
    standing = Appointment.filter(agent_id=agent, state=_S.ACTIVE, valid_to__gte=clock.today())
    return await standing.order_by("-valid_to").first()


async def appoint(actor: Actor, vacancy: Vacancy) -> Appointment:
    """For a year, in a region of the supervisor's. Raises MandateScopeWrong, UnknownAgent, AppointmentExists."""
    department = (await staff_member(actor.id)).department.code
    if not await _lets(actor, department=department, region=vacancy.region):
        raise MandateScopeWrong("region", text("不在本部门的区域内", "Outside the region of your department"))
    person = await Citizen.get_or_none(phone_index=phone_index(vacancy.phone), disabled_at=None)
    if person is None or not reaches(person.assurance, "real_name"):
        raise UnknownAgent
    appointment = Appointment(
        id=new_id(), agent_id=person.id, department_code=department, region_code=vacancy.region,
        items=list(dict.fromkeys(vacancy.items)), state=_S.ACTIVE.value, valid_to=_year_from_today(),
        appointed_by=actor.name, appointed_at=clock.now(),
    )  # fmt: skip
    try:
        async with db.transaction():
            await _expire_over(person.id, department)
            await appointment.save(force_create=True)
            await audit.record(
                actor=actor.name, action="agent.appointed", subject=f"citizen:{person.id}", department=department,
                items=appointment.items, valid_to=str(appointment.valid_to),
            )  # fmt: skip
    except (IntegrityError, UniqueViolationError):
        raise AppointmentExists from None
    return appointment


async def _expire_over(agent: UUID, department: str) -> None:
    over = Appointment.filter(agent_id=agent, department_code=department, state=_S.ACTIVE, valid_to__lt=clock.today())
    await over.update(state=_S.EXPIRED.value)


async def renew(actor: Actor, id: UUID) -> Appointment:  # noqa: A002 - the id of the appointment
    """For another year from today. Raises NotFound, MandateClosed when it was revoked."""
    async with db.transaction():
        appointment = await _of_own_department(actor, id)
        state = AppointmentState(appointment.state)
        if state is not _S.ACTIVE and _S.ACTIVE not in APPOINTMENT_MOVES[state]:
            raise MandateClosed
        appointment.state, appointment.valid_to = _S.ACTIVE.value, _year_from_today()
        await appointment.save(update_fields=["state", "valid_to"])
        await _audit(actor, appointment, "agent.renewed")
    return appointment


async def end(actor: Actor, id: UUID, *, reason: str) -> Appointment:  # noqa: A002
    """Revokes it and every mandate under it, at once. Again changes nothing. Raises NotFound, MandateClosed."""
    async with db.transaction():
        appointment = await _of_own_department(actor, id)
        if appointment.state == _S.REVOKED:
            return appointment
        if _S.REVOKED not in APPOINTMENT_MOVES[AppointmentState(appointment.state)]:
            raise MandateClosed
        appointment.state = _S.REVOKED.value
        await appointment.save(update_fields=["state"])
        under = Mandate.filter(appointment_id=id, state__in=[s.value for s in LIVING]).order_by("id")
        for mandate in await under.select_for_update():
            await move(mandate, MandateState.REVOKED, actor=actor.name, note=reason)
        await _audit(actor, appointment, "agent.revoked", reason=reason)
    return appointment


async def of_department(actor: Actor) -> list[Appointment]:
    """Those of the supervisor's department, in its region; the newest first."""
    values = Values()
    seen = condition(await who_is(actor), "village agent", ROWS, values=values)
    rows = await db.fetch(f"SELECT a.id FROM acting_appointment a WHERE {seen}", *values.given)  # noqa: S608 - ours
    found = Appointment.filter(id__in=[row["id"] for row in rows]).order_by("-appointed_at", "id")
    return await found.prefetch_related("agent")


async def _of_own_department(actor: Actor, id: UUID) -> Appointment:  # noqa: A002
    found = await Appointment.filter(id=id).select_for_update().first()
    if found is None or not await _lets(actor, department=found.department_code, region=found.region_code):
        raise NotFound
    return found


async def _lets(actor: Actor, *, department: str, region: str) -> bool:
    return may(await who_is(actor), Thing("village agent", department=department, path=await path_of(region)))


async def _audit(actor: Actor, appointment: Appointment, action: str, **more: str) -> None:
    await audit.record(
        actor=actor.name, action=action, subject=f"citizen:{appointment.agent_id}",  # type: ignore[attr-defined]
        appointment=str(appointment.id), valid_to=str(appointment.valid_to), **more,
    )  # fmt: skip


def _year_from_today() -> date:
    return clock.today() + timedelta(days=current(ActingSettings).village_days - 1)
