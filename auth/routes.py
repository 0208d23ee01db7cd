"""Signing in and out, and one's own profile."""

from uuid import UUID

from auth import realname, scan_routes, sessions, signing_in
from auth.access import own_citizen, own_staff_member
from auth.duties import duties_of, item_names
from auth.keyring import ring
from auth.models import Citizen, StaffMember
from auth.roles import CITIZEN_ROLES, STAFF_ROLES
from auth.schemas import (
    CitizenProfile,
    DepartmentView,
    DutyView,
    EcJwk,
    Jwk,
    Jwks,
    OneTap,
    OneTapAnswer,
    Preferences,
    RealName,
    Refresh,
    SignOut,
    StaffBrief,
    StaffProfile,
    StaffSignIn,
    StaffSignInAnswer,
    Tokens,
)
from auth.signing_in import SignedIn
from auth.views import citizen_brief, device_of
from kit.texts import Text
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


async def staff_sign_in(call: Call, body: StaffSignIn) -> StaffSignInAnswer:
    """Sign in with name, password and the authenticator's code."""
    signed_in = await signing_in.staff_sign_in(
        username=body.username, password=body.password, otp=body.otp, device=device_of(call)
    )
    assert isinstance(signed_in.person, StaffMember)
    return StaffSignInAnswer(**_tokens(signed_in).model_dump(), staff=_staff_brief(signed_in.person))


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
        return _citizen_profile(await own_citizen(call.actor))
    member = await own_staff_member(call.actor)
    duties = await duties_of(member.id)
    names = await item_names({item for item, _, _ in duties})
    views = [DutyView(item=i, item_name=names.get(i), region=region, role=role) for i, region, role in duties]
    return StaffProfile(**_staff_brief(member).model_dump(), duties=views)


async def change_preferences(call: Call, body: Preferences) -> CitizenProfile:
    """Language and elder mode."""
    changes = body.model_dump(exclude_none=True)
    if changes:
        await Citizen.filter(id=call.actor.id).update(**changes)
    return _citizen_profile(await own_citizen(call.actor))


async def verify_real_name(call: Call, body: RealName) -> CitizenProfile:
    """Verify name and resident ID number."""
    claimed = realname.Claimed.normal(name=body.name, id_number=body.id_number)
    return _citizen_profile(await realname.verify(await own_citizen(call.actor), claimed))


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


def _citizen_profile(person: Citizen) -> CitizenProfile:
    return CitizenProfile(**citizen_brief(person).model_dump(), locale=person.locale, elder_mode=person.elder_mode)


def _staff_brief(member: StaffMember) -> StaffBrief:
    department = DepartmentView(code=member.department.code, name=Text.model_validate(member.department.name))
    return StaffBrief(
        id=str(member.id), username=member.username, name=member.name, roles=member.roles, department=department,
        title=member.title,
    )  # fmt: skip


ROUTES = [
    post("/auth/one-tap", one_tap, public=True),
    post("/auth/refresh", refresh, public=True, reach="holder"),
    post("/auth/sign-out", sign_out, roles=CITIZEN_ROLES | STAFF_ROLES, reach="self"),
    post("/auth/staff/sign-in", staff_sign_in, public=True),
    get("/me", me, roles=CITIZEN_ROLES | STAFF_ROLES, reach="self"),
    patch("/me", change_preferences, roles=CITIZEN_ROLES, reach="self"),
    post("/me/real-name", verify_real_name, roles=CITIZEN_ROLES, reach="self"),
    *scan_routes.ROUTES,
]
OUTSIDE = [get("/.well-known/jwks.json", published_keys, public=True)]
