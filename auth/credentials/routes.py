"""Staff passwords and second factors, for the member they are of."""

import base64
from uuid import UUID

from auth.access import own_staff_member
from auth.credentials import passwords, second_factor
from auth.credentials.config import CredentialSettings
from auth.credentials.entering import end_others, enter_again
from auth.credentials.policy import policy_of
from auth.credentials.schemas import (
    ChangePassword,
    ConfirmTotp,
    PolicyView,
    SignedInAgain,
    StaffSignedIn,
    StaffWays,
    TotpConfirmed,
    TotpOffer,
    WorkplaceWay,
)
from auth.credentials.views import staff_signed_in
from auth.models import StaffMember
from auth.roles import STAFF_ROLES
from auth.signing_in import with_entry
from auth.step_up import require_fresh
from auth.views import device_of
from auth.workplaces import offered
from kit import db
from kit.config import current
from kit.web import Call, get, post


async def ways(call: Call) -> StaffWays:  # noqa: ARG001 - every handler takes the call
    """How staff can sign in, and what their passwords must be."""
    policy = policy_of(current(CredentialSettings))
    return StaffWays(
        workplaces=[WorkplaceWay(kind=w.kind, name=w.name) for w in offered()],
        password=PolicyView.model_validate(policy),
    )


async def change_password(call: Call, body: ChangePassword) -> SignedInAgain:
    """One's own password: the present one, and a new one that fits the rules. Other sessions end."""
    member, session = await own_staff_member(call.actor), UUID(call.actor.session)
    await passwords.change_password(member, present=body.current, new=body.new, source=device_of(call).source)
    return SignedInAgain(signed_in=await _let_on(call, member, session=session, because="password_changed"))


async def offer_totp(call: Call) -> TotpOffer:
    """A new authenticator secret; it is in force once it was confirmed. Needs somebody who signed in just now."""
    if call.actor.held_back is None:
        await require_fresh(call.actor)
    offered_one = await second_factor.offer(await own_staff_member(call.actor))
    return TotpOffer(
        secret=offered_one.secret, uri=offered_one.uri, qr_png=base64.b64encode(offered_one.png).decode(),
        expires_in=int(second_factor.OFFER_LASTS.total_seconds()),
    )  # fmt: skip


async def confirm_totp(call: Call, body: ConfirmTotp) -> TotpConfirmed:
    """The first right code of the new secret. Answers the recovery codes, this once; other sessions end."""
    member, session = await own_staff_member(call.actor), UUID(call.actor.session)
    codes = await second_factor.confirm(member, otp=body.otp)
    signed_in = await _let_on(call, member, session=session, because="totp_enrolled", second_factor="totp")
    return TotpConfirmed(recovery_codes=codes, signed_in=signed_in)


async def _let_on(
    call: Call, member: StaffMember, *, session: UUID, because: str, second_factor: str = ""
) -> StaffSignedIn | None:
    if call.actor.held_back is None:
        async with db.transaction():
            await end_others(member, but=session, reason=because)
        return None
    entered = await enter_again(member, session=session, door=device_of(call).door, second_factor=second_factor)
    return staff_signed_in(with_entry(member, entered))


ROUTES = [
    get("/auth/staff/ways", ways, public=True),
    post("/auth/staff/password", change_password, cost=5, roles=STAFF_ROLES, reach="self", held_back_too=True),
    post("/auth/staff/totp", offer_totp, roles=STAFF_ROLES, reach="self", held_back_too=True),
    post("/auth/staff/totp/confirmation", confirm_totp, roles=STAFF_ROLES, reach="self", held_back_too=True),
]
