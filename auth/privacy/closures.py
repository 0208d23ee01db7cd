"""
Closing an account (art. 47): consequences first, some days to think again, then a job forgets everything that law does
not keep. What is kept is left under the account's opaque id, which leads to nobody any more.
"""

from datetime import timedelta
from uuid import UUID

from auth import sessions
from auth.models import Citizen, Session
from auth.privacy import contributors, deletions
from auth.privacy.config import PrivacySettings
from auth.privacy.contributors import Matter
from auth.privacy.errors import ClosureBlocked, ClosureNotAsked
from auth.privacy.events import AccountForgotten, ClosureAsked
from auth.privacy.models import Closure
from auth.privacy.states import CLOSURE_MOVES, ClosureState
from auth.step_up import require_fresh
from kit import audit, clock, db, events
from kit.config import current
from kit.ids import new_id
from kit.web import Actor


async def present(citizen: UUID) -> Closure | None:
    """The closure that is under way; one the person has signed in after is over (setting)."""
    async with db.transaction():  # locked: the job may be closing it this very moment
        closure = await Closure.select_for_update().get_or_none(citizen=citizen, state=ClosureState.COOLING)
        if closure is not None and await _came_back(closure):
            await _kept(closure, why="signed_in", actor=f"citizen:{citizen}")
            return None
    return closure


async def _came_back(closure: Closure) -> bool:
    """A sign-in, not a step-up within the session that asked."""
    if not current(PrivacySettings).closure_sign_in_keeps:
        return False
    return await Session.filter(kind="citizen", person=closure.citizen, created_at__gt=closure.asked_at).exists()


async def blocking(person: Citizen) -> list[Matter]:
    return [matter for matter in await contributors.matters_of(person) if matter.blocks]


async def ask(actor: Actor) -> Closure:
    """
    Begins the days after which the account is closed; a closure that is under way is the answer again.

    Raises: FreshSignInRequired, ClosureBlocked, which tells what is unfinished.
    """
    await require_fresh(actor)
    days = timedelta(days=current(PrivacySettings).closure_days)
    async with db.transaction():
        person = await Citizen.select_for_update().get(id=actor.id)
        under_way = await present(actor.id)
        if under_way is not None:
            return under_way
        matters = await blocking(person)
        if matters:
            raise ClosureBlocked([{"code": m.code, "title": m.title.model_dump(), "count": m.count} for m in matters])
        now = clock.now()
        closure = await Closure.create(
            id=new_id(), citizen=actor.id, state=ClosureState.COOLING, asked_at=now, closes_at=now + days
        )
        await audit.record(actor=actor.name, action="closure.asked", subject=f"citizen:{actor.id}")
        await events.publish(ClosureAsked(citizen=actor.id, closure=closure.id, closes_at=closure.closes_at))
    return closure


async def cancel(actor: Actor) -> None:
    """Keeps the account. Raises ClosureNotAsked."""
    async with db.transaction():
        closure = await Closure.select_for_update().get_or_none(citizen=actor.id, state=ClosureState.COOLING)
        if closure is None:
            raise ClosureNotAsked
        await _kept(closure, why="taken_back", actor=actor.name)


async def _kept(closure: Closure, *, why: str, actor: str) -> None:
    async with db.transaction():
        await _move(closure, ClosureState.CANCELLED, why=why)
        await audit.record(actor=actor, action="closure.cancelled", subject=f"citizen:{closure.citizen}", why=why)


async def _move(closure: Closure, to: ClosureState, *, why: str = "") -> None:
    assert to in CLOSURE_MOVES[ClosureState(closure.state)], "the row is locked or just read in this transaction"
    closure.state, closure.ended_at, closure.why = to, clock.now(), why
    await closure.save(update_fields=["state", "ended_at", "why"])


async def close_due() -> int:
    """Closes every account whose days are over; how many. What came in between keeps the account."""
    due = await Closure.filter(state=ClosureState.COOLING, closes_at__lte=clock.now()).order_by("closes_at")
    done = sum([await _close(closure.id) for closure in due])
    await deletions.finish_all()
    return done


async def _close(id_: UUID) -> bool:
    async with db.transaction():
        closure = await Closure.select_for_update().get(id=id_)
        if closure.state != ClosureState.COOLING:
            return False
        person = await Citizen.select_for_update().get(id=closure.citizen)
        why = "signed_in" if await _came_back(closure) else "unfinished" if await blocking(person) else ""
        if why:
            await _kept(closure, why=why, actor="system")
            return False
        await _forget(person)
        await _move(closure, ClosureState.DONE)
    return True


async def _forget(person: Citizen) -> None:
    await sessions.end_all(kind="citizen", person=person.id, reason="closed", actor=f"citizen:{person.id}")
    files = await contributors.forget(person)
    await deletions.note(person.id, kind="account", files=files)
    await audit.record(actor="system", action="account.forgotten", subject=f"citizen:{person.id}", files=len(files))
    await events.publish(AccountForgotten(citizen=person.id))
