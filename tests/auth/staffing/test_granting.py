"""Roles change by two people, never by the one they are about, and at once."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError

from auth import sessions
from auth.errors import FreshSignInRequired, UnknownRole
from auth.models import StaffMember
from auth.staffing.errors import LastAdmin, RoleChangeDecided, RoleChangePending, RoleNotChanged, TwoPersonsNeeded
from auth.staffing.granting import decide, propose, remove_at_once, withdraw
from auth.staffing.models import RoleChange
from kit import clock, db
from kit.errors import NotFound
from kit.web import Actor
from tests.auth.staffing.office import People, actor, hire

pytestmark = pytest.mark.anyio


async def roles(person: StaffMember) -> list[str]:
    return (await StaffMember.get(id=person.id)).roles


async def asked(people: People, *, kind: str = "grant", role: str = "supervisor") -> RoleChange:
    return await propose(await actor(people.admin), staff=people.owner.id, role=role, kind=kind, reason="轮岗")


async def test_a_role_is_given_when_another_admin_agrees(people: People) -> None:
    change = await asked(people)
    assert await roles(people.owner) == ["clerk"]
    await decide(await actor(people.second_admin), change.id, approve=True)
    assert await roles(people.owner) == ["clerk", "supervisor"]
    acts = [r["action"] for r in await db.fetch("SELECT action FROM kit_audit WHERE action LIKE 'role.%' ORDER BY seq")]
    assert acts == ["role.proposed", "role.approved"]


async def test_nobody_agrees_to_their_own_proposal_or_decides_about_themselves(people: People) -> None:
    change, admin = await asked(people), await actor(people.admin)
    with pytest.raises(TwoPersonsNeeded):
        await decide(admin, change.id, approve=True)
    with pytest.raises(TwoPersonsNeeded):
        await propose(admin, staff=people.admin.id, role="finance", kind="grant", reason="自己")
    about = await propose(
        await actor(people.second_admin), staff=people.admin.id, role="finance", kind="grant", reason="他人提出"
    )
    with pytest.raises(TwoPersonsNeeded):
        await decide(admin, about.id, approve=True)
    with pytest.raises(TwoPersonsNeeded):
        await remove_at_once(admin, staff=people.admin.id, role="admin", reason="自己")
    assert (await roles(people.owner), await roles(people.admin)) == (["clerk"], ["admin"])


async def test_the_database_refuses_a_change_by_one_person(people: People) -> None:
    change = await asked(people)
    for wrong in (
        {"state": "done", "decided_by": people.admin.id}, {"state": "done", "decided_by": people.owner.id},
        {"state": "done", "decided_by": people.admin.id, "emergency": True}, {"state": "done"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            await RoleChange.filter(id=change.id).update(**wrong)


async def test_a_stale_sign_in_changes_nothing(people: People) -> None:
    change, admin, second = await asked(people), await actor(people.admin), await actor(people.second_admin)
    with clock.moved(timedelta(minutes=6)):
        with pytest.raises(FreshSignInRequired):
            await propose(admin, staff=people.backup.id, role="finance", kind="grant", reason="迟了")
        with pytest.raises(FreshSignInRequired):
            await decide(second, change.id, approve=True)
        with pytest.raises(FreshSignInRequired):
            await remove_at_once(second, staff=people.owner.id, role="clerk", reason="迟了")
    assert await RoleChange.filter(state="proposed").count() == 1
    assert await roles(people.owner) == ["clerk"]


async def test_of_two_approvals_at_once_one_counts(people: People) -> None:
    third = await hire("third", roles=("admin",))
    judges = [await actor(people.second_admin), await actor(third)]
    for n in range(10):
        change = await asked(people, role="finance", kind="grant" if n % 2 == 0 else "remove")
        answers = await asyncio.gather(*(decide(j, change.id, approve=True) for j in judges), return_exceptions=True)
        assert sorted(type(a).__name__ for a in answers) == ["RoleChange", "RoleChangeDecided"]
        assert ("finance" in await roles(people.owner)) is (n % 2 == 0)


async def test_the_same_change_waits_once_and_is_withdrawn_by_who_asked(people: People) -> None:
    change = await asked(people)
    with pytest.raises(RoleChangePending):
        await propose(
            await actor(people.second_admin), staff=people.owner.id, role="supervisor", kind="grant", reason="又"
        )
    with pytest.raises(NotFound):
        await withdraw(await actor(people.second_admin), change.id)
    await withdraw(await actor(people.admin), change.id)
    with pytest.raises(RoleChangeDecided):
        await decide(await actor(people.second_admin), change.id, approve=True)
    await asked(people)


async def test_what_is_so_already_or_unknown_is_refused(people: People) -> None:
    admin = await actor(people.admin)
    with pytest.raises(RoleNotChanged):
        await asked(people, role="clerk")
    with pytest.raises(RoleNotChanged):
        await asked(people, kind="remove", role="finance")
    with pytest.raises(UnknownRole):
        await asked(people, role="emperor")
    with pytest.raises(NotFound):
        await propose(admin, staff=uuid4(), role="clerk", kind="grant", reason="无此人")
    assert await RoleChange.all().count() == 0


async def session_roles(who: Actor) -> frozenset[str]:
    state = await sessions.state_of(UUID(who.session))
    assert state is not None
    return state.roles


async def test_an_emergency_removal_by_one_takes_effect_at_once_and_ends_what_waits(people: People) -> None:
    owner = await actor(people.owner)
    waiting = await asked(people, kind="remove", role="clerk")
    assert await session_roles(owner) == {"clerk"}
    done = await remove_at_once(await actor(people.second_admin), staff=people.owner.id, role="clerk", reason="泄密")
    assert (done.state, done.emergency) == ("done", True)
    assert await roles(people.owner) == []
    assert await session_roles(owner) == frozenset()
    assert (await RoleChange.get(id=waiting.id)).state == "refused"


async def test_the_last_admin_stays(people: People) -> None:
    await remove_at_once(await actor(people.admin), staff=people.second_admin.id, role="admin", reason="离职")
    third = await hire("third", roles=("clerk",))
    acting = Actor(third.id, "staff", frozenset({"admin"}), session=(await actor(third)).session)
    with pytest.raises(LastAdmin):
        await remove_at_once(acting, staff=people.admin.id, role="admin", reason="最后一名")
    assert await roles(people.admin) == ["admin"]
