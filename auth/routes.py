"""Signing in and out, and one's own profile."""

from uuid import UUID

from auth import device_routes, scan_routes, sessions, signing_in
from auth.access import own_staff_member
from auth.accounts import routes as account_routes
from auth.credentials import routes as credential_routes
from auth.credentials.schemas import StaffSignedIn
from auth.credentials.views import staff_brief, staff_signed_in
from auth.duties import duties_of, item_names
from auth.keyring import ring
from auth.models import Citizen
from auth.roles import CITIZEN_ROLES, STAFF_ROLES
from auth.schemas import (
    CitizenProfile,
    DutyView,
    EcJwk,
    Jwk,
    Jwks,
    OneTap,
    OneTapAnswer,
    Preferences,
    Refresh,
    SignOut,
    StaffProfile,
    StaffSignIn,
    Tokens,
)
from auth.signing_in import SignedIn
from auth.views import citizen_brief, citizen_profile, device_of
from auth.workplaces import routes as workplace_routes
from kit.web import Call, get, patch, post


async def one_tap(call: Call, body: OneTap) -> OneTapAnswer:
    """Sign in with a platform's codes; the first time makes the account."""
    signed_in = await signing_in.one_tap(
        name=body.platform, login_code=body.login_code, phone_code=body.phone_code, device=device_of(call)
    )
    assert isinstance(signed_in.person, Citizen)
    return OneTapAnswer(
        **_tokens(signed_in).model_dump(), citizen=citizen_brief(signed_in.person), is_new=signed_in.is_new
    )


async def staff_sign_in(call: Call, body: StaffSignIn) -> StaffSignedIn:
    """Sign in with name, password and the authenticator's code, or one of the recovery codes."""
    signed_in = await signing_in.staff_sign_in(
        username=body.username, password=body.password, otp=body.otp, recovery_code=body.recovery_code,
        device=device_of(call),
    )  # fmt: skip
    return staff_signed_in(signed_in)


async def refresh(call: Call, body: Refresh) -> Tokens:
    """The next tokens for a refresh token, which is used up."""
    return _tokens(await signing_in.refresh(body.refresh_token, device=device_of(call)))


async def sign_out(call: Call, body: SignOut) -> None:
    """Ends this session, or all of one's own."""
    actor = call.actor
    if body.everywhere:
        await sessions.end_all(kind=actor.kind, person=actor.id, reason="signed_out", actor=actor.name)
    else:
        await sessions.end_session(UUID(actor.session), reason="signed_out", actor=actor.name)


async def me(call: Call) -> CitizenProfile | StaffProfile:
    """One's own profile."""
    if call.actor.kind == "citizen":
        return await citizen_profile(call.actor)
    member = await own_staff_member(call.actor)
    duties = await duties_of(member.id)
    names = await item_names({item for item, _, _ in duties})
    views = [DutyView(item=i, item_name=names.get(i), region=region, role=role) for i, region, role in duties]
    return StaffProfile(**staff_brief(member).model_dump(), duties=views)


async def change_preferences(call: Call, body: Preferences) -> CitizenProfile:
    """Language and elder mode."""
    changes = body.model_dump(exclude_none=True)
    if changes:
        await Citizen.filter(id=call.actor.id).update(**changes)
    return await citizen_profile(call.actor)


async def published_keys(call: Call) -> Jwks:  # noqa: ARG001 - every handler takes the call
    """The public keys of access tokens (RFC 7517): the one that signs, those before it, and the next."""
    await ring.refresh()
    found = [key.as_jwk() for key in ring.verifying_keys()]
    return Jwks(keys=[EcJwk(**jwk) if "y" in jwk else Jwk(**jwk) for jwk in found])


def _tokens(signed_in: SignedIn) -> Tokens:
    return Tokens(
        access_token=signed_in.access.text,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.access.expires_in,
    )


ROUTES = [
    post("/auth/one-tap", one_tap, cost=5, public=True),
    post("/auth/refresh", refresh, cost=2, public=True, reach="holder"),
    post("/auth/sign-out", sign_out, roles=CITIZEN_ROLES | STAFF_ROLES, reach="self", held_back_too=True),
    post("/auth/staff/sign-in", staff_sign_in, cost=5, public=True),
    get("/me", me, roles=CITIZEN_ROLES | STAFF_ROLES, reach="self"),
    patch("/me", change_preferences, roles=CITIZEN_ROLES, reach="self"),
    *device_routes.ROUTES,
    *scan_routes.ROUTES,
    *credential_routes.ROUTES,
    *workplace_routes.ROUTES,
    *account_routes.ROUTES,
]
OUTSIDE = [get("/.well-known/jwks.json", published_keys, public=True)]
