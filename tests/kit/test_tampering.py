"""The audit chain and the ledger, tampered with behind the guards, and by the role the program runs as."""

import asyncio
import json
import os
import random
import secrets
import subprocess
import sys
from collections import Counter

import asyncpg
import pytest

from kit import anchors, audit, clock, db, storage
from mobileapi import grants
from mobileapi.settings import OfficeSettings
from tests.house import pages

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
ROWS = 40
KINDS = ("edit", "delete", "insert", "swap", "cut", "rebuild")
COLUMNS = "at, actor, action, subject, detail, request_id, previous, digest, mac"


async def a_chain() -> None:
    async with db.transaction():
        for number in range(ROWS):
            await audit.record(
                actor="staff:1", action=f"act.{number}", subject=f"thing:{number % 7}", amount_fen=number
            )
    await anchors.drop_anchor()


class Undone(Exception):
    """Takes the tampering back, so that the next one meets a whole chain."""


async def tampered(kind: str, dice: random.Random) -> int:
    """Does it as an owner of the database would, hashes mended where that makes it harder to find; where it is."""
    place = dice.randrange(2, ROWS - 1)
    await db.execute("ALTER TABLE kit_audit DISABLE TRIGGER ALL")
    if kind == "edit":
        change = dice.choice([
            "actor = 'staff:2'", "action = 'x'", "subject = 'thing:9'", "detail = '{}'::jsonb", "at = at + interval '1 s'",
            "request_id = 'r'", "digest = repeat('0', 64)", "previous = repeat('0', 64)", "mac = repeat('0', 64)", "mac = ''",
        ])  # fmt: skip
        await db.execute(f"UPDATE kit_audit SET {change} WHERE seq = $1", place)
    elif kind == "delete":
        await db.execute("DELETE FROM kit_audit WHERE seq = $1", place)
    elif kind == "insert":
        await db.execute("UPDATE kit_audit SET seq = -seq - 1 WHERE seq >= $1", place)
        await db.execute("UPDATE kit_audit SET seq = -seq WHERE seq < 0")
        await db.execute(
            f"INSERT INTO kit_audit (seq, {COLUMNS}) SELECT $1::bigint, {COLUMNS} FROM kit_audit WHERE seq = $1::bigint - 1",
            place,
        )
        await db.execute("UPDATE kit_audit_top SET last_value = last_value + 1")
    elif kind == "swap":
        await db.execute(
            "UPDATE kit_audit SET seq = CASE seq WHEN $1::bigint THEN -1 ELSE -2 END WHERE seq IN ($1::bigint, $1::bigint + 1)",
            place,
        )
        await db.execute(
            "UPDATE kit_audit SET seq = CASE seq WHEN -1 THEN $1::bigint + 1 ELSE $1::bigint END WHERE seq < 0", place
        )
    elif kind == "cut":
        await db.execute("DELETE FROM kit_audit WHERE seq >= $1", place)
        await db.execute(
            "UPDATE kit_audit_top SET last_value = $1::bigint - 1", place
        )  # whoever cuts also mends the count
    else:
        await rebuilt(place)
    return place


async def rebuilt(place: int) -> None:
    """A row forged, and every digest from there on made anew, as whoever knows the rule but not our key can."""
    await db.execute("UPDATE kit_audit SET subject = 'thing:forged' WHERE seq = $1", place)
    previous = await db.fetch_value("SELECT digest FROM kit_audit WHERE seq = $1::bigint - 1", place)
    for row in await db.fetch("SELECT * FROM kit_audit WHERE seq >= $1 ORDER BY seq", place):
        act = audit.Act(
            row["actor"], row["action"], row["subject"], json.loads(row["detail"]), row["at"], row["request_id"]
        )
        digest = audit.digest_of(row["seq"], act, previous=previous)
        await db.execute("UPDATE kit_audit SET previous = $2, digest = $3 WHERE seq = $1", row["seq"], previous, digest)
        previous = digest


async def test_a_hundred_tamperings_of_six_kinds_are_found_and_located() -> None:
    await a_chain()
    dice = random.Random(20261121)
    met: Counter[str] = Counter()
    for number in range(102):
        kind = KINDS[number % len(KINDS)]
        with pytest.raises(Undone):
            async with db.transaction():
                place = await tampered(kind, dice)
                _, broken = await anchors.proven()
                assert broken is not None, kind
                assert broken.seq == place, (kind, place, broken)
                met[kind] += 1
                raise Undone
        assert await anchors.proven() == (ROWS, None)
    print(f"{met.total()} of 102 tamperings found and located: {dict(met)}")
    assert met.total() == 102


async def test_a_chain_rebuilt_by_somebody_who_has_our_key_is_found_by_its_anchors() -> None:
    await a_chain()
    await db.execute("ALTER TABLE kit_audit DISABLE TRIGGER ALL")
    await rebuilt(20)
    for row in await db.fetch("SELECT seq, digest FROM kit_audit"):
        await db.execute("UPDATE kit_audit SET mac = $2 WHERE seq = $1", row["seq"], audit.mac_of(row["digest"]))
    assert await audit.verify() == (ROWS, None), "by itself the chain looks whole"
    held, broken = await anchors.proven()
    assert broken == audit.Broken(1, f"the chain was rebuilt, between here and row {ROWS}")
    assert held == 0


async def test_a_forged_anchor_is_told_from_ours() -> None:
    await a_chain()
    name = (await storage.names("audit/anchors"))[0]
    told = json.loads(await storage.get(name))
    await storage.put(name, json.dumps(told | {"digest": "0" * 64}).encode())
    _, broken = await anchors.proven()
    assert broken == audit.Broken(1, "the chain was rebuilt, between here and row 1"), "or the anchor was forged"


async def test_an_anchor_dropped_twice_is_one() -> None:
    assert await anchors.drop_anchor() is None
    await a_chain()
    assert (await anchors.drop_anchor()) == (await anchors.drop_anchor())
    assert len(await storage.names("audit/anchors")) == 1


async def test_two_workers_killed_over_and_over_leave_a_chain_without_gaps_and_no_act_without_its_row(
    settings: OfficeSettings, database: str
) -> None:
    """Each worker writes an act and its audit row in one transaction, as fast as 200 a second, and is killed mid-way."""
    await db.execute("CREATE TABLE act_done (id text PRIMARY KEY)")
    env = os.environ | {
        "HANDHELD_DATABASE_URL": database, "HANDHELD_DATA_DIR": str(settings.data_dir),
        "HANDHELD_INDEX_KEY": settings.index_key.get_secret_value(),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.kit.audit_traffic", "200"]

    def worker() -> subprocess.Popen[str]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=pages.ROOT)

    started = [worker() for _ in range(2)]
    try:
        for round_ in range(6):
            for one in started:  # each has acted before one of them dies
                assert one.stdout is not None
                await asyncio.to_thread(one.stdout.readline)
            victim = started[round_ % 2]
            victim.kill()
            victim.wait(10)
            assert victim.stdout is not None
            victim.stdout.close()
            started[round_ % 2] = worker()
        for one in started:
            assert one.stdout is not None
            await asyncio.to_thread(one.stdout.readline)
    finally:
        for one in started:
            one.kill()
            one.wait(10)
            assert one.stdout is not None
            one.stdout.close()
    for _ in range(200):  # what the killed ones had under way is over on the server as well
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'doomed'"
        )
        if await db.fetch_value(busy) == 0:
            break
        await asyncio.sleep(0.05)
    rows = await db.fetch_value("SELECT count(*) FROM kit_audit")
    acts = await db.fetch_value("SELECT count(*) FROM act_done")
    paired = await db.fetch_value("SELECT count(*) FROM kit_audit a JOIN act_done d ON a.subject = d.id")
    print(f"{rows} audit rows of {acts} acts by two workers, six kills")
    assert rows > 100
    assert rows == acts == paired, "no act without its row, no row without its act"
    assert await audit.verify() == (rows, None)


async def as_role(database: str, *, role: str) -> asyncpg.Connection:
    owner = db.credentials(database)
    connection = await asyncpg.connect(**owner)
    await connection.execute(f"SET SESSION AUTHORIZATION {role}")
    return connection


async def test_the_role_the_program_runs_as_cannot_change_audit_or_ledger(database: str) -> None:
    role = f"office_app_{secrets.token_hex(3)}"
    await db.execute(f"CREATE ROLE {role} LOGIN")
    guarded = await grants.grant(database, role)
    assert {
        "kit_audit",
        "payments_ledger_entry",
        "payments_posting",
        "payments_order_change",
        "applications_change",
    } <= set(guarded)
    await a_chain()
    app = await as_role(database, role=role)
    try:
        for table in guarded:
            column = await db.fetch_value(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 LIMIT 1", table
            )
            for statement in (
                f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"DROP TABLE {table}",
            ):  # fmt: skip
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await app.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("CREATE TABLE own (x int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("CREATE OR REPLACE FUNCTION kit_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT 1'")
        assert await app.fetchval("SELECT count(*) FROM kit_audit") == ROWS
    finally:
        await app.close()
    assert await anchors.proven() == (ROWS, None)


async def test_the_role_the_program_runs_as_can_do_its_work(database: str) -> None:
    """Signing in, the audit row of it, a job: everything a day needs that is not the owner's."""
    role = f"office_app_{secrets.token_hex(3)}"
    await db.execute(f"CREATE ROLE {role} LOGIN")
    await grants.grant(database, role)
    app = await as_role(database, role=role)
    try:
        async with app.transaction():
            await app.execute(
                "INSERT INTO auth_citizen (id, assurance, locale, elder_mode, created_at) "
                "VALUES (gen_random_uuid(), 'platform', 'en', false, $1)",
                clock.now(),
            )
            await app.execute("UPDATE auth_citizen SET locale = 'zh-CN'")
            digest = audit.digest_of(1, audit.Act("a", "b", "c", {}, clock.now(), ""), previous=audit.GENESIS)
            await app.execute(
                "INSERT INTO kit_audit (seq, at, actor, action, subject, detail, request_id, previous, digest) "
                "VALUES (1, $1, 'a', 'b', 'c', '{}', '', $2, $3)",
                clock.now(), audit.GENESIS, digest,
            )  # fmt: skip
            await app.execute(
                "SELECT procrastinate_defer_jobs_v1(array[row('default', 'x', 0, null, null, '{}', null)"
                "::procrastinate_job_to_defer_v1])"
            )
    finally:
        await app.close()
    assert await db.fetch_value("SELECT last_value FROM kit_audit_top") == 1


@pytest.mark.parametrize("role", ["nobody_of_that_name", "Robert'); DROP TABLE kit_audit; --", "postgres"])
async def test_a_role_that_is_not_there_or_too_powerful_is_refused(database: str, role: str) -> None:
    from kit.config import BadConfiguration

    with pytest.raises(BadConfiguration):
        await grants.grant(database, role)
