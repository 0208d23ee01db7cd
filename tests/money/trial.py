"""
One trial: a flow in a process of its own that is stopped at one place, then another process that finds what is left,
lets everybody repeat what was not answered, and judges.
"""

import asyncio
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from starlette.applications import Starlette

from kit import clock, db
from payments import jobs
from payments.desk import jobs as desk_jobs
from tests.database import _create, _drop, with_name
from tests.money import flows
from tests.money.flows import Flow, Scene
from tests.money.invariants import at_windows, books_against_charges, dues, violations
from tests.money.office import Answer, Office, open_office, virtual_minutes
from tests.money.planted import plant
from tests.money.stopping import KILLED, How, Stopper
from tests.sandbox_server import SandboxServer

PATIENCE_S = 60
MOST_PARTS = 3


@dataclass(frozen=True)
class Ground:
    """What all trials of a run stand on."""

    template: str
    platform: SandboxServer
    app: Starlette


@dataclass(frozen=True)
class Outcome:
    """`points` the act had in all when it ran through; `reached` whether the stop happened; what was found wrong."""

    reached: bool
    points: int
    findings: list[str]
    charged_fen: int = 0
    dues_fen: int = 0


class Unfinished(Exception):
    """A process of a trial ended without a word; `said` is the traceback, if any."""


def run(ground: Ground, flow: Flow, *, url: str, how: How | None, k: int, phone: str) -> Outcome:
    """
    One trial in two processes, over a database where nothing else is under way. Called where no event loop runs.

    Raises Unfinished.
    """
    told = in_a_child(lambda tell: _first(ground, flow, url=url, how=how, k=k, phone=phone, tell=tell))
    ground.platform.control("/faults", method="DELETE")
    ground.platform.control("/clock", {"offset_s": 0})
    judged = in_a_child(lambda tell: _second(ground, flow, url=url, told=told, tell=tell))
    reached = how is None or told["reached"]
    return Outcome(reached, told["points"], judged["findings"], judged["charged_fen"], judged["dues_fen"])


@contextmanager
def own_database(ground: Ground, name: str) -> Iterator[str]:
    """The URL of a fresh database of this name; it is dropped afterwards."""
    server = with_name(ground.template, "postgres")
    asyncio.run(_create(server, name, template=db.credentials(ground.template)["database"]))
    try:
        yield with_name(ground.template, name)
    finally:
        asyncio.run(_drop(server, name))


Tell = Callable[[dict[str, Any]], None]


def in_a_child(work: Callable[[Tell], Coroutine[Any, Any, None]]) -> dict[str, Any]:
    """Runs `work` in a fork of this process; what it told last. Raises Unfinished when it fails or says nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silent()
        plant()
        _live(work, writing)
    os.close(writing)
    said = _heard(reading, child)
    os.close(reading)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not said or status not in {0, KILLED}:
        raise Unfinished(f"exit {status}: {said[-3000:]}")
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def _silent() -> None:
    """What the office logs while it is disturbed on purpose goes where MONEY_LOG says, or nowhere."""
    nowhere = os.open(os.environ.get("MONEY_LOG", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _live(work: Callable[[Tell], Coroutine[Any, Any, None]], writing: int) -> None:
    code = 0
    try:
        asyncio.run(work(lambda told: _write(writing, json.dumps(told, default=str))))
    except BaseException:  # noqa: BLE001 - told to the parent
        _write(writing, traceback.format_exc())
        code = 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def _write(writing: int, text: str) -> None:
    content = text.encode() + b"\n"
    while content:
        content = content[os.write(writing, content) :]


def _heard(reading: int, child: int) -> str:
    """All the child says until it ends; one that hangs is ended."""
    ends, parts = time.monotonic() + PATIENCE_S, list[bytes]()
    while True:
        ready, _, _ = select.select([reading], [], [], max(ends - time.monotonic(), 0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, os.WNOHANG)
            raise Unfinished(f"no end within {PATIENCE_S} s")
        part = os.read(reading, 65536)
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


async def _first(ground: Ground, flow: Flow, *, url: str, how: How | None, k: int, phone: str, tell: Tell) -> None:
    """Prepares the scene and acts, stopped where it is wished."""
    async with open_office(url, ground.platform, ground.app) as office:
        before = {"charged_fen": await _charged(await office.charges()), "dues_fen": await dues()}
        scene = await flow.prepare(office, phone)

        def say() -> None:
            there = how is not None and (how.at_the_channel or stopper.reached)
            tell(
                before | {"scene": scene, "points": stopper.points, "reached": there, "answered": office.answer.status}
            )

        stopper = Stopper(how, k, dying=say, disconnect=lambda: _end_connections(url))
        if how is not None and how.at_the_channel:
            await _silence(ground.platform, flow.calls[k - 1], how)
        office.answer = Answer()
        try:
            await stopper.drive(flow.act(office, scene))  # type: ignore[arg-type]
        except asyncio.CancelledError:
            assert how is How.CANCELLED, "nobody else cancels"
        except Exception:
            if how is not How.DISCONNECTED:  # then a job fails and comes again; a door has its own answer
                raise
        say()


async def _silence(platform: SandboxServer, where: str, how: How) -> None:
    kind = "timeout_before" if how is How.SILENT_BEFORE else "timeout_after"
    await platform.control_async("/faults", {"where": where, "kind": kind, "times": 1, "delay_s": 0.02})


def _end_connections(url: str) -> None:
    """As a restart of PostgreSQL does it: every connection of the office is gone, whatever it was at."""
    with psycopg.connect(db.libpq_dsn(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )


async def _second(ground: Ground, flow: Flow, *, url: str, told: dict[str, Any], tell: Tell) -> None:
    """Another process, a minute later: judges what was promised, recovers, finishes, judges the rest."""
    async with open_office(url, ground.platform, ground.app) as office:
        scene, findings = told["scene"], []
        findings += await _promised(flow, scene, answered=told["answered"])
        charged_before, due_before = told["charged_fen"], told["dues_fen"]
        clock.move(timedelta(seconds=61))
        findings += await _recover(office, flow, scene)
        findings += await _kept(flow, scene, when="in the end")
        findings += await _finish(office, scene)
        findings += await violations()
        charges = await office.charges()
        for channel in ("wechat", "alipay"):
            findings += await books_against_charges([c for c in charges if c["channel"] == channel], channel=channel)
        charged, due = await _charged(charges) - charged_before, await dues() - due_before
        if charged != due:
            findings.append(f"charged {charged} fen net, due were {due}")
        tell({"findings": findings, "charged_fen": charged, "dues_fen": due})


async def _charged(charges: list[dict[str, Any]]) -> int:
    """What people were charged, net, at channels and at windows, in fen."""
    return sum(int(charge["net_fen"]) for charge in charges) + await at_windows()


async def _kept(flow: Flow, scene: Scene, *, when: str) -> list[str]:
    kept = not flow.kept or await db.fetch_value(flow.kept, scene[flow.about])
    return [] if kept else [f"not kept {when}"]


async def _promised(flow: Flow, scene: Scene, *, answered: int | None) -> list[str]:
    """An answer that left the office before the stop was true when it left; and nobody is answered with a 500."""
    if answered == 500:
        return ["answered 500"]
    if answered is None or answered != flow.good:
        return []
    findings = await _kept(flow, scene, when="when it was answered")
    kept = {
        "create": "state = 'awaiting_payer'",
        "switch": "state = 'awaiting_payer' AND scene = 'qr'",
        "notify": "state = 'paid'",
        "surplus": "EXISTS (SELECT 1 FROM payments_refund r WHERE r.order_id = o.id)",
        "refund-notice": "EXISTS (SELECT 1 FROM payments_refund r WHERE r.order_id = o.id AND r.state = 'succeeded')",
        "ask-back": "EXISTS (SELECT 1 FROM payments_refund r WHERE r.order_id = o.id AND r.state = 'asked')",
        "agree": "EXISTS (SELECT 1 FROM payments_refund r WHERE r.order_id = o.id AND r.state = 'requested')",
    }.get(flow.name.removeprefix("alipay-"))
    if kept is None:
        return findings
    found = await db.fetch_value(f"SELECT 1 FROM payments_order o WHERE citizen_id = $1 AND {kept}", scene["citizen"])
    return findings if found else [*findings, "answered before it was kept"]


async def _recover(office: Office, flow: Flow, scene: Scene) -> list[str]:
    """Whoever got no answer repeats; the channel repeats its notices; the schedule goes on for ten minutes."""
    findings = []
    answer = await flow.act(office, scene)
    if answer is not None and answer.status not in {flow.good, 409}:
        findings.append(f"the repeated act was answered {answer.status}: {answer.body[:200]!r}")
    if flow.name.removeprefix("alipay-") in {"create", "switch"} and (answer is None or answer.status != flow.good):
        findings.append(f"the repeated act was answered {answer and answer.status}")
    await _everybody_repeats(office, scene)
    await virtual_minutes(_schedule, 1, 2, 4, 6, 8, 10)
    await _everybody_repeats(office, scene)
    first = "SELECT state FROM payments_order WHERE citizen_id = $1 ORDER BY created_at, id LIMIT 1"
    state = await db.fetch_value(first, scene["citizen"])
    if state not in flow.ends:
        findings.append(f"ten minutes later the order is {state}, not {' or '.join(sorted(map(str, flow.ends)))}")
    return findings


async def _everybody_repeats(office: Office, scene: Scene) -> None:
    for letter in await office.letters(scene["citizen"]):
        await office.notify(letter)
        await office.notify(letter)


async def _schedule() -> None:
    await jobs.ask_about_orders()
    await jobs.advance_refunds()
    await desk_jobs.carry_out_approved()


async def _finish(office: Office, scene: Scene) -> list[str]:
    """Who still owes pays now, part by part; then the bill must be paid."""
    owed = "SELECT state NOT IN ('paid', 'waived') FROM payments_bill WHERE id = $1"
    for n in range(MOST_PARTS):
        if not await db.fetch_value(owed, UUID(scene["bill"])):
            return []
        answer = await flows.create_order(office, scene, key=f"at-last-{n}")
        if answer.status != 201:
            return [f"the bill cannot be paid any more: {answer.status} {answer.body[:200]!r}"]
        await office.pay(answer.json()["id"], citizen=scene["citizen"])
        await _everybody_repeats(office, scene)
        await virtual_minutes(_schedule, 1, 2)
    return ["in the end the bill is not paid"] if await db.fetch_value(owed, UUID(scene["bill"])) else []
