"""A server with one step broken on purpose is found out by the history; the same server unbroken is not."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from chat.hub import Hub
from chat.messages import APPEND, Draft, Outcome, append_values, outcomes
from chat.session import Session
from tests.chaos.checker import Verdict, judge
from tests.chaos.crowd import Crowd, Ledger, Size, settled
from tests.chat.office import counter

pytestmark = pytest.mark.anyio
FEW = Size(conversations=8, second_phones=4, second_desks=2, per_s=40)


class Break:
    """One step of reading what was missed goes wrong: `shift` is added to where it begins. 0 breaks nothing."""

    def __init__(self, shift: int) -> None:
        self.shift, self.hubs, self.rng = shift, list[Hub](), random.Random(7)

    async def __call__(self, point: str) -> None:
        if point != "before rows are read" or not self.shift:
            return
        for hub in self.hubs:
            for session in hub.sessions:
                for link in session.links.values():
                    if link.catching and link.cursor > 1 and self.rng.random() < 0.3:
                        link.cursor += self.shift


def hasty(hub: Hub) -> None:
    """Sends are acked, and now and then not committed after all."""
    rng, writer = random.Random(7), hub.writer

    async def stored(drafts: list[Draft]) -> list[Outcome]:
        connection = await writer._connected()
        work = connection.transaction()
        await work.start()
        told = outcomes(await connection.fetch(APPEND, *append_values(drafts, origin=None)))
        await (work.rollback() if rng.random() < 0.2 else work.commit())
        return told

    async def never(_: object) -> bool:
        return False

    writer._stored = stored  # type: ignore[method-assign]
    writer._simply_stored = never  # type: ignore[method-assign,assignment] # so that everything goes the way above


def twice(hub: Hub) -> None:
    """What is live is handed over twice now and then."""
    rng, spread = random.Random(7), hub.spread

    def spread_twice(draft: Draft, outcome: Outcome, *, sender: Session | None) -> None:
        spread(draft, outcome, sender=sender)
        if rng.random() < 0.2:
            for member in hub.topics.get(draft.conversation, ()):
                member.links[draft.conversation].cursor = outcome.seq - 1
            spread(draft, outcome, sender=sender)

    hub.spread = spread_twice  # type: ignore[method-assign]


@asynccontextmanager
async def two_servers(database: str, broken: Break, plant: Callable[[Hub], None] | None) -> AsyncIterator[list[int]]:
    async with counter(database, probe=broken) as one, counter(database, probe=broken) as two:
        broken.hubs = [one.hub, two.hub]
        for hub in broken.hubs if plant else []:
            assert plant is not None
            plant(hub)
        yield [one.port, two.port]


async def judged(
    database: str, *, shift: int = 0, plant: Callable[[Hub], None] | None = None, seed: int = 1
) -> Verdict:
    """Everybody talks, is cut off, misses a word, and comes back."""
    crowd = await settled(FEW, rng=random.Random(seed))
    async with two_servers(database, Break(shift), plant) as crowd.ports:
        async with crowd.there():
            await crowd.all_welcomed()
            crowd.spawn(crowd.talk(FEW))
            await during(crowd, cut=0.5)
            crowd.talking = False
            await crowd.quiet(Ledger(), within_s=2)
            await a_word_missed(crowd)
            await crowd.quiet(Ledger(), within_s=2 if shift or plant else 10)
            rows, members = await Ledger().rows(), await Ledger().members(crowd.devices)
            latest = await Ledger().latest()
            events = list(crowd.history.events)
    return judge(events, rows, members=members, latest=latest)


async def during(crowd: Crowd, *, cut: float) -> None:
    """Three seconds of talk, with a share of all lines cut each half second."""
    for _ in range(6):
        await asyncio.sleep(0.5)
        for device in crowd.rng.sample(crowd.devices, int(len(crowd.devices) * cut)):
            device.cut()


async def a_word_missed(crowd: Crowd) -> None:
    """Every desk says one word while the phones are away."""
    for device in crowd.devices:
        if not device.desk:
            device.cut()
    for device in crowd.devices:
        if device.desk and device.mine:
            device.speak(min(device.mine))
    async with asyncio.timeout(8):
        while not all(d.welcomed for d in crowd.devices):
            await asyncio.sleep(0.05)


async def test_unbroken_servers_are_judged_clean(database: str) -> None:
    assert (await judged(database)).sentences() == []


async def test_a_message_left_out_between_reading_and_following_is_found(database: str) -> None:
    """A message must come just then; on a busy machine it may take another round."""
    for seed in (1, 2, 3):
        if (await judged(database, shift=1, seed=seed)).counts()["lost"] > 0:
            return
    pytest.fail("three rounds, and nothing was found")


async def test_a_message_given_again_to_who_has_it_is_found(database: str) -> None:
    assert (await judged(database, shift=-1)).counts()["duplicate"] > 0


async def test_an_ack_of_what_is_not_committed_is_found(database: str) -> None:
    assert (await judged(database, plant=hasty)).counts()["lost"] > 0


async def test_a_message_handed_over_twice_is_found(database: str) -> None:
    assert (await judged(database, plant=twice)).counts()["duplicate"] > 0
