"""
Staff members: who works here, and how they sign in.

A try is counted before it is judged and forgiven when it was right, so a thousand tries at once cannot overtake the
counter. Unknown and wrong look the same: same answer, same work, same waits.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread
import pyotp
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from auth.config import AuthSettings
from auth.errors import (
    OtpAlreadyUsed,
    OtpRequired,
    SecondFactorMissing,
    StaffSignInRefused,
    UnknownDepartment,
    UsernameTaken,
)
from auth.models import Department, StaffMember
from auth.roles import staff_roles
from auth.troubles import count_try, forgive
from kit import audit, clock, crypto, db
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id

_hasher = PasswordHasher()
_HASHING = CapacityLimiter(2)  # each hash takes 64 MiB
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))  # what an unknown name's password is compared with


@dataclass(frozen=True)
class Secrets:
    """A member's secrets, to be shown once."""

    password: str
    totp_secret: str


async def staff_member(id: UUID) -> StaffMember:  # noqa: A002 - the id of the staff member
    """With its department. Raises NotFound."""
    found = await StaffMember.get_or_none(id=id).prefetch_related("department")
    if found is None:
        raise NotFound
    return found


async def sign_in(*, username: str, password: str, otp: str | None, source: str) -> StaffMember:
    """
    The member, after name, password and code were found right. `source` is a digest of where the try comes from.

    Raises: StaffSignInRefused, OtpRequired, OtpAlreadyUsed, SecondFactorMissing, TooMany.
    """
    await count_try(username=username, source=source)
    member = await StaffMember.get_or_none(username=username).prefetch_related("department")
    fits = await _fits(member.password_hash if member and member.password_hash else _NOBODY, password)
    if member is None or not member.password_hash or not fits or member.disabled_at is not None:
        await audit.record(actor="system", action="staff.sign_in_refused", subject=_subject(member))
        raise StaffSignInRefused
    await _judge_second_factor(member, otp)
    await forgive(username=username, source=source)
    return member


def _subject(member: StaffMember | None) -> str:
    return f"staff:{member.id}" if member else "staff:unknown"


async def _judge_second_factor(member: StaffMember, otp: str | None) -> None:
    if member.totp_sealed is None:
        if current(AuthSettings).demo:
            return
        raise SecondFactorMissing
    if not otp:
        raise OtpRequired
    secret = crypto.unseal(member.totp_sealed, bound_to=f"auth_staff_member.totp:{member.id}")
    step = _step_of(secret, otp)
    if step is None:
        await audit.record(actor="system", action="staff.sign_in_refused", subject=_subject(member))
        raise StaffSignInRefused
    taken = await db.execute(
        "UPDATE auth_staff_member SET totp_last_step = $2 WHERE id = $1 AND COALESCE(totp_last_step, 0) < $2",
        member.id, step,
    )  # fmt: skip
    settings = current(AuthSettings)
    if not taken and (settings.staff_otp_once or not settings.demo):
        raise OtpAlreadyUsed


def _step_of(secret: str, otp: str) -> int | None:
    """The half-minute the code belongs to: this one, or one beside it (RFC 6238 §5.2)."""
    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // 30
    fitting = [step for step in (now - 1, now, now + 1) if secrets.compare_digest(totp.at(step * 30), otp.zfill(6))]
    return fitting[-1] if fitting else None


async def _fits(hashed: str, password: str) -> bool:
    def compare() -> bool:
        try:
            return _hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    return await anyio.to_thread.run_sync(compare, limiter=_HASHING)


async def add_staff(
    username: str, *, name: str, roles: list[str], department: str, title: str = "", actor: str = "system"
) -> Secrets:
    """
    Makes an account with a password and a TOTP secret nobody chose, to be shown once.

    Raises: UnknownRole, UnknownDepartment, UsernameTaken.
    """
    allowed = staff_roles(roles)
    async with db.transaction():
        if not await Department.exists(code=department):
            raise UnknownDepartment
        member = StaffMember(
            id=new_id(), username=username, name=name, title=title, roles=allowed, department_id=department,
            created_at=clock.now(),
        )  # fmt: skip
        if await StaffMember.exists(username=username):
            raise UsernameTaken
        await member.save(force_create=True)
        await audit.record(actor=actor, action="staff.added", subject=f"staff:{member.id}", roles=allowed)
        password, totp_secret = await give_secrets(member, actor=actor)
    return Secrets(password, totp_secret)


async def give_secrets(member: StaffMember, *, actor: str = "system") -> tuple[str, str]:
    """A fresh password and TOTP secret, in place of what there was."""
    password, totp_secret = secrets.token_urlsafe(12), pyotp.random_base32()
    await set_password(member, password, actor=actor)
    await set_totp(member, totp_secret, actor=actor)
    return password, totp_secret


async def set_password(member: StaffMember, password: str, *, actor: str = "system") -> None:
    hashed = await anyio.to_thread.run_sync(_hasher.hash, password, limiter=_HASHING)
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(password_hash=hashed)
        await audit.record(actor=actor, action="staff.password_set", subject=f"staff:{member.id}")
    member.password_hash = hashed


async def set_totp(member: StaffMember, secret: str, *, actor: str = "system") -> None:
    """`secret`: base32, as an authenticator app takes it."""
    sealed = crypto.seal(secret, bound_to=f"auth_staff_member.totp:{member.id}")
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(totp_sealed=sealed, totp_last_step=None)
        await audit.record(actor=actor, action="staff.totp_set", subject=f"staff:{member.id}")
    member.totp_sealed = sealed


async def disable(member: StaffMember, *, actor: str) -> None:
    """Nobody signs in with the account any more, and its sessions are refused within a second."""
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(disabled_at=clock.now())
        await audit.record(actor=actor, action="staff.disabled", subject=f"staff:{member.id}")
