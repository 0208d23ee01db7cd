"""Signing in by DingTalk or WeCom: the code is exchanged outside any transaction, then judged like a password."""

from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from auth import throttle
from auth.config import AuthSettings
from auth.credentials import second_factor
from auth.credentials.entering import enter
from auth.errors import OtpRequired, StaffSignInRefused
from auth.models import StaffMember
from auth.signing_in import Device, SignedIn, with_entry
from auth.staff import staff_member
from auth.troubles import count_try, forgive
from auth.workplaces import identities, starts, workplace
from auth.workplaces.base import WorkplacePerson
from auth.workplaces.config import WorkplaceSettings
from auth.workplaces.errors import WorkplaceStateInvalid
from auth.workplaces.models import WorkplaceIdentity
from kit import audit
from kit.config import current


@dataclass(frozen=True)
class Brought:
    """What the browser brings back: a code with state and secret, or the code of the workplace app alone."""

    code: str
    state: str | None
    secret: str | None


class CodeStillNeeded(OtpRequired):
    """The workplace told who it is; `state` and `secret` stand for it until the authenticator's code comes."""

    def __init__(self, state: str, secret: str) -> None:
        super().__init__(extra={"state": state, "secret": secret})


async def who(kind: str, brought: Brought, *, purpose: starts.Purpose, session: UUID | None = None) -> WorkplacePerson:
    """
    Who the workplace says it is. A code without state is one the workplace app gave to our page within it, which only
    DingTalk does; it tells nothing to a browser elsewhere.

    Raises: WorkplaceNotOffered, WorkplaceStateInvalid, and what the workplace refuses.
    """
    door = workplace(kind)
    if brought.state is None or brought.secret is None:
        if kind != "dingtalk":
            raise WorkplaceStateInvalid
        return await door.who_opened(brought.code)
    await starts.use(kind, state=brought.state, secret=brought.secret, purpose=purpose, session=session)
    return await door.who_scanned(brought.code)


async def sign_in(kind: str, brought: Brought, *, device: Device) -> SignedIn:
    """Raises: as `who`, and WorkplaceNotBound, StaffSignInRefused, CodeStillNeeded, SignedInAlready, TooMany."""
    per_minute = current(AuthSettings).staff_sign_ins_per_minute
    await throttle.let_pass("staff_sign_in", source=device.address, per_minute=per_minute)
    identity = await identities.whose(kind, await who(kind, brought, purpose="sign_in"))
    member = await _working(identity)
    if member.totp_sealed is not None and not _counts_as_both(identity):
        raise CodeStillNeeded(*await starts.await_code(kind, staff=member.id))
    return await _let_in(member, kind, shown="workplace" if _counts_as_both(identity) else "", device=device)


async def with_code(kind: str, *, state: str, secret: str, otp: str, device: Device) -> SignedIn:
    """
    The authenticator's code, for who the workplace named before. Guesses wait as they do at the password's door.

    Raises: WorkplaceStateInvalid, StaffSignInRefused, OtpAlreadyUsed, SignedInAlready, TooMany.
    """
    start = await starts.look(kind, state=state, secret=secret, purpose="second_factor")
    assert start.staff is not None
    member = await staff_member(start.staff)
    await count_try(username=member.username, source=device.source)
    shown = await second_factor.judge(member, otp=otp)
    await starts.use(kind, state=state, secret=secret, purpose="second_factor")
    await forgive(username=member.username, source=device.source)
    if member.disabled_at is not None:
        raise StaffSignInRefused
    return await _let_in(member, kind, shown=shown, device=device)


def _counts_as_both(identity: WorkplaceIdentity) -> bool:
    rule = current(WorkplaceSettings).workplace_second_factor
    return rule == "always" or (rule == "vouched" and identity.vouched)


async def _working(identity: WorkplaceIdentity) -> StaffMember:
    member = await staff_member(identity.staff_id)  # type: ignore[attr-defined]
    if member.disabled_at is not None:
        await audit.record(actor="system", action="staff.sign_in_refused", subject=f"staff:{member.id}")
        raise StaffSignInRefused
    return member


async def _let_in(member: StaffMember, kind: str, *, shown: str, device: Device) -> SignedIn:
    way = cast("Literal['dingtalk', 'wecom']", kind)
    return with_entry(member, await enter(member, way=way, second_factor=shown, door=device.door))
