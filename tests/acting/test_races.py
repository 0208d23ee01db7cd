"""Revoked between the look and the write: refused. Both sides at once: one order, and the log says which."""

from typing import Any

import anyio
import pytest

from auth.acting import mandates
from auth.acting.models import Mandate
from auth.acting.standing import standing_for
from kit import config, db
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.applications.models import Application
from mobileapi.settings import OfficeSettings
from tests.acting.conftest import Town
from tests.acting.test_family import begun
from tests.acting.wishes import acted, ended, mandate_for_mother
from tests.applications.office import key

pytestmark = pytest.mark.anyio
ROUNDS = 100


def citizen(who: Any) -> Actor:
    return Actor(who, "citizen", frozenset({"citizen"}))


async def test_revocation_waits_for_an_act_that_has_looked_and_refuses_every_later_one(town: Town) -> None:
    mandate = await mandate_for_mother(town)
    mother, child = citizen(town.people.mother.id), citizen(town.people.child.id)
    looked, order = anyio.Event(), []

    async def act() -> None:
        async with db.transaction():
            await standing_for(child, mother.id, doing="file")
            looked.set()
            await _revocation_waits()
            await standing_for(child, mother.id, doing="file")
            order.append("acted")

    async def revoke() -> None:
        await looked.wait()
        await mandates.revoke(mother, (await Mandate.get(id=mandate["id"])).id)
        order.append("revoked")

    async with anyio.create_task_group() as group:
        group.start_soon(act)
        group.start_soon(revoke)
    assert order == ["acted", "revoked"]
    with pytest.raises(NotFound):
        await standing_for(child, mother.id, doing="file")


async def _revocation_waits() -> None:
    """Until another backend waits for a lock of ours; seen from outside this transaction."""
    with anyio.fail_after(10):
        while not await db.fetch_value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await anyio.sleep(0)


async def test_revoked_between_look_and_write_nothing_is_written_in_a_hundred_rounds(town: Town) -> None:
    """Each round: a withdrawal and the revocation of its mandate race; the audit chain tells who came first."""
    config.install(config.current(OfficeSettings).model_copy(update={"open_asks": ROUNDS}))
    mother, child = town.people.mother, town.people.child
    http, hers = await town.citizen(child), await town.citizen(mother)
    outcomes = {"acted": 0, "refused": 0}
    for _ in range(ROUNDS):
        mandate = await mandate_for_mother(town)
        draft = (await begun(http, mother.id)).json()
        answers: dict[str, int] = {}

        async def withdraw(draft: Any = draft, answers: dict[str, int] = answers) -> None:
            url = f"/api/v1/applications/{draft['id']}/withdrawal"
            answers["withdraw"] = (await http.post(url, json={}, headers=key())).status_code

        async def revoke(mandate: Any = mandate, answers: dict[str, int] = answers) -> None:
            answers["revoke"] = (await acted(hers, mandate, "revoke")).status_code

        async with anyio.create_task_group() as group:
            group.start_soon(withdraw)
            group.start_soon(revoke)
        assert answers["revoke"] == 200
        rows = await db.fetch(
            "SELECT seq, action FROM kit_audit WHERE subject = ANY($1::text[]) AND action = ANY($2::text[]) ORDER BY seq",
            [f"application:{draft['id']}", f"mandate:{mandate['id']}"], ["case.withdrawn", "mandate.revoked"],
        )  # fmt: skip
        state = (await Application.get(id=draft["id"])).state
        if answers["withdraw"] == 200:
            assert [r["action"] for r in rows] == ["case.withdrawn", "mandate.revoked"]
            assert state == "withdrawn"
            outcomes["acted"] += 1
        else:
            assert (answers["withdraw"], [r["action"] for r in rows], state) == (404, ["mandate.revoked"], "draft")
            await hers.post(f"/api/v1/applications/{draft['id']}/withdrawal", json={}, headers=key())
            outcomes["refused"] += 1
    assert sum(outcomes.values()) == ROUNDS


async def test_two_answers_at_once_are_one(town: Town) -> None:
    from tests.acting.wishes import asked

    mandate = await asked(town)
    hers = await town.citizen(town.people.mother)
    codes: list[tuple[str, int]] = []

    async def answer(action: str) -> None:
        codes.append((action, (await acted(hers, mandate, action)).status_code))

    async with anyio.create_task_group() as group:
        for action in ("accept", "refuse", "revoke"):
            group.start_soon(answer, action)
    final = (await Mandate.get(id=mandate["id"])).state
    assert final in {"refused", "revoked"}
    assert sorted(code for _, code in codes) in ([200, 200, 409], [200, 409, 409])


async def test_database_refuses_a_move_the_graph_does_not_have(town: Town) -> None:
    mandate = await mandate_for_mother(town)
    await ended(town, mandate)
    with pytest.raises(Exception, match="does not move"):
        await db.execute("UPDATE acting_mandate SET state = 'active' WHERE id = $1::uuid", mandate["id"])
    assert (await Mandate.get(id=mandate["id"])).state == "revoked"
