"""A conversation turned into a draft of the citizen's, or into a bill."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from auth.acting.standing import standing_for
from auth.callers import who_is
from auth.citizens import citizen as citizen_of
from auth.citizens import open_id_number, open_name, open_phone
from auth.models import StaffMember
from auth.rights import Thing, may
from chat.models import Conversation
from kit import db
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications import drafts
from mobileapi.applications.access import desk_application
from mobileapi.applications.cases import state_of
from mobileapi.applications.models import Application
from mobileapi.applications.states import CaseState
from mobileapi.applications.submissions import citizen_id
from mobileapi.casefees.fees import is_gated, raise_fee
from mobileapi.catalogue.items import current_guide, guide_of_version
from mobileapi.consulting import outcomes
from mobileapi.consulting.cards import citizen_in
from mobileapi.consulting.errors import (
    CitizenMayNotFile,
    NoSuchIncomeItem,
    NotByTheSamePerson,
    NothingToCharge,
    PayerNotVerified,
)
from mobileapi.consulting.models import Outcome
from mobileapi.consulting.of_cases import open_to
from mobileapi.consulting.outcomes import Wanted
from mobileapi.consulting.states import OutcomeState
from mobileapi.notify.desks import tell_staff
from payments.raising import Charge, IncomeItem, Payer, income_items_of, raise_bill

CHARGED_IN = frozenset({CaseState.SUBMITTED, CaseState.RESUBMITTED, CaseState.CORRECTION, CaseState.ACCEPTED})
FROM_TALK = "由在线咨询转入，工作人员代为建立草稿，须由申请人本人确认并提交"


async def into_draft(
    clerk: Actor, talk: Conversation, *, item: str | None, region: str | None, answers: Mapping[str, str]
) -> Outcome:
    """
    A draft for whom the conversation is about, with what they told; theirs to go on with and to hand in.

    Raises: NotFound (item), CitizenMayNotFile, ConversationOver, and what drafts.prepare raises.
    """
    code = item or talk.item_code
    if code is None:
        raise NotFound
    _, guide = await current_guide(code)
    place = region or talk.region_code or guide.regions[0]
    owner: UUID = talk.on_behalf_of or talk.citizen_id  # type: ignore[attr-defined]

    async def begun(locked: Conversation) -> UUID:
        await _refuse_without_mandate(locked, owner, item=code)
        draft = await drafts.prepare(clerk, owner, item=code, region=place, answers=answers, why=FROM_TALK)
        return draft.id

    key = f"draft:{talk.id}:{owner}:{code}:{place}:{await _handed_in_before(owner, code, place)}"
    return await outcomes.make(
        clerk, talk.id, wanted=Wanted("application", key, {"item": code, "region": place}), thing=begun
    )


async def _handed_in_before(owner: UUID, item: str, region: str) -> int:
    """How many of these are no drafts any more: the next draft is another thing than the last one."""
    return await Application.filter(citizen_id=owner, item_code=item, region_code=region).exclude(
        state=CaseState.DRAFT
    ).count()  # fmt: skip


async def _refuse_without_mandate(talk: Conversation, owner: UUID, *, item: str) -> None:
    citizen = citizen_in(talk)
    if owner == citizen.id:
        return
    try:
        await standing_for(citizen, owner, doing="file", item=item)
    except NotFound:
        raise CitizenMayNotFile from None


@dataclass(frozen=True)
class Amount:
    """A charge under an income item of the clerk's department."""

    income_item: str
    amount_fen: int
    title: str
    explanation: str


async def into_fee(clerk: Actor, talk: Conversation, *, application: UUID) -> Outcome:
    """
    The bill of a case's fee, as its guide publishes it: nobody chooses the amount, so one person is enough. A case is
    charged once, whatever conversation asks for it.

    Raises: NotFound (case: absent, another office's, not this citizen's), NothingToCharge, PayerNotVerified,
    ConversationOver.
    """
    case = await desk_application(clerk, application)
    if str(case.id) not in await open_to(citizen_in(talk), [str(case.id)]):
        raise NotFound
    charge = await _fee_of(case)
    payer = await _payer(citizen_id(case))
    wanted = Wanted("bill", fee_key(case.id), {"application": str(case.id), "amount_fen": charge.amount_fen})

    async def issued(_: Conversation) -> UUID:
        if await is_gated(case):  # the same bill the decision waits for
            return (await raise_fee(case.id, by=clerk.name)).bill
        return await raise_bill(charge, payer, by=clerk.name)

    return await outcomes.make(clerk, talk.id, wanted=wanted, thing=issued)


def fee_key(case: UUID) -> str:
    """A case's fee is one thing, whatever conversation it is charged in."""
    return f"fee:{case}"


async def _fee_of(case: Application) -> Charge:
    guide = await guide_of_version(case.item_code, case.item_version)
    if not guide.fee.charged or not guide.fee.amount_fen or state_of(case) not in CHARGED_IN:
        raise NothingToCharge
    title = text(f"{guide.name.zh}收费", f"Fee: {guide.name.en or guide.name.zh}")
    of_case = text(f"办件 {case.case_number}", f"Case {case.case_number}")
    item = IncomeItem(case.item_code, title, guide.fee.basis)
    return Charge(case.department_code, "case_fee", title, item, guide.fee.amount_fen, of_case)


async def into_proposal(clerk: Actor, talk: Conversation, *, amount: Amount) -> Outcome:
    """
    A bill under an income item. Its amount is the clerk's word, so a second person confirms it before it is issued.

    Raises: NoSuchIncomeItem, PayerNotVerified, ConversationOver.
    """
    department, _ = await _income_item(clerk, amount.income_item)
    await _payer(_debtor(talk))
    wish = {"department": department, **amount.__dict__}
    key = f"amount:{talk.id}:{amount.income_item}:{amount.amount_fen}"
    async with db.transaction():
        proposed = await outcomes.propose(clerk, talk.id, wanted=Wanted("bill", key, wish))
        if proposed.state == OutcomeState.PROPOSED:
            await _tell_supervisors(proposed, department=department)
    return proposed


async def _tell_supervisors(proposed: Outcome, *, department: str) -> None:
    """Those of the department but the proposer, once each."""
    there = await StaffMember.filter(department_id=department, disabled_at=None).exclude(id=proposed.made_by)
    for person in there:
        if "supervisor" in person.roles:
            await tell_staff(
                person.id, kind="bill.proposed", text=text("一笔缴款书待您复核", "A bill waits for your confirmation"),
                link=f"/console/#/consultations/{proposed.conversation}", once=f"proposal:{proposed.id}",
                consultation=proposed.conversation,
            )  # fmt: skip


async def _income_item(clerk: Actor, code: str) -> tuple[str, IncomeItem]:
    """The clerk's department and what it collects under the code. Raises NoSuchIncomeItem."""
    department = (await who_is(clerk)).department
    found = {one.code: one for one in await income_items_of(department)}.get(code)
    if found is None:
        raise NoSuchIncomeItem
    return department, found


async def decide_proposal(actor: Actor, talk: Conversation, *, outcome: UUID, approve: bool, why: str) -> Outcome:
    """
    The second person's word: of the department that will be paid, and not the one who proposed it.

    Raises: NotFound, NotByTheSamePerson, AlreadyDecided, PayerNotVerified, ConversationOver.
    """
    found = await Outcome.get_or_none(id=outcome, conversation=talk.id, kind="bill")
    if found is None or "department" not in found.wish:
        raise NotFound
    if not may(await who_is(actor), Thing("bill", department=found.wish["department"])):
        raise NotFound
    if found.made_by == actor.id:
        raise NotByTheSamePerson
    if not approve:
        return await outcomes.decide(actor, outcome, conversation=talk.id, thing=None, why=why)
    payer = await _payer(_debtor(talk))

    async def issued(locked: Outcome) -> UUID:
        return await raise_bill(await _charge_of(locked), payer, by=actor.name)

    return await outcomes.decide(actor, outcome, conversation=talk.id, thing=issued, why=why)


async def _charge_of(outcome: Outcome) -> Charge:
    wish = outcome.wish
    items = {one.code: one for one in await income_items_of(wish["department"])}
    words: Text = text(wish["title"])
    return Charge(
        wish["department"], "desk_charge", words, items[wish["income_item"]], wish["amount_fen"],
        text(wish["explanation"]),
    )  # fmt: skip


def _debtor(talk: Conversation) -> UUID:
    return talk.on_behalf_of or talk.citizen_id  # type: ignore[attr-defined]


async def _payer(account: UUID) -> Payer:
    """Name and number in the clear, for the bill alone. Raises PayerNotVerified."""
    person = await citizen_of(account)
    name, number = open_name(person), open_id_number(person)
    if not name or not number:
        raise PayerNotVerified
    return Payer(name, number, open_phone(person))
