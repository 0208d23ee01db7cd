"""Staff passwords: given once by somebody else, changed by their owner, remembered as hashes only."""

import secrets
from datetime import timedelta
from uuid import UUID

from auth.credentials import hashing
from auth.credentials.config import CredentialSettings
from auth.credentials.errors import ChangedMeanwhile, PasswordUnfit, PasswordWrong
from auth.credentials.models import FormerPassword, StaffCredential
from auth.credentials.policy import broken_rules, faults, policy_of
from auth.models import StaffMember
from auth.troubles import count_try, forgive
from kit import audit, clock, db
from kit.config import current


async def locked(staff: UUID) -> StaffCredential:
    """The member's row, made when there is none, locked for the open transaction."""
    await db.execute(
        "INSERT INTO credentials_staff_credential (staff_id, must_change) VALUES ($1, false) ON CONFLICT DO NOTHING",
        staff,
    )
    row: StaffCredential = await StaffCredential.select_for_update().get(staff_id=staff)
    return row


async def set_password(
    member: StaffMember, password: str, *, actor: str = "system", must_change: bool = False, for_show: bool = False
) -> None:
    """
    In place of what there was, which is remembered. With `must_change` it is good for choosing another only;
    `for_show`: a random one of a demonstration, hashed at a small cost.
    """
    fresh = await hashing.hashed(password, for_show=for_show)
    async with db.transaction():
        row = await locked(member.id)
        await _replaced(member.id, fresh)
        await _noted(row, must_change=must_change)
        await audit.record(
            actor=actor, action="staff.password_set", subject=f"staff:{member.id}", must_change=must_change
        )
    member.password_hash = fresh


async def give_one_time_password(member: StaffMember, *, actor: str) -> str:
    """A password nobody chose, to be shown once and changed at the first sign-in."""
    password = secrets.token_urlsafe(12)
    await set_password(member, password, actor=actor, must_change=True)
    return password


async def change_password(member: StaffMember, *, present: str, new: str, source: str) -> None:
    """
    The owner's own choice. `source` is a digest of where it is asked from: guessing the present one waits as guessing
    at the door does.

    Raises: TooMany, PasswordWrong, PasswordUnfit, ChangedMeanwhile.
    """
    await count_try(username=member.username, source=source)
    if not member.password_hash or not await hashing.fits(member.password_hash, present):
        await audit.record(actor=f"staff:{member.id}", action="staff.password_refused", subject=f"staff:{member.id}")
        raise PasswordWrong
    await forgive(username=member.username, source=source)
    await _refuse_unfit(member, new)
    fresh = await hashing.hashed(new)
    async with db.transaction():
        row = await locked(member.id)
        if (await StaffMember.get(id=member.id)).password_hash != member.password_hash:
            raise ChangedMeanwhile
        await _replaced(member.id, fresh)
        await _noted(row, must_change=False)
        await audit.record(actor=f"staff:{member.id}", action="staff.password_changed", subject=f"staff:{member.id}")
    member.password_hash = fresh


async def _refuse_unfit(member: StaffMember, new: str) -> None:
    policy = policy_of(current(CredentialSettings))
    broken = broken_rules(new, username=member.username, policy=policy)
    if not broken and await _used_before(member, new, history=policy.history):
        broken = ["used_before"]
    if broken:
        raise PasswordUnfit(errors=faults(broken, policy))


async def _used_before(member: StaffMember, new: str, *, history: int) -> bool:
    """The present one is never taken again; of those before it, as many as the settings remember."""
    former = FormerPassword.filter(staff_id=member.id).order_by("-replaced_at").limit(max(0, history - 1))
    hashes = [member.password_hash, *[f.password_hash for f in await former if history]]
    for hash_ in hashes:
        if await hashing.fits(hash_, new):
            return True
    return False


async def _replaced(staff: UUID, fresh: str) -> None:
    before = (await StaffMember.get(id=staff)).password_hash
    if before:
        await FormerPassword.create(staff_id=staff, password_hash=before, replaced_at=clock.now())
    await StaffMember.filter(id=staff).update(password_hash=fresh)
    kept = max(0, current(CredentialSettings).staff_password_history - 1)
    await db.execute(
        "DELETE FROM credentials_former_password WHERE staff_id = $1 AND id NOT IN (SELECT id FROM "
        "credentials_former_password WHERE staff_id = $1 ORDER BY replaced_at DESC LIMIT $2)",
        staff, kept,
    )  # fmt: skip


async def _noted(row: StaffCredential, *, must_change: bool) -> None:
    row.password_set_at, row.must_change = clock.now(), must_change
    await row.save(update_fields=["password_set_at", "must_change"])


async def change_is_due(staff: UUID) -> bool:
    """Given by somebody else, or older than the settings allow."""
    row = await StaffCredential.get_or_none(staff_id=staff)
    if row is None:
        return False
    days = current(CredentialSettings).staff_password_days
    too_old = days > 0 and row.password_set_at is not None and clock.now() - row.password_set_at > timedelta(days=days)
    return row.must_change or too_old
