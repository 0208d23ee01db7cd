"""
What lies beside a conversation: the item's guide, the citizen's open cases, unpaid bills and earlier conversations.

Being asked by somebody opens what one may see anyway: cases and bills by auth/rights.py, of earlier conversations of
one's own department what they were about and how they ended, never what was said. How somebody was rated is not told
to them: who rated stays unknown to the person it is about.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from auth.callers import who_is
from auth.citizens import citizen as citizen_of
from auth.citizens import masked_name, masked_phone
from auth.rights import Thing, Values, Who, condition, may
from auth.staff import staff_member
from chat import access as talks_access
from chat.cards import Asked
from chat.models import Conversation
from chat.people import citizen_name
from kit import clock, db, workdays
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from kit.workdays import Calendar
from mobileapi.applications import clocks
from mobileapi.applications.access import COLUMNS
from mobileapi.applications.states import SHOWN_AS, WORDS, CaseState
from mobileapi.catalogue.items import current_guide, guide_of_version
from mobileapi.consulting import of_bills, of_cases
from mobileapi.consulting.faces import Face
from mobileapi.consulting.models import Outcome
from mobileapi.consulting.schemas import (
    BillBrief,
    CaseBrief,
    CitizenBrief,
    ContextView,
    ItemBrief,
    NamedCode,
    OutcomeView,
    PartView,
    TalkBrief,
)
from mobileapi.consulting.states import OutcomeState
from mobileapi.consulting.turning import CHARGED_IN, fee_key
from payments import bills
from payments.raising import income_items_of
from payments.views import bills_shown

MOST = 10
OPEN_CASES = """
SELECT a.id, a.case_number, a.item_code, a.item_version, a.item_name, a.state, a.desk_due,
       COALESCE(a.accepted_at, a.received_at) AS clock_since
FROM applications_application a
WHERE a.citizen_id = $1 AND a.case_number IS NOT NULL AND a.state = ANY ($2) AND {seen}
ORDER BY a.desk_due NULLS LAST, a.submitted_at DESC LIMIT $3
"""
EARLIER = """
SELECT c.id, c.item_name, c.department_name, c.state, c.created_at, c.closed_at, s.name AS clerk,
  CASE WHEN r.clerk IS DISTINCT FROM $5 THEN r.level END AS level, COALESCE({seen}, false) AS readable,
  ARRAY(SELECT DISTINCT o.kind FROM consulting_outcome o WHERE o.conversation = c.id AND o.state = 'made') AS made
FROM chat_conversation c LEFT JOIN auth_staff_member s ON s.id = c.clerk_id
LEFT JOIN chat_rating r ON r.conversation_id = c.id
WHERE c.citizen_id = $1 AND c.id <> $2 AND c.on_behalf_of IS NOT DISTINCT FROM $3
  AND (c.department_code = ANY ($4) OR c.clerk_id = $5)
ORDER BY c.created_at DESC LIMIT $6
"""
WAITING = [s.value for s in (CaseState.SUBMITTED, CaseState.CORRECTION, CaseState.RESUBMITTED, CaseState.ACCEPTED)]


async def context_of(actor: Actor, talk: Conversation) -> ContextView:
    """Everything at once, for a conversation the caller may read."""
    who = await who_is(actor)
    whose: UUID = talk.on_behalf_of or talk.citizen_id  # type: ignore[attr-defined]
    return ContextView(
        item=await _item(talk.item_code), citizen=await _citizen(talk), cases=await _cases(who, whose),
        bills=await _bills(who, whose), talks=await _talks(who, talk), outcomes=await outcomes_of(talk.id, actor),
        income_items=[NamedCode(code=one.code, name=one.name) for one in await income_items_of(who.department)],
    )  # fmt: skip


async def _item(code: str | None) -> ItemBrief | None:
    if code is None:
        return None
    try:
        version, guide = await current_guide(code)
    except NotFound:
        return None
    return ItemBrief(code=code, name=guide.name, version=version, online=guide.online)


async def _citizen(talk: Conversation) -> CitizenBrief:
    person = await citizen_of(talk.citizen_id)  # type: ignore[attr-defined]
    return CitizenBrief(
        id=person.id, name_masked=masked_name(person), phone_masked=masked_phone(person), assurance=person.assurance,
        language="en" if person.locale.startswith("en") else "zh", elder=person.elder_mode,
        on_behalf_of=await citizen_name(talk.on_behalf_of) if talk.on_behalf_of else None,
    )  # fmt: skip


async def _cases(who: Who, whose: UUID) -> list[CaseBrief]:
    values = Values([whose, WAITING, MOST])
    seen = condition(who, "case", COLUMNS, values=values)
    rows = await db.fetch(OPEN_CASES.format(seen=seen), *values.given)
    calendar = await workdays.calendar()
    asked = [Asked("correction", str(row["id"])) for row in rows if row["state"] == CaseState.CORRECTION]
    faces = dict(zip([one.ref for one in asked], await of_cases.corrections(asked), strict=True))
    billed = await _billed([row["id"] for row in rows])
    return [
        await _case(row, calendar, correction=faces.get(str(row["id"])), billed=row["id"] in billed) for row in rows
    ]


async def _billed(cases: Sequence[UUID]) -> set[UUID]:
    """Of these, whose fee was billed."""
    keys = {fee_key(case): case for case in cases}
    made = await Outcome.filter(key__in=list(keys), state=OutcomeState.MADE)
    return {keys[outcome.key] for outcome in made}


async def _case(row: Any, calendar: Calendar, *, correction: Face | None, billed: bool) -> CaseBrief:
    state, due = CaseState(row["state"]), row["desk_due"]
    since = clock.city_time(row["clock_since"]).date()
    stands = clocks.standing(since, due_on=due, today=clock.today(), calendar=calendar) if due else None
    missing = [part for part in (correction.parts if correction else ()) if not part.replaced]
    guide = await guide_of_version(row["item_code"], row["item_version"])
    charged = not billed and guide.fee.charged and guide.fee.amount_fen and state in CHARGED_IN
    return CaseBrief(
        id=row["id"], case_number=row["case_number"], state=SHOWN_AS[state], state_text=WORDS[SHOWN_AS[state]],
        item=NamedCode(code=row["item_code"], name=Text.model_validate_json(row["item_name"])),
        light=stands.light if stands else None, working_days_left=stands.left if stands else None, due_on=due,
        missing=[PartView.model_validate(part) for part in missing], fee_fen=guide.fee.amount_fen if charged else None,
    )  # fmt: skip


async def _bills(who: Who, whose: UUID) -> list[BillBrief]:
    found = await bills.bills_of(await citizen_of(whose), state="unpaid", limit=100, after=None)
    seen = [bill for bill in found if may(who, Thing("bill", department=bill.department_id))]
    return [
        BillBrief(
            id=bill.id, title=bill.title, state=bill.state, state_text=of_bills.WORDS[bill.state],
            amount_fen=bill.amount_fen, due_on=bill.due_on, overdue_days=bill.overdue_days,
        )
        for bill in await bills_shown(seen[:MOST])
    ]  # fmt: skip


async def _talks(who: Who, talk: Conversation) -> list[TalkBrief]:
    citizen = talk.citizen_id  # type: ignore[attr-defined]
    values = Values([citizen, talk.id, talk.on_behalf_of, sorted(who.below), who.id, MOST])
    seen = condition(who, "conversation", talks_access.COLUMNS, values=values)
    rows = await db.fetch(EARLIER.format(seen=seen), *values.given)
    return [
        TalkBrief(
            id=row["id"], subject=_subject(row), state=row["state"], clerk=row["clerk"], created_at=row["created_at"],
            closed_at=row["closed_at"], level=row["level"], made=sorted(row["made"]), readable=row["readable"],
        )
        for row in rows
    ]  # fmt: skip


def _subject(row: Any) -> Text | None:
    told = row["item_name"] or row["department_name"]
    return Text.model_validate_json(told) if told else None


async def outcomes_of(conversation: UUID, actor: Actor) -> list[OutcomeView]:
    rows = await Outcome.filter(conversation=conversation).order_by("made_at")
    return [await outcome_shown(row, actor) for row in rows]


async def outcome_shown(row: Outcome, actor: Actor) -> OutcomeView:
    wish, maker = row.wish, await staff_member(row.made_by)
    return OutcomeView(
        id=row.id, conversation=row.conversation, kind=row.kind, ref=row.ref, state=row.state,
        title=text(wish["title"]) if wish.get("title") else None, amount_fen=wish.get("amount_fen"),
        explanation=wish.get("explanation"), by=maker.name, at=row.made_at, mine=row.made_by == actor.id,
    )  # fmt: skip


def shown_in(context: ContextView) -> dict[str, Sequence[str]]:
    """What was shown of the citizen, for the audit log: ids alone."""
    return {"cases": [str(case.id) for case in context.cases], "bills": [str(bill.id) for bill in context.bills]}
