"""Asking for a mandate: for family, a ward, a villager; and inviting an operator."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from auth import realname
from auth.acting import evidence, kinds
from auth.acting.accounts import can_answer, number_index, seal_claim
from auth.acting.appointments import standing_appointment
from auth.acting.config import ActingSettings
from auth.acting.errors import MandateScopeWrong, NotAppointed, TooManyAsks
from auth.acting.events import MandateAsked
from auth.acting.kinds import Wish, last_day, longest, refuse_too_long
from auth.acting.mandates import begin, principal_id
from auth.acting.models import Mandate
from auth.acting.standing import managing_for
from auth.acting.states import MandateState
from auth.citizens import citizen, open_name, phone_index, require_assurance
from auth.documents import is_citizen_number
from auth.duties import item_names
from auth.errors import IdNumberInvalid
from auth.models import Citizen, Region
from kit import clock, crypto, db, events
from kit.config import current
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

_S = MandateState


@dataclass(frozen=True)
class Scope:
    """What may be done; `items` none: every item. `read` is always among the doings."""

    doings: Collection[str]
    items: Sequence[str] | None = None

    @property
    def all_doings(self) -> list[str]:
        return [name for name in kinds.DOINGS if name == "read" or name in self.doings]


@dataclass(frozen=True)
class Ask:
    """Somebody wants to act for the person of `name` and `number`."""

    kind: str
    relation: str
    name: str
    number: str
    scope: Scope
    region: str
    valid_to: date | None = None
    evidence: Sequence[UUID] = field(default_factory=tuple)
    consent: bool = False


async def ask(actor: Actor, wish: Ask) -> Mandate:
    """
    Asks the represented, when they have an account and could answer; a clerk otherwise. The answer looks the same:
    who has an account here is nobody else's business.

    Raises: AssuranceTooLow, IdNumberInvalid, MandateScopeWrong, NotAppointed, MandateExists, TooManyAsks, NoSuchUpload.
    """
    person, settings, today = await citizen(actor.id), current(ActingSettings), clock.today()
    require_assurance(person, "real_name")
    claimed = realname.Claimed.normal(name=wish.name, id_number=wish.number)
    oneself = number_index(claimed.id_number) == person.id_number_index
    if oneself or not is_citizen_number(claimed.id_number, today=today):
        raise IdNumberInvalid
    end = last_day(
        Wish(
            wish.kind, wish.relation, claimed.id_number, wish.scope.doings, wish.valid_to, wish.evidence, wish.consent
        ),
        today=today, settings=settings,
    )  # fmt: skip
    await refuse_unknown_place(wish.region)
    items = await known_items(wish.scope.items)
    async with db.transaction():
        await _refuse_hoarding(actor.id, settings.open_asks)
        mandate = Mandate(
            id=new_id(), kind=wish.kind, relation=wish.relation, agent_id=actor.id, asked_by="agent",
            doings=wish.scope.all_doings, items=items, valid_from=today, valid_to=end,
            evidence=[str(photo) for photo in wish.evidence], consent=wish.consent, region_code=wish.region,
            department_code=settings.mandate_departments, asked_at=clock.now(),
        )  # fmt: skip
        if wish.kind == "village":
            await _under_appointment(mandate, actor.id)
        seal_claim(mandate, name=claimed.name, number=claimed.id_number)
        await _address(mandate, name=claimed.name)
        await evidence.keep(mandate, owner=actor.name)
        await begin(mandate, actor=actor.name)
        await events.publish(MandateAsked(mandate.id, mandate.kind, principal_id(mandate)))
    return mandate


async def refuse_unknown_place(region: str) -> None:
    if not await Region.exists(code=region):
        raise MandateScopeWrong("region", text("没有这个区域", "There is no such region"))


async def known_items(items: Sequence[str] | None) -> list[str] | None:
    """Each once, in order. Raises MandateScopeWrong for one the catalogue does not have."""
    if items is None:
        return None
    known = await item_names(items)
    if not items or any(code not in known for code in items):
        raise MandateScopeWrong("items", text("没有这个事项", "There is no such item"))
    return list(dict.fromkeys(items))


async def _refuse_hoarding(agent: UUID, cap: int) -> None:
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 12))", str(agent))
    asked = Mandate.filter(agent_id=agent, asked_by="agent")
    waiting = [_S.ASKED.value, _S.EXAMINING.value]
    if await asked.filter(state__in=waiting).count() >= cap:
        raise TooManyAsks
    if await asked.filter(asked_at__gt=clock.now() - timedelta(days=1)).count() >= 2 * cap:
        raise TooManyAsks  # whoever is refused does not ask again and again


async def _under_appointment(mandate: Mandate, agent: UUID) -> None:
    """A village agent acts in the items of the appointment, not longer than it, and its department examines."""
    appointment = await standing_appointment(agent)
    if appointment is None:
        raise NotAppointed
    wished = appointment.items if mandate.items is None else mandate.items
    if not set(wished) <= set(appointment.items):
        raise MandateScopeWrong("items", text("超出代办清单", "Not on the list of your appointment"))
    mandate.appointment_id = appointment.id
    mandate.items, mandate.department_code = list(wished), appointment.department_code
    if mandate.valid_to is None or mandate.valid_to > appointment.valid_to:
        mandate.valid_to = appointment.valid_to


async def _address(mandate: Mandate, *, name: str) -> None:
    """Who answers: an adult with an account somebody signs in to, of this very name; a clerk in all other cases."""
    known = await Citizen.get_or_none(id_number_index=mandate.claimed_index)
    mandate.state = _S.EXAMINING.value
    if known is not None and open_name(known) == name and await can_answer(known) and mandate.kind != "guardian":
        mandate.state, mandate.principal_id = _S.ASKED.value, known.id


@dataclass(frozen=True)
class Invitation:
    """A firm's operator-to-be, by phone."""

    firm: UUID
    phone: str
    scope: Scope
    valid_to: date
    manages: bool = False


async def invite(actor: Actor, wish: Invitation) -> Mandate:
    """
    Invites an operator; whoever has the phone number may accept, and only they learn of it.

    Raises: NotFound (who does not manage the firm), MandateScopeWrong, MandateExists.
    """
    settings, today = current(ActingSettings), clock.today()
    refuse_too_long(wish.valid_to, today=today, end=longest("operator", today=today, settings=settings))
    items = await known_items(wish.scope.items)
    async with db.transaction():
        principal = await managing_for(actor, wish.firm)
        if wish.manages and principal.mandate.kind != "representative":
            raise MandateScopeWrong("manages", text("只有法定代表人可以设管理员", "Only for the representative"))
        mandate = Mandate(
            id=new_id(), kind="operator", relation="firm", state=_S.ASKED.value, principal_id=wish.firm,
            asked_by="principal", doings=wish.scope.all_doings, items=items, manages=wish.manages, valid_from=today,
            valid_to=wish.valid_to, phone_index=phone_index(wish.phone), asked_at=clock.now(),
        )  # fmt: skip
        mandate.phone_sealed = crypto.seal(wish.phone, bound_to=f"acting_mandate.phone:{mandate.id}")
        await begin(mandate, actor=actor.name)
        invited = await Citizen.get_or_none(phone_index=mandate.phone_index)
        await events.publish(MandateAsked(mandate.id, mandate.kind, invited.id if invited else None))
    return mandate
