"""Acting for others: asking, answering, ending; whom one may act for, who may act for one, and what was done."""

from auth.acting import deeds, firms, mandates
from auth.acting.access import acting_for, agents_of, own_mandate
from auth.acting.asking import Ask, Invitation, Scope, ask, invite
from auth.acting.desk import DESK_ROUTES
from auth.acting.firms import FirmClaim
from auth.acting.models import Mandate
from auth.acting.schemas import (
    AgentQuery,
    Answer,
    AskMandate,
    ClaimFirm,
    DeedList,
    DeedQuery,
    InviteOperator,
    MandateList,
    MandateView,
)
from auth.acting.standing import managing_for
from auth.acting.views import deed_shown, mandates_shown
from auth.devices import device_of
from auth.roles import CITIZEN_ROLES
from auth.step_up import require_fresh, require_own_device
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.web import Call, get, post

ACTS = {"accept": mandates.accept, "refuse": mandates.refuse, "revoke": mandates.revoke, "resign": mandates.resign}


async def list_principals(call: Call) -> MandateList:
    """Whom I may act for, asked to act for, or am invited to act for."""
    found = await acting_for(call.actor)
    return MandateList(items=await mandates_shown(found, viewer=call.actor.id, side="agent"))


async def list_agents(call: Call, query: AgentQuery) -> MandateList:
    """Who may act for me or for a firm I manage."""
    found = await agents_of(call.actor, query.on_behalf_of)
    return MandateList(items=await mandates_shown(found, viewer=call.actor.id, side="principal"))


async def list_deeds(call: Call, query: DeedQuery) -> DeedList:
    """What was done for me, or for a firm I manage, and by whom."""
    whose = call.actor.id
    if query.on_behalf_of is not None and query.on_behalf_of != whose:
        whose = (await managing_for(call.actor, query.on_behalf_of)).id
    (before,) = place_in("deeds", query.cursor, int) or (None,)
    found = await deeds.done_for(whose, limit=query.limit + 1, before=before)
    page = found[: query.limit]
    more = end_of("deeds", page[-1][0].id) if len(found) > query.limit else None
    return DeedList(items=[deed_shown(deed, agent) for deed, agent in page], next_cursor=more)


async def ask_mandate(call: Call, body: AskMandate) -> MandateView:
    """Ask to act for a person, who agrees in their own app, or whose papers a clerk examines."""
    wish = Ask(
        kind=body.kind, relation=body.relation, name=body.name, number=body.id_number,
        scope=Scope(body.doings, body.items), region=body.region, valid_to=body.valid_to, evidence=body.evidence,
        consent=body.consent,
    )  # fmt: skip
    return await _shown(call, await ask(call.actor, wish), side="agent")


async def claim_firm(call: Call, body: ClaimFirm) -> MandateView:
    """Become a firm's representative here, as the company registry says."""
    await _proven(call)
    claim = FirmClaim(body.name, body.credit_code, body.region, body.evidence, body.consent)
    return await _shown(call, await firms.claim(call.actor, claim), side="agent")


async def invite_operator(call: Call, body: InviteOperator) -> MandateView:
    """Invite an operator of a firm by phone."""
    await _proven(call)
    wish = Invitation(
        body.on_behalf_of, body.phone, Scope(body.doings, body.items), valid_to=body.valid_to, manages=body.manages
    )
    return await _shown(call, await invite(call.actor, wish), side="principal")


async def read_mandate(call: Call) -> MandateView:
    found, side = await own_mandate(call.actor, call.path_id("id"))
    return await _shown(call, found, side=side)


async def act_on_mandate(call: Call, body: Answer) -> MandateView:
    """accept, refuse, revoke, resign: as `actions` of the mandate offers."""
    action, id_ = call.path("action"), call.path_id("id")
    if action not in ACTS:
        raise NotFound
    _, side = await own_mandate(call.actor, id_)
    if action == "accept":
        if side == "principal":
            await _proven(call)
        return await _shown(call, await mandates.accept(call.actor, id_), side=side)
    end = {"refuse": mandates.refuse, "revoke": mandates.revoke, "resign": mandates.resign}[action]
    return await _shown(call, await end(call.actor, id_, reason=body.reason), side=side)


async def _proven(call: Call) -> None:
    """Whoever gives or takes such a right proved just now who they are, on the device they signed in with."""
    await require_fresh(call.actor)
    await require_own_device(call.actor, mark=device_of(call).mark)


async def _shown(call: Call, mandate: Mandate, *, side: str) -> MandateView:
    (view,) = await mandates_shown([mandate], viewer=call.actor.id, side=side)
    return view


ROUTES = [
    get("/me/principals", list_principals, roles=CITIZEN_ROLES, reach="own"),
    get("/me/agents", list_agents, roles=CITIZEN_ROLES, reach="own"),
    get("/me/deeds", list_deeds, roles=CITIZEN_ROLES, reach="own"),
    post("/me/mandates", ask_mandate, roles=CITIZEN_ROLES, reach="own", status=201),
    get("/me/mandates/{id}", read_mandate, roles=CITIZEN_ROLES, reach="own"),
    post("/me/mandates/{id}/{action}", act_on_mandate, roles=CITIZEN_ROLES, reach="own", examples={"action": "accept"}),
    post("/me/firms", claim_firm, roles=CITIZEN_ROLES, reach="own", status=201),
    post("/me/operators", invite_operator, roles=CITIZEN_ROLES, reach="own", status=201),
    *DESK_ROUTES,
]
