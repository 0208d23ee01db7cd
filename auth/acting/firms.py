"""Firms: claimed by their legal representative, proved against a company registry; taken over by a new one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from auth.acting import evidence
from auth.acting.accounts import firm_account, number_index, seal_claim
from auth.acting.asking import refuse_unknown_place
from auth.acting.config import ActingSettings
from auth.acting.errors import CreditCodeInvalid, MandateScopeWrong, RegistryDisagrees
from auth.acting.events import TakeoverAsked
from auth.acting.kinds import DOINGS
from auth.acting.mandates import agent_id, begin, hand_over, move
from auth.acting.models import LegalPerson, Mandate
from auth.acting.registry import Claim, Verdict, registry
from auth.acting.states import MandateState
from auth.citizens import citizen, open_id_number, open_name, require_assurance
from auth.documents import is_credit_code, is_credit_code_shaped, normal
from kit import clock, db, events
from kit.config import current
from kit.ids import new_id
from kit.texts import text
from kit.web import Actor

_S = MandateState


@dataclass(frozen=True)
class FirmClaim:
    """Somebody says they are the legal representative of the firm."""

    name: str
    credit_code: str
    region: str
    evidence: Sequence[UUID] = field(default_factory=tuple)
    consent: bool = False


async def claim(actor: Actor, wish: FirmClaim) -> Mandate:
    """
    Makes the actor the firm's representative here when the registry says so: at once when the firm has none; after its
    present one agreed, or has said nothing for the days of the setting; by a clerk when the code's check symbol fails,
    because such codes were really issued.

    Raises: AssuranceTooLow, CreditCodeInvalid, RegistryDisagrees, RegistryUnavailable, MandateScopeWrong, NoSuchUpload.
    """
    person, code = await citizen(actor.id), normal(wish.credit_code)
    require_assurance(person, "real_name")
    if not is_credit_code_shaped(code):
        raise CreditCodeInvalid
    await refuse_unknown_place(wish.region)
    verdict = await registry().judge(Claim(code, wish.name, open_name(person) or "", open_id_number(person) or ""))
    if verdict is not Verdict.AGREES:
        raise RegistryDisagrees(extra={"why": verdict.value})
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 13))", code)
        mandate = await _mine(actor.id, code)
        if mandate is None:
            return await _begun(actor, wish, code)
        if _may_complete(mandate):
            await hand_over(mandate, actor="system", note="not contested; the registry names a new representative")
            await move(mandate, _S.ACTIVE, actor="system", note="not contested")
    return mandate


async def _mine(agent: UUID, code: str) -> Mandate | None:
    """The agent's living claim on the firm, locked."""
    mine = Mandate.filter(agent_id=agent, kind="representative", claimed_index=number_index(code))
    return await mine.filter(state__in=[_S.ASKED, _S.EXAMINING, _S.ACTIVE]).select_for_update().first()


def _may_complete(mandate: Mandate) -> bool:
    """Nobody contested the claim in time."""
    days = timedelta(days=current(ActingSettings).takeover_days)
    return mandate.state == _S.ASKED and clock.now() >= mandate.asked_at + days


async def _begun(actor: Actor, wish: FirmClaim, code: str) -> Mandate:
    mandate = Mandate(
        id=new_id(), kind="representative", relation="firm", agent_id=actor.id, asked_by="agent", doings=list(DOINGS),
        items=None, manages=True, valid_from=clock.today(), evidence=[str(photo) for photo in wish.evidence],
        consent=wish.consent, region_code=wish.region,
        department_code=current(ActingSettings).mandate_departments, asked_at=clock.now(),
    )  # fmt: skip
    seal_claim(mandate, name=wish.name, number=code)
    firm = await LegalPerson.get_or_none(credit_code=code)
    if firm is None and not is_credit_code(code):
        return await _to_a_clerk(mandate, actor)
    if firm is None:
        firm = await firm_account(name=wish.name, code=code)
    mandate.principal_id = firm.account_id  # type: ignore[attr-defined]
    return await _beside(await _representative(firm), mandate, actor)


async def _representative(firm: LegalPerson) -> Mandate | None:
    present = Mandate.filter(principal_id=firm.account_id, kind="representative", state=_S.ACTIVE)  # type: ignore[attr-defined]
    return await present.select_for_update().first()


async def _to_a_clerk(mandate: Mandate, actor: Actor) -> Mandate:
    """A misfit of the check symbol is a warning: a clerk compares the code with the licence."""
    if not mandate.evidence:
        raise MandateScopeWrong(
            "evidence",
            text(
                "该代码未通过校验位检查；请上传营业执照照片，由工作人员确认",
                "The check symbol does not fit; upload a photograph of the licence for a clerk to confirm",
            ),
        )
    mandate.state, mandate.flags = _S.EXAMINING.value, ["check_symbol"]
    await evidence.keep(mandate, owner=actor.name)
    await begin(mandate, actor=actor.name)
    return mandate


async def _beside(present: Mandate | None, mandate: Mandate, actor: Actor) -> Mandate:
    """Active at once when nobody represents the firm here; asked of who does."""
    await evidence.keep(mandate, owner=actor.name)
    mandate.state = _S.ASKED.value
    await begin(mandate, actor=actor.name)
    if present is None:
        await move(mandate, _S.ACTIVE, actor=actor.name, note="proved by the company registry")
        return mandate
    former = agent_id(present)
    firm: UUID = mandate.principal_id  # type: ignore[attr-defined]
    assert former is not None, "an active mandate has an agent"
    await events.publish(TakeoverAsked(mandate.id, firm=firm, former=former))
    return mandate
