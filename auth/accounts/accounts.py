"""What an administrator does with an account: make it, close it, open it, and hand out fresh beginnings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from auth import sessions
from auth.accounts.errors import LastAdministrator, NotOneself
from auth.credentials import notes, passwords, second_factor
from auth.credentials.models import RecoveryCode, StaffCredential
from auth.models import StaffMember
from auth.staff import disable, staff_member
from auth.workplaces.models import WorkplaceIdentity
from kit import audit, clock, db
from kit.errors import NotFound
from kit.web import Actor

LIVING = """
SELECT s.id, s.created_at, s.ends_at, i.way, i.second_factor, i.device_kind, i.device_name, i.held_back
FROM auth_session s LEFT JOIN credentials_staff_sign_in i ON i.session_id = s.id
WHERE s.kind = 'staff' AND s.person = $1 AND s.ended_at IS NULL AND s.ends_at > $2
  AND EXISTS (SELECT 1 FROM auth_refresh_token t WHERE t.session_id = s.id AND t.used_at IS NULL AND t.expires_at > $2)
ORDER BY s.created_at DESC
"""


@dataclass(frozen=True)
class LivingSession:
    id: UUID
    signed_in_at: datetime
    ends_at: datetime
    way: str
    second_factor: str
    device_kind: str
    device_name: str
    held_back: str


@dataclass(frozen=True)
class Account:
    """A member with what is known of how they come in; no secret of theirs."""

    member: StaffMember
    password_set_at: datetime | None
    must_change: bool
    recovery_codes_left: int
    recovery_code_used_at: datetime | None
    sessions: list[LivingSession]
    workplaces: list[WorkplaceIdentity]


async def found(*, words: str, disabled: bool | None, after: str, limit: int) -> list[StaffMember]:
    """Members by user name, name or number, in the order of user names, after `after`."""
    query = StaffMember.filter(username__gt=after).order_by("username").prefetch_related("department")
    if words:
        numbered = Q(employee_no__iexact=words[:32])  # longer words are no number
        query = query.filter(Q(username__icontains=words) | Q(name__icontains=words) | numbered)
    if disabled is not None:
        query = query.filter(disabled_at__isnull=not disabled)
    return await query.limit(limit)


async def account(id: UUID) -> Account:  # noqa: A002 - the id of the member
    """Raises NotFound."""
    member = await staff_member(id)
    credential = await StaffCredential.get_or_none(staff_id=id)
    codes = await RecoveryCode.filter(staff_id=id)
    used = [code.used_at for code in codes if code.used_at is not None]
    return Account(
        member, credential.password_set_at if credential else None, bool(credential and credential.must_change),
        len(codes) - len(used), max(used, default=None), await living_sessions(id),
        await WorkplaceIdentity.filter(staff_id=id).order_by("kind"),
    )  # fmt: skip


async def living_sessions(staff: UUID) -> list[LivingSession]:
    return [
        LivingSession(
            row["id"], row["created_at"], row["ends_at"], row["way"] or "", row["second_factor"] or "",
            row["device_kind"] or "", row["device_name"] or "", row["held_back"] or "",
        )
        for row in await db.fetch(LIVING, staff, clock.now())
    ]  # fmt: skip


async def close(by: Actor, id: UUID) -> None:  # noqa: A002
    """Nobody signs in with it, and its sessions end at once. Raises NotFound, NotOneself, LastAdministrator."""
    member = await _others(by, id)
    async with db.transaction():
        await _refuse_last_administrator(member)
        await disable(member, actor=by.name)
        await sessions.end_all(kind="staff", person=id, reason="disabled", actor=by.name)


async def _refuse_last_administrator(member: StaffMember) -> None:
    """With every administrator's row locked, so that two cannot close each other at once."""
    query = "SELECT id FROM auth_staff_member WHERE roles ? 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE"
    admins = [row["id"] for row in await db.fetch(query)]
    if admins == [member.id]:
        raise LastAdministrator


async def reopen(by: Actor, id: UUID) -> None:  # noqa: A002
    """Raises NotFound."""
    member = await staff_member(id)
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(disabled_at=None)
        await audit.record(actor=by.name, action="staff.enabled", subject=f"staff:{member.id}")


async def fresh_password(by: Actor, id: UUID) -> str:  # noqa: A002
    """A password to be shown once and changed at the next sign-in; every session ends. Raises NotFound, NotOneself."""
    member = await _others(by, id)
    async with db.transaction():
        password = await passwords.give_one_time_password(member, actor=by.name)
        await notes.leave(member.id, kind="password_reset")
        await sessions.end_all(kind="staff", person=id, reason="password_reset", actor=by.name)
    return password


async def without_second_factor(by: Actor, id: UUID) -> None:  # noqa: A002
    """Another is enrolled at the next sign-in; every session ends. Raises NotFound, NotOneself."""
    member = await _others(by, id)
    async with db.transaction():
        await second_factor.reset(member, actor=by.name)
        await WorkplaceIdentity.filter(staff_id=id).update(vouched=False)  # vouched for by the factor that is gone
        await sessions.end_all(kind="staff", person=id, reason="second_factor_reset", actor=by.name)


async def end_session_of(by: Actor, id: UUID, *, session: UUID) -> None:  # noqa: A002
    """Raises NotFound, also for a session that is not this member's."""
    if session not in {one.id for one in await living_sessions(id)}:
        raise NotFound
    await sessions.end_session(session, reason="ended_by_admin", actor=by.name)


async def _others(by: Actor, id: UUID) -> StaffMember:  # noqa: A002
    if by.id == id:
        raise NotOneself
    return await staff_member(id)
