"""Signing in by DingTalk or WeCom, and a member's own bindings."""

from uuid import UUID

from auth.access import own_staff_member
from auth.credentials.models import StaffSignIn
from auth.credentials.schemas import StaffSignedIn
from auth.credentials.views import staff_signed_in
from auth.roles import STAFF_ROLES
from auth.step_up import require_fresh
from auth.views import device_of
from auth.workplaces import coming_in, identities, starts, workplace
from auth.workplaces.coming_in import Brought
from auth.workplaces.errors import SecondFactorNotShown
from auth.workplaces.schemas import (
    WorkplaceBegun,
    WorkplaceBinding,
    WorkplaceBindings,
    WorkplaceCode,
    WorkplaceSignIn,
)
from kit.web import Actor, Call, delete, get, post


async def begin(call: Call) -> WorkplaceBegun:
    """Where the browser goes to sign in at the workplace."""
    begun = await starts.begin(workplace(call.path("kind")), address=device_of(call).address)
    return WorkplaceBegun.model_validate(begun)


async def sign_in(call: Call, body: WorkplaceSignIn) -> StaffSignedIn:
    """With the code the workplace gave; or with the authenticator's, when that was asked for."""
    kind, device = call.path("kind"), device_of(call)
    if body.otp is not None:
        assert body.state is not None
        assert body.secret is not None
        signed_in = await coming_in.with_code(kind, state=body.state, secret=body.secret, otp=body.otp, device=device)
        return staff_signed_in(signed_in)
    assert body.code is not None
    brought = Brought(body.code, body.state, body.secret)
    return staff_signed_in(await coming_in.sign_in(kind, brought, device=device))


async def my_workplaces(call: Call) -> WorkplaceBindings:
    """What one's account is bound to."""
    return await _bindings(call.actor)


async def begin_binding(call: Call) -> WorkplaceBegun:
    """Where the browser goes to be bound. Needs a session that was begun with a second factor, just now."""
    await _refuse_unproven(call.actor)
    begun = await starts.begin(
        workplace(call.path("kind")), address=device_of(call).address, purpose="bind", session=UUID(call.actor.session)
    )
    return WorkplaceBegun.model_validate(begun)


async def bind(call: Call, body: WorkplaceCode) -> WorkplaceBindings:
    """The workplace's member is this account's from now on."""
    await _refuse_unproven(call.actor)
    kind, session = call.path("kind"), UUID(call.actor.session)
    brought = Brought(body.code, body.state, body.secret)
    person = await coming_in.who(kind, brought, purpose="bind", session=session)
    member = await own_staff_member(call.actor)
    await identities.bind(member, kind, person, vouched=True, actor=call.actor.name)
    return await _bindings(call.actor)


async def unbind(call: Call) -> WorkplaceBindings:
    """Signing in there is over."""
    await require_fresh(call.actor)
    await identities.unbind(await own_staff_member(call.actor), call.path("kind"), actor=call.actor.name)
    return await _bindings(call.actor)


async def _refuse_unproven(actor: Actor) -> None:
    """What may later stand for a second factor is bound by who showed one."""
    await require_fresh(actor)
    sign_in = await StaffSignIn.get_or_none(session_id=UUID(actor.session))
    if sign_in is None or sign_in.second_factor not in {"totp", "recovery"}:
        raise SecondFactorNotShown


async def _bindings(actor: Actor) -> WorkplaceBindings:
    return WorkplaceBindings(items=[WorkplaceBinding.model_validate(one) for one in await identities.of(actor.id)])


ROUTES = [
    post("/auth/staff/workplaces/{kind}/start", begin, public=True, examples={"kind": "dingtalk"}),
    post("/auth/staff/workplaces/{kind}", sign_in, cost=5, public=True, reach="holder", examples={"kind": "dingtalk"}),
    get("/me/workplaces", my_workplaces, roles=STAFF_ROLES, reach="self"),
    post("/me/workplaces/{kind}/start", begin_binding, roles=STAFF_ROLES, reach="self", examples={"kind": "dingtalk"}),
    post("/me/workplaces/{kind}", bind, cost=5, roles=STAFF_ROLES, reach="self", examples={"kind": "dingtalk"}),
    delete("/me/workplaces/{kind}", unbind, roles=STAFF_ROLES, reach="self", examples={"kind": "dingtalk"}),
]
