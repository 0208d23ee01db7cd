"""
Roles of staff: one admin proposes, another decides, and neither about themselves.

A change takes effect with its commit: sessions compare roles with the token's and are refused within a second. In an
emergency one admin alone takes a role away; nobody ever gives one alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from auth.models import StaffMember
from auth.roles import staff_roles
from auth.sessions import forget_states
from auth.staffing.conflicts import one_only
from auth.staffing.errors import (
    LastAdmin,
    RoleChangeDecided,
    RoleChangePending,
    RoleNotChanged,
    TwoPersonsNeeded,
)
from auth.staffing.events import RoleChanged
from auth.staffing.models import RoleChange
from auth.staffing.states import ROLE_MOVES, RoleChangeState
from auth.step_up import require_fresh
from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.ids import new_id
from kit.web import Actor

ADMINS_LOCK = 0x48484F21  # advisory lock of whoever takes the role of an admin away


async def propose(actor: Actor, *, staff: UUID, role: str, kind: str, reason: str) -> RoleChange:
    """
    Asks for a role to be given or taken. `kind`: grant or remove.

    Raises: FreshSignInRequired, NotFound, UnknownRole, TwoPersonsNeeded about oneself, RoleNotChanged,
    RoleChangePending.
    """
    await require_fresh(actor)
    async with one_only(RoleChangePending):
        await _judge(actor, staff, role=role, kind=kind)
        change = await RoleChange.create(
            id=new_id(), staff_id=staff, role=role, kind=kind, state=RoleChangeState.proposed, reason=reason,
            proposed_by=actor.id, proposed_at=clock.now(),
        )  # fmt: skip
        await _note(actor, change, "proposed")
    return change


async def remove_at_once(actor: Actor, *, staff: UUID, role: str, reason: str) -> RoleChange:
    """
    Takes a role away in an emergency, alone. A proposal about the same role that waits is refused with it.

    Raises: FreshSignInRequired, NotFound, UnknownRole, TwoPersonsNeeded about oneself, RoleNotChanged, LastAdmin.
    """
    await require_fresh(actor)
    async with db.transaction():
        await _judge(actor, staff, role=role, kind="remove")
        waiting = RoleChange.filter(staff_id=staff, role=role, state=RoleChangeState.proposed)
        await waiting.update(state=RoleChangeState.refused, decided_by=actor.id, decided_at=clock.now())
        change = await RoleChange.create(
            id=new_id(), staff_id=staff, role=role, kind="remove", state=RoleChangeState.done, emergency=True,
            reason=reason, proposed_by=actor.id, proposed_at=clock.now(), decided_by=actor.id, decided_at=clock.now(),
        )  # fmt: skip
        await _carry_out(change)
        await _note(actor, change, "removed_at_once")
    forget_states()
    return change


async def decide(actor: Actor, change_id: UUID, *, approve: bool, note: str = "") -> RoleChange:
    """
    The second pair of eyes. Of two who decide at once the first decides.

    Raises: FreshSignInRequired, NotFound, TwoPersonsNeeded, RoleChangeDecided, RoleNotChanged, LastAdmin.
    """
    await require_fresh(actor)
    async with db.transaction():
        change = await _locked(change_id)
        if actor.id in {change.proposed_by, change.staff_id}:  # type: ignore[attr-defined]
            raise TwoPersonsNeeded
        await _move(change, RoleChangeState.done if approve else RoleChangeState.refused, by=actor, note=note)
        if approve:
            await _carry_out(change)
        await _note(actor, change, "approved" if approve else "refused")
    forget_states()
    return change


async def withdraw(actor: Actor, change_id: UUID) -> RoleChange:
    """By who proposed it. Raises NotFound, RoleChangeDecided."""
    async with db.transaction():
        change = await _locked(change_id)
        if change.proposed_by != actor.id:
            raise NotFound
        await _move(change, RoleChangeState.withdrawn, by=actor, note="")
        await _note(actor, change, "withdrawn")
    return change


async def changes(*, state: str | None, limit: int = 100) -> list[RoleChange]:
    """The newest first."""
    query = RoleChange.filter(**({"state": state} if state else {}))
    return await query.order_by("-proposed_at").limit(limit).prefetch_related("staff")


async def _locked(change_id: UUID) -> RoleChange:
    change = await RoleChange.select_for_update().get_or_none(id=change_id)
    if change is None:
        raise NotFound
    return change


async def _judge(actor: Actor, staff: UUID, *, role: str, kind: str) -> None:
    staff_roles([role])
    if staff == actor.id:
        raise TwoPersonsNeeded
    person = await StaffMember.get_or_none(id=staff)
    if person is None:
        raise NotFound
    if (role in person.roles) == (kind == "grant"):
        raise RoleNotChanged


async def _move(change: RoleChange, to: RoleChangeState, *, by: Actor, note: str) -> None:
    if to not in ROLE_MOVES[RoleChangeState(change.state)]:
        raise RoleChangeDecided
    change.state, change.decided_by, change.decided_at, change.note = to, by.id, clock.now(), note
    await change.save(update_fields=["state", "decided_by", "decided_at", "note"])


async def _carry_out(change: RoleChange) -> None:
    if change.role == "admin":
        await db.execute("SELECT pg_advisory_xact_lock($1)", ADMINS_LOCK)
    person = await StaffMember.select_for_update().get(id=change.staff_id)  # type: ignore[attr-defined]
    if (change.role in person.roles) == (change.kind == "grant"):
        raise RoleNotChanged
    if change.role == "admin" and change.kind == "remove":
        await _refuse_last_admin(but=person.id)
    kept = {*person.roles, change.role} if change.kind == "grant" else set(person.roles) - {change.role}
    await StaffMember.filter(id=person.id).update(roles=sorted(kept))
    await events.publish(RoleChanged(staff=person.id, role=change.role, kind=change.kind))


async def _refuse_last_admin(*, but: UUID) -> None:
    left: Sequence[Any] = await db.fetch(
        "SELECT 1 FROM auth_staff_member WHERE roles ? 'admin' AND disabled_at IS NULL AND id <> $1 LIMIT 1", but
    )
    if not left:
        raise LastAdmin


async def _note(actor: Actor, change: RoleChange, act: str) -> None:
    staff: UUID = change.staff_id  # type: ignore[attr-defined]
    await audit.record(
        actor=actor.name, action=f"role.{act}", subject=f"staff:{staff}", role=change.role, kind=change.kind,
        change=change.id, emergency=change.emergency,
    )  # fmt: skip
