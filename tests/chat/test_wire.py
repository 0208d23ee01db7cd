"""The way out of a socket: at once while the peer reads, in order when it does not."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from chat.protocol import Close, CloseCode, Limits, Protocol
from chat.session import Session
from chat.wire import Wire

pytestmark = pytest.mark.anyio


class Peer:
    """A server's `send`: takes frames as long as `reading` is set."""

    def __init__(self) -> None:
        self.reading = asyncio.Event()
        self.reading.set()
        self.heard: list[str] = []
        self.error: Exception | None = None

    async def send(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if self.error is not None:
            raise self.error
        self.heard.append(message["text"])


def session_to(peer: Peer) -> Session:
    return Session(Protocol(Limits(), language="zh", now=0.0), Wire(peer.send))


async def test_a_peer_that_reads_has_the_frame_before_anything_else_runs() -> None:
    peer = Peer()
    session = session_to(peer)
    session.put("1")
    session.put("2")
    assert (peer.heard, list(session.outbox), session.wire.stalled_at) == (["1", "2"], [], None)


async def test_a_frame_that_waits_is_followed_by_the_others_in_order() -> None:
    peer = Peer()
    session, marked, talk = session_to(peer), list[int](), uuid4()
    session.delivered = lambda _, seq: marked.append(seq)
    peer.reading.clear()
    for seq in (1, 2, 3):
        session.put(str(seq), conversation=talk, seq=seq)
    assert (peer.heard, len(session.outbox)) == ([], 2)
    assert session.wire.stalled_at is not None
    peer.reading.set()
    while session.outbox or not session.wire.free:
        await session.wire.finish()
        out = session.next_out()
        if out is not None:
            session.resume(out)
    assert (peer.heard, marked, session.wire.free) == (["1", "2", "3"], [1, 2, 3], True)


async def test_waiting_for_a_peer_can_be_cancelled() -> None:
    peer = Peer()
    wire = Wire(peer.send)
    peer.reading.clear()
    assert not wire.write("never")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await wire.finish()
    assert (peer.heard, wire.free) == ([], True)


async def test_what_goes_wrong_while_waiting_is_told_to_whoever_waits() -> None:
    peer = Peer()
    wire = Wire(peer.send)
    peer.reading.clear()
    wire.write("late")
    peer.error = OSError("gone")
    peer.reading.set()
    with pytest.raises(OSError, match="gone"):
        await wire.finish()


@pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("closed")])
async def test_a_peer_that_is_gone_disturbs_nobody(error: Exception) -> None:
    peer = Peer()
    peer.error = error
    session, marked = session_to(peer), list[int]()
    session.delivered = lambda _, seq: marked.append(seq)
    session.put("1", conversation=uuid4(), seq=1)
    assert (peer.heard, marked) == ([], [])


async def test_nothing_is_written_after_the_last_word() -> None:
    peer = Peer()
    session = session_to(peer)
    session.end(CloseCode.restart, "restart")
    session.put("late")
    assert [frame.partition(",")[0] for frame in peer.heard] == ['{"type":"goodbye"']
    last = session.next_out()
    assert last is not None
    assert last.close == Close(CloseCode.restart, "restart")
