"""Clerks judge evidence where the represented cannot answer, and end what must not stand."""

from dataclasses import dataclass
from uuid import UUID

from auth.acting.accounts import firm_account, open_claim, represented_account
from auth.acting.errors import MandateClosed, MandateScopeWrong
from auth.acting.kinds import coming_of_age
from auth.acting.mandates import hand_over, move, principal_id, state_of
from auth.acting.models import LegalPerson, Mandate
from auth.acting.states import MandateState
from auth.callers import who_is
from auth.desks import columns, departments, let
from auth.documents import born_on
from auth.rights import Values, condition
from kit import clock, db
from kit.errors import NotFound
from kit.texts import text
from kit.web import Actor

_S = MandateState
ACTIONS = ("approve", "refuse", "revoke")

# A mandate keeps the departments that examine it: those of the day it was asked for, or the village agent's own.
ROWS = columns("m.region_code", desks="string_to_array(replace(m.department_code, ' ', ''), ',')")


@dataclass(frozen=True)
class Judgement:
    """What a clerk decides of the version they were looking at. `reason` is what both sides read."""

    version: int
    reason: str
    code_confirmed: bool = False


async def on_desk(actor: Actor, *, state: str, limit: int) -> list[Mandate]:
    """Mandates of the clerk's department and region in a state, the oldest first."""
    values = Values()
    wanted, most = values.add(state), values.add(limit)
    seen = condition(await who_is(actor), "mandate", ROWS, values=values)
    rows = await db.fetch(
        f"SELECT m.id FROM acting_mandate m WHERE m.state = {wanted} AND {seen} ORDER BY m.asked_at, m.id LIMIT {most}",  # noqa: S608
        *values.given,
    )
    found = {m.id: m for m in await Mandate.filter(id__in=[row["id"] for row in rows]).prefetch_related("agent")}
    return [found[row["id"]] for row in rows]


async def desk_mandate(actor: Actor, id: UUID, *, lock: bool = False) -> Mandate:  # noqa: A002 - the id of the mandate
    """One a department of the clerk examines, in the clerk's region. Raises NotFound."""
    query = Mandate.filter(id=id)
    found = await (query.select_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    await let(actor, "mandate", desks=departments(found.department_code), region=found.region_code)
    return found


async def judge(actor: Actor, id: UUID, action: str, *, judgement: Judgement) -> Mandate:  # noqa: A002
    """
    Approves or refuses what is examined, or revokes what stands, with a reason.

    Raises: NotFound, MandateClosed, ClaimDiffers, MandateScopeWrong, MandateExists.
    """
    async with db.transaction():
        mandate = await desk_mandate(actor, id, lock=True)
        wanted = _S.ACTIVE if action == "revoke" else _S.EXAMINING
        if mandate.version != judgement.version or state_of(mandate) is not wanted:
            raise MandateClosed
        if action == "approve":
            await _approve(mandate, actor, judgement)
        else:
            to = _S.REVOKED if action == "revoke" else _S.REFUSED
            await move(mandate, to, actor=actor.name, note=judgement.reason)
    return mandate


async def _approve(mandate: Mandate, actor: Actor, judgement: Judgement) -> None:
    if mandate.kind == "representative":
        await _confirm_firm(mandate, actor, judgement)
        await hand_over(mandate, actor=actor.name, note=judgement.reason)
    elif principal_id(mandate) is None:
        _refuse_grown_child(mandate)
        mandate.principal_id = await represented_account(mandate, by=actor.name)
    await move(mandate, _S.ACTIVE, actor=actor.name, note=judgement.reason)


async def _confirm_firm(mandate: Mandate, actor: Actor, judgement: Judgement) -> None:
    """Somebody vouches for a code whose check symbol fails, with their name."""
    if "check_symbol" not in mandate.flags:
        return
    if not judgement.code_confirmed:
        raise MandateScopeWrong("code_confirmed", text("请确认代码与营业执照一致", "Confirm the code from the licence"))
    name, code = open_claim(mandate)
    firm = await LegalPerson.get_or_none(credit_code=code) or await firm_account(name=name, code=code)
    await LegalPerson.filter(credit_code=code).update(code_confirmed_by=actor.name)
    mandate.principal_id = firm.account_id  # type: ignore[attr-defined]


def _refuse_grown_child(mandate: Mandate) -> None:
    if mandate.relation != "child":
        return
    born = born_on(open_claim(mandate)[1])
    if born is None or coming_of_age(born) <= clock.today():
        raise MandateScopeWrong("number", text("子女已满十八周岁", "This child is of age already"))
