"""
Random interleavings of everybody at one or more codes, on PostgreSQL: devices that ask and guess, phones, and time.

Whatever happens, a session comes to be only for the device that holds the ticket's secret, only for the person who
scanned and confirmed, and at most once. `HANDHELD_SCAN_RUNS` says how many interleavings (200 when unset).
"""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from auth import scans, sessions
from auth.devices import Device
from auth.errors import FreshSignInRequired, ScanAlreadyUsed, ScanExpired
from auth.models import Citizen, Session
from auth.sessions import digest_of
from auth.states import ScanPurpose
from kit import clock, config, db, limits
from kit.errors import HouseError, NotFound
from kit.ids import new_id
from kit.web import Actor
from mobileapi.settings import OfficeSettings, tables
from tests.database import copy_of

RUNS = int(os.environ.get("HANDHELD_SCAN_RUNS", "200"))
# The clock runs on while a test is slow: no sum of these comes close below a limit (120 s, and 420 s of freshness).
STEPS_S = (25, 25, 25, 50, 100, 125, 300)
REFUSALS = (NotFound, ScanExpired, ScanAlreadyUsed, FreshSignInRequired)


@dataclass
class Code:
    """A ticket as the world knows it, with what was allowed to happen to it so far."""

    shown: scans.Shown
    device: str
    ends: float
    scanner: UUID | None = None
    yes: bool = False
    no: bool = False
    collected: list[UUID] = field(default_factory=list)


class World:
    """One database and one event loop under all interleavings."""

    runner: asyncio.Runner
    people: list[UUID]
    interleavings = 0
    given = 0  # sessions that asking devices got, over all of them

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)


world = World()


async def phone_of(person: UUID) -> Actor:
    opened = await sessions.open_session(kind="citizen", person=person, device="phone")
    return Actor(person, "citizen", frozenset({"citizen"}), session=str(opened.session.id))


async def sessions_of_devices() -> list[UUID]:
    return [session.id for session in await Session.exclude(device="phone")]


class Interleaving(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        clock._offset, self.time = timedelta(), 0.0
        world.run(self.begin())

    def teardown(self) -> None:
        world.interleavings += 1
        world.given += sum(len(code.collected) for code in self.codes)

    async def begin(self) -> None:
        sessions.forget_states()
        limits.forget()
        await db.execute("TRUNCATE auth_scan, auth_refresh_token, auth_session CASCADE")
        self.codes: list[Code] = []
        self.phones = [await phone_of(person) for person in world.people]
        self.signed_in_at = [0.0, 0.0]

    def code(self, number: int) -> Code:
        return self.codes[number % len(self.codes)]

    def refused(self, what: Coroutine[Any, Any, Any]) -> HouseError | None:
        """Runs a verb; the refusal, when it is one of those that are meant."""
        try:
            world.run(what)
        except REFUSALS as error:
            return error
        return None

    @precondition(lambda self: len(self.codes) < 3)
    @rule(device=st.sampled_from(["kiosk", "attacker"]))
    def a_device_asks(self, device: str) -> None:
        shown = world.run(scans.show(purpose=ScanPurpose.SIGN_IN, label=device, address=device))
        assert all(shown.ticket != c.shown.ticket and shown.secret != c.shown.secret for c in self.codes)
        self.codes.append(Code(shown, device, self.time + 120))

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2), who=st.integers(0, 1))
    def a_phone_scans(self, number: int, who: int) -> None:
        code, phone = self.code(number), self.phones[who]
        refusal = self.refused(scans.scan_by(phone, code.shown.ticket, address="p"))
        open_for = self.time < code.ends and (code.scanner in {None, phone.id}) and not (code.yes or code.no)
        assert (refusal is None) == open_for, refusal
        if refusal is None:
            code.scanner = phone.id

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2), who=st.integers(0, 1))
    def a_phone_confirms(self, number: int, who: int) -> None:
        code, phone = self.code(number), self.phones[who]
        refusal = self.refused(scans.confirm(phone, code.shown.ticket, address="p"))
        mine = code.scanner == phone.id and self.time < code.ends and not (code.yes or code.no)
        fresh = self.time - self.signed_in_at[who] < 420
        assert (refusal is None) == (mine and fresh), refusal
        code.yes = code.yes or refusal is None

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2), who=st.integers(0, 1))
    def a_phone_refuses(self, number: int, who: int) -> None:
        code, phone = self.code(number), self.phones[who]
        refusal = self.refused(scans.refuse(phone, code.shown.ticket, address="p"))
        mine = code.scanner == phone.id and self.time < code.ends and not (code.yes or code.no)
        assert (refusal is None) == mine, refusal
        code.no = code.no or refusal is None

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2))
    def the_asking_device_polls(self, number: int) -> None:
        code = self.code(number)
        found = world.run(scans.collect(code.shown.ticket, code.shown.secret, device=Device(code.device, code.device)))
        due = code.yes and not code.collected and self.time < code.ends
        assert (found.opened is not None) == due, found.state
        if found.opened is not None:
            assert (found.opened.session.person, found.opened.session.device) == (code.scanner, code.device)
            assert found.opened.session.id not in {UUID(p.session) for p in self.phones}
            code.collected.append(found.opened.session.id)

    @precondition(lambda self: self.codes)
    @rule(
        number=st.integers(0, 2), other=st.integers(0, 2),
        guess=st.sampled_from(["", "ticket", "cut", "digest", "other", "random"]),
    )  # fmt: skip
    def somebody_guesses(self, number: int, other: int, guess: str) -> None:
        code, known = self.code(number), self.code(other)
        secret = {
            "": "", "ticket": code.shown.ticket, "cut": code.shown.secret[:-1], "digest": digest_of(code.shown.secret),
            "other": known.shown.secret if known is not code else "x", "random": os.urandom(32).hex(),
        }[guess]  # fmt: skip
        refusal = self.refused(scans.collect(code.shown.ticket, secret, device=Device("attacker", "attacker")))
        assert isinstance(refusal, NotFound)

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2), polls=st.integers(2, 6))
    def the_asking_device_polls_at_once(self, number: int, polls: int) -> None:
        code = self.code(number)

        async def together() -> list[scans.Collected]:
            one = (code.shown.ticket, code.shown.secret)
            return list(
                await asyncio.gather(*(scans.collect(*one, device=Device(code.device, "k")) for _ in range(polls)))
            )

        opened = [found.opened for found in world.run(together()) if found.opened]
        assert len(opened) == int(code.yes and not code.collected and self.time < code.ends)
        code.collected += [one.session.id for one in opened]

    @precondition(lambda self: self.codes)
    @rule(number=st.integers(0, 2), who=st.integers(0, 1), steps=st.integers(1, 3))
    def the_next_steps_are_taken(self, number: int, who: int, steps: int) -> None:
        """So that random steps often begin from far along the way."""
        for _ in range(steps):
            self.next_step(number, who)

    def next_step(self, number: int, who: int) -> None:
        code = self.code(number)
        if code.scanner is None:
            self.a_phone_scans(number, who)
        elif code.yes:
            self.the_asking_device_polls(number)
        else:
            self.a_phone_confirms(number, [p.id for p in self.phones].index(code.scanner))

    @rule(seconds=st.sampled_from(STEPS_S))
    def time_passes(self, seconds: int) -> None:
        clock.move(timedelta(seconds=seconds))
        self.time += seconds

    @rule(who=st.integers(0, 1))
    def a_phone_signs_in_afresh(self, who: int) -> None:
        self.phones[who] = world.run(phone_of(world.people[who]))
        self.signed_in_at[who] = self.time

    @invariant()
    def only_asking_devices_were_given_sessions(self) -> None:
        given = [session for code in self.codes for session in code.collected]
        made = world.run(sessions_of_devices())
        assert sorted(made) == sorted(given), "one session for each consumed ticket, and no other"
        assert all(len(code.collected) <= 1 for code in self.codes)
        assert not any(code.collected and not (code.yes and code.scanner) for code in self.codes)


@pytest.fixture
def on_postgres(template_url: str, settings: OfficeSettings) -> Iterator[None]:
    """The machine is not a coroutine, so the database is opened on a loop of its own."""
    generous = {"scan_fresh_minutes": 7} | {
        "scan_polls_per_minute": 10**9,
        "scan_misses_per_minute": 10**9,
        "scans_per_minute": 10**9,
    }
    config.install(settings.model_copy(update=generous))
    with asyncio.Runner() as runner:
        world.runner = runner
        copy = copy_of(template_url)
        runner.run(db.open_database(tables(runner.run(copy.__aenter__()))))
        try:
            world.people = [runner.run(somebody()) for _ in range(2)]
            yield
        finally:
            runner.run(db.close_database())
            with suppress(StopAsyncIteration):
                runner.run(copy.__aexit__(None, None, None))


async def somebody() -> UUID:
    person = await Citizen.create(id=new_id(), assurance="platform", created_at=clock.now())
    return UUID(str(person.id))


def test_no_interleaving_gives_a_token_to_anyone_but_the_device_that_asked(on_postgres: None) -> None:
    run_state_machine_as_test(
        Interleaving,
        settings=hypothesis_settings(
            max_examples=RUNS, stateful_step_count=20, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    print(f"scans: {world.interleavings} interleavings, {world.given} sessions given, 0 to anyone else")
    assert world.interleavings >= RUNS
    assert world.given > RUNS // 20, "the way to a session is walked, too"
