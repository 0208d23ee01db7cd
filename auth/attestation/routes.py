"""The upper rungs of the assurance ladder: a real name, a face; and the claims staff judge."""

from auth import realname
from auth.access import own_citizen
from auth.attestation import claims, faces
from auth.attestation.access import is_name_desk, on_desk
from auth.attestation.models import NameClaim
from auth.attestation.schemas import (
    ClaimBrief,
    ClaimDecision,
    ClaimPage,
    ClaimQuery,
    ClaimView,
    FaceClient,
    FaceOpened,
    RealName,
    RealNameAnswer,
)
from auth.attestation.views import claim_shown, row_shown
from auth.reading import note_look
from auth.realname import Claimed
from auth.roles import CITIZEN_ROLES
from auth.views import citizen_profile
from kit.web import Call, get, post

JUDGES = frozenset({"clerk", "supervisor"})


async def verify_real_name(call: Call, body: RealName) -> RealNameAnswer:
    """Verify name and document: by the register at once, or as a claim that staff judge."""
    person = await own_citizen(call.actor)
    claimed = Claimed.normal(name=body.name, id_number=body.id_number, document=body.document)
    realname.refuse_impossible(claimed)
    if realname.is_judged_by_staff(claimed):
        await claims.claim(person, claimed, shown=claims.Shown(body.uploads, body.region))
    else:
        await realname.verify(person, claimed)
    return await _answer(call)


async def real_name(call: Call) -> RealNameAnswer:
    """How well one is known, and the document that is being judged."""
    return await _answer(call)


async def _answer(call: Call) -> RealNameAnswer:
    profile = await citizen_profile(call.actor)
    return RealNameAnswer(**profile.model_dump(), claim=_brief(await claims.latest(call.actor.id)))


def _brief(found: NameClaim | None) -> ClaimBrief | None:
    if found is None:
        return None
    told = {"document": found.document, "state": found.state, "reason": found.reason, "at": found.created_at}
    return ClaimBrief.model_validate(told)


async def open_face(call: Call) -> FaceOpened:
    """Begin a face check, for this sign-in."""
    opened = await faces.open_check(call.actor)
    client = FaceClient(url=opened.url, biz_token=opened.reference)
    return FaceOpened(session=opened.check, expires_in=opened.expires_in, client=client)


async def conclude_face(call: Call) -> RealNameAnswer:
    """Ask how the face check ended."""
    await faces.conclude(call.actor, call.path_id("session"))
    return await _answer(call)


async def list_claims(call: Call, query: ClaimQuery) -> ClaimPage:
    """Documents the caller's department judges in its region, masked; those that wait, the oldest first."""
    await note_look(call.actor, "name_claim", purpose="work list", state=query.state.value)
    found = await on_desk(call.actor, state=query.state.value, limit=query.limit)
    return ClaimPage(yours=await is_name_desk(call.actor), items=[row_shown(claim) for claim in found])


async def read_claim(call: Call) -> ClaimView:
    """One claim; while it waits in the clear. That it was read is counted and audited."""
    return await claim_shown(await claims.read(call.actor, call.path_id("id")), reader=call.actor.name)


async def decide_claim(call: Call, body: ClaimDecision) -> ClaimView:
    """Accept or refuse a claim, once."""
    found = await claims.decide(call.actor, call.path_id("id"), accept=body.accept, reason=body.reason)
    return await claim_shown(found, reader=call.actor.name)


A_CHECK = {"session": "7b0d5f0e-8f0f-4d6a-9d55-3c1f8f5f2c11"}

ROUTES = [
    get("/me/real-name", real_name, roles=CITIZEN_ROLES, reach="self"),
    post("/me/real-name", verify_real_name, cost=10, roles=CITIZEN_ROLES, reach="self"),
    post("/me/face", open_face, cost=10, roles=CITIZEN_ROLES, reach="self", status=201),
    post("/me/face/{session}", conclude_face, cost=10, roles=CITIZEN_ROLES, reach="own", examples=A_CHECK),
    get("/desk/name-claims", list_claims, roles=JUDGES, reach="department"),
    get("/desk/name-claims/{id}", read_claim, roles=JUDGES, reach="department"),
    post("/desk/name-claims/{id}/decision", decide_claim, roles=JUDGES, reach="department"),
]
