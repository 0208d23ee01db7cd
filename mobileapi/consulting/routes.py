"""What a conversation is joined to: cards as they stand, what lies beside it, what is made out of it."""

from auth import citizens
from auth.reading import let_read
from chat import access
from chat.models import Conversation
from kit import audit, db
from kit.reach import Reach
from kit.web import Call, get, post
from mobileapi.applications.access import desk_application, own_application
from mobileapi.applications.submissions import citizen_id
from mobileapi.consulting import turning
from mobileapi.consulting.about import talks_of
from mobileapi.consulting.context import context_of, outcome_shown, shown_in
from mobileapi.consulting.schemas import (
    CardsNow,
    ContextView,
    DecideProposal,
    IntoBill,
    IntoDraft,
    OutcomeView,
    TalksOf,
    Unmask,
    Unmasked,
)
from mobileapi.consulting.standing import cards_now
from mobileapi.consulting.turning import Amount
from payments.access import own_bill

STAFF = {"clerk", "supervisor"}
ANYBODY = {"citizen", *STAFF}
AT_DESKS: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}
EACH: dict[str, Reach] = {"citizen": "own", **AT_DESKS}


async def _opened(call: Call) -> Conversation:
    """Readable, and counted as one more person a member of staff opened. Raises NotFound, TooManyPeopleRead."""
    found = await access.readable(call.actor, call.path_id("id"))
    await let_read(call.actor, found.citizen_id)  # type: ignore[attr-defined]
    return found


async def _in_hand(call: Call) -> Conversation:
    """One the staff member acts in. Raises NotFound, TooManyPeopleRead."""
    found = await access.in_hand(call.actor, call.path_id("id"))
    await let_read(call.actor, found.citizen_id)  # type: ignore[attr-defined]
    return found


async def read_cards(call: Call) -> CardsNow:
    """All cards of the conversation as their things stand now."""
    found = await _opened(call)
    if call.actor.kind == "staff" and found.clerk_id != call.actor.id:  # type: ignore[attr-defined]
        await audit.record(
            actor=call.actor.name, action="consultation.cards_read", subject=f"consultation:{found.id}",
            purpose="consultation",
        )  # fmt: skip
    return CardsNow(items=await cards_now(found, reader=call.actor))


async def read_context(call: Call) -> ContextView:
    """What lies beside the conversation; who looked at whose matters for it stays in the log."""
    found = await _opened(call)
    context = await context_of(call.actor, found)
    await audit.record(
        actor=call.actor.name, action="consultation.context_read", subject=f"consultation:{found.id}",
        purpose="consultation", **shown_in(context),
    )  # fmt: skip
    return context


async def unmask(call: Call, body: Unmask) -> Unmasked:
    """One value in the clear, for a stated reason (personal information protection law art. 6 and 51)."""
    await _in_hand(call)
    readers = {"phone": citizens.open_phone, "name": citizens.open_name, "id_number": citizens.open_id_number}
    async with db.transaction():
        found = await access.in_hand(call.actor, call.path_id("id"))
        person = await citizens.citizen(found.citizen_id)  # type: ignore[attr-defined]
        await audit.record(
            actor=call.actor.name, action="personal_data.unmasked", subject=f"consultation:{found.id}",
            field=body.field, reason=body.reason,
        )  # fmt: skip
    return Unmasked(value=readers[body.field](person))


async def make_draft(call: Call, body: IntoDraft) -> OutcomeView:
    """A draft for the citizen, who goes on with it and hands it in themselves."""
    found = await _in_hand(call)
    made = await turning.into_draft(call.actor, found, item=body.item, region=body.region, answers=body.answers)
    return await outcome_shown(made, call.actor)


async def make_bill(call: Call, body: IntoBill) -> OutcomeView:
    """The fee of a case at once; an amount of one's own word once a second person has confirmed it."""
    found = await _in_hand(call)
    if body.amount is not None:
        made = await turning.into_proposal(call.actor, found, amount=Amount(**body.amount.model_dump()))
    else:
        assert body.application is not None, "the shape saw to it"
        made = await turning.into_fee(call.actor, found, application=body.application)
    return await outcome_shown(made, call.actor)


async def decide_bill(call: Call, body: DecideProposal) -> OutcomeView:
    """The second person's word on a proposed bill."""
    found = await _opened(call)
    proposal = call.path_id("proposal")
    decided = await turning.decide_proposal(call.actor, found, outcome=proposal, approve=body.approve, why=body.why)
    return await outcome_shown(decided, call.actor)


async def talks_of_application(call: Call) -> TalksOf:
    """The citizen's conversations about a case of theirs."""
    case = await own_application(call.actor, call.path_id("id"))
    return TalksOf(items=await talks_of(call.actor, case.id, citizens=[call.actor.id]))


async def talks_of_case(call: Call) -> TalksOf:
    """The conversations about a case that this desk may read."""
    case = await desk_application(call.actor, call.path_id("id"))
    await let_read(call.actor, citizen_id(case))
    return TalksOf(items=await talks_of(call.actor, case.id, citizens=[citizen_id(case)]))


async def talks_of_bill(call: Call) -> TalksOf:
    """The citizen's conversations a bill came out of."""
    bill = await own_bill(call.actor, call.path_id("id"))
    return TalksOf(items=await talks_of(call.actor, bill.id, citizens=[call.actor.id]))


ROUTES = [
    get("/consultations/{id}/cards", read_cards, cost=2, roles=ANYBODY, reach=EACH),
    post("/consultations/{id}/draft", make_draft, cost=3, roles=STAFF, reach=AT_DESKS, status=201, idempotent=True),
    post("/consultations/{id}/bill", make_bill, cost=3, roles=STAFF, reach=AT_DESKS, status=201, idempotent=True),
    post(
        "/consultations/{id}/bill/{proposal}/decision",
        decide_bill,
        cost=3,
        roles=STAFF,
        reach=AT_DESKS,
        idempotent=True,
        examples={"proposal": "5e0c7f0a-6f0b-4f4e-9a55-0d7c3a2b1c90"},
    ),
    get("/desk/consultations/{id}/context", read_context, cost=5, roles=STAFF, reach=AT_DESKS),
    post("/desk/consultations/{id}/unmask", unmask, roles=STAFF, reach=AT_DESKS),
    get("/applications/{id}/consultations", talks_of_application, roles={"citizen"}, reach="own"),
    get("/desk/applications/{id}/consultations", talks_of_case, roles=STAFF, reach=AT_DESKS),
    get("/bills/{id}/consultations", talks_of_bill, roles={"citizen"}, reach="own"),
]
