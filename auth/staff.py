"""
Staff members: who works here, and how they sign in.

A try is counted before it is judged and forgiven when it was right, so a thousand tries at once cannot overtake the
counter. Unknown and wrong look the same: same answer, same work, same waits.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp

from auth.credentials import hashing, second_factor
from auth.credentials.passwords import give_one_time_password, set_password
from auth.credentials.second_factor import set_totp
from auth.errors import StaffSignInRefused, UnknownDepartment, UsernameTaken
from auth.models import Department, StaffMember
from auth.roles import staff_roles
from auth.staffing.events import StaffDisabled
from auth.troubles import count_try, forgive
from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.ids import new_id


@dataclass(frozen=True)
class Made:
    """A new account and the password it is entered with once; its owner chooses another and enrols an authenticator."""

    staff_id: UUID
    password: str


@dataclass(frozen=True)
class Admitted:
    """Who was let in, and by which second factor; empty when they have not enrolled one yet."""

    member: StaffMember
    second_factor: str


async def staff_member(id: UUID) -> StaffMember:  # noqa: A002 - the id of the staff member
    """With its department. Raises NotFound."""
    found = await StaffMember.get_or_none(id=id).prefetch_related("department")
    if found is None:
        raise NotFound
    return found


async def sign_in(*, username: str, password: str, otp: str | None, source: str) -> StaffMember:
    """As `admit`, for who does not care by which second factor."""
    return (await admit(username=username, password=password, otp=otp, source=source)).member


async def admit(
    *, username: str, password: str, otp: str | None, source: str, recovery_code: str | None = None
) -> Admitted:
    """
    The member, after name, password and code were found right. `source` is a digest of where the try comes from.

    Raises: StaffSignInRefused, OtpRequired, OtpAlreadyUsed, TooMany.
    """
    await count_try(username=username, source=source)
    member = await StaffMember.get_or_none(username=username).prefetch_related("department")
    fits = await hashing.fits(member.password_hash if member and member.password_hash else hashing.NOBODY, password)
    if member is None or not member.password_hash or not fits or member.disabled_at is not None:
        await audit.record(actor="system", action="staff.sign_in_refused", subject=_subject(member))
        raise StaffSignInRefused
    shown = await second_factor.judge(member, otp=otp, recovery_code=recovery_code)
    await forgive(username=username, source=source)
    return Admitted(member, shown)


def _subject(member: StaffMember | None) -> str:
    return f"staff:{member.id}" if member else "staff:unknown"


async def add_staff(
    username: str, *, name: str, roles: list[str], department: str, title: str = "", actor: str = "system"
) -> Made:
    """
    Makes an account with a password nobody chose, to be shown once and changed at the first sign-in.

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
        password = await give_one_time_password(member, actor=actor)
    return Made(member.id, password)


async def give_secrets(member: StaffMember, *, actor: str = "system", for_show: bool = False) -> tuple[str, str]:
    """
    A fresh password and TOTP secret, in place of what there was, for an account that is ready at once. `for_show`: an
    account of a demonstration, of which there are many.
    """
    password, totp_secret = secrets.token_urlsafe(12), pyotp.random_base32()
    await set_password(member, password, actor=actor, for_show=for_show)
    await set_totp(member, totp_secret, actor=actor)
    return password, totp_secret


async def disable(member: StaffMember, *, actor: str) -> None:
    """Nobody signs in with the account any more, its sessions are refused within a second, its work goes to others."""
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(disabled_at=clock.now())
        await audit.record(actor=actor, action="staff.disabled", subject=f"staff:{member.id}")
        await events.publish(StaffDisabled(member.id))
