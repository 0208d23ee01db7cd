"""One socket of one person: what it follows, what waits to be written to it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from chat.errands import Errands
from chat.protocol import Close, CloseCode, Effect, Protocol, Reply
from chat.wire import Wire
from chat.words import Side
from kit.errors import HouseError
from kit.web import Actor

OUTBOX_FRAMES = 1_000
OUTBOX_CHARS = 512 * 1024
IN_FLIGHT = 200  # sends of one socket that are not settled yet


@dataclass(slots=True)
class Link:
    """
    A conversation this socket follows.

    `cursor`: everything up to there was handed over; the next one live is `cursor + 1`, anything above it is fetched.
    `side`: citizen or clerk; empty for a supervisor who watches. `wanted`: the highest number heard of meanwhile.
    `acked`: own messages above the cursor that this socket has an ack of already.
    """

    cursor: int
    side: str
    catching: bool = False
    wanted: int = 0
    acked: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Outgoing:
    """A frame on its way out; a message also names its place, so that it can be marked as delivered."""

    packed: str
    conversation: UUID | None = None
    seq: int = 0
    close: Close | None = None


Delivered = Callable[[UUID, int], None]


def _nobody_asks(_conversation: UUID, _seq: int) -> None:
    """Of a socket that is in no hub."""


@dataclass(eq=False, slots=True)
class Session:
    """`wire` takes frames at once; what it cannot take yet waits in the outbox for the writing task."""

    protocol: Protocol
    wire: Wire
    delivered: Delivered = _nobody_asks
    opened_at: float = field(default_factory=time.monotonic)
    actor: Actor | None = None
    token: str = ""
    reader: str = ""  # "citizen:UUID", made once: every message asks for it
    name: str = ""
    department: str | None = None
    welcomed: bool = False
    links: dict[UUID, Link] = field(default_factory=dict)
    stirred: set[UUID] = field(default_factory=set)
    early: list[str] | None = None  # told before the welcome, which comes first
    outbox: deque[Outgoing] = field(default_factory=deque)
    waiting_chars: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: float | None = None
    unsettled: set[str | None] = field(default_factory=set)  # client_ids of sends under way
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    errands: Errands = field(default_factory=Errands)

    @property
    def who(self) -> Actor:
        assert self.actor is not None, "nobody has said hello yet"
        return self.actor

    @property
    def side(self) -> Side:
        return "citizen" if self.who.kind == "citizen" else "clerk"

    @property
    def at_desk(self) -> bool:
        """Staff who take conversations, or watch over those who do."""
        return self.who.kind == "staff" and bool(self.who.roles & {"clerk", "supervisor"})

    def say(self, frame: dict[str, Any]) -> None:
        self.put(packed(frame))

    def tell(self, text: str) -> None:
        """What happens in a conversation the socket follows; before it is welcomed that waits."""
        if self.welcomed:
            self.put(text)
        elif self.early is None:
            self.early = [text]
        elif len(self.early) < OUTBOX_FRAMES:
            self.early.append(text)

    def welcome(self, frame: dict[str, Any]) -> None:
        """The first frame of ours, and then what was told meanwhile."""
        self.say(frame)
        self.protocol.welcomed()
        self.welcomed = True
        early, self.early = self.early, None
        for text in early or ():
            self.put(text)

    def put(self, text: str, *, conversation: UUID | None = None, seq: int = 0) -> None:
        """
        Writes a frame, or puts it into the outbox behind those that wait. One whose outbox is full does not read: it is
        closed, and catches up later.
        """
        if self.ended_at is not None:
            return
        if not self.outbox and self.wire.free:
            self._write(text, conversation, seq)
            return
        if len(self.outbox) >= OUTBOX_FRAMES or self.waiting_chars > OUTBOX_CHARS:
            self.end(CloseCode.slow, "slow")
            return
        self.waiting_chars += len(text)
        self.outbox.append(Outgoing(text, conversation, seq))
        self.ready.set()

    def _write(self, text: str, conversation: UUID | None, seq: int) -> None:
        try:
            taken = self.wire.write(text)
        except (
            OSError,
            RuntimeError,
        ):  # gone, or closed by the server meanwhile: the reading task hears of it and ends
            return
        if not taken:  # counted as waiting until the writing task has finished it
            self.ready.set()
        if conversation is not None:
            self.delivered(conversation, seq)

    def refuse(self, error: HouseError, **asked: Any) -> None:
        self.say(self.protocol.refusal(error, asked=asked).frame)

    def end(
        self, code: int, reason: str, *, retry_after_ms: int | None = None, because: HouseError | None = None
    ) -> None:
        """The error it ends with, goodbye and close; what still waited is left for the next time."""
        self.outbox.clear()
        self.waiting_chars = 0
        if because is not None:
            self.refuse(because)
        self.carry(self.protocol.close(code, reason, retry_after_ms=retry_after_ms))

    def carry(self, effects: list[Effect]) -> None:
        """Replies go into the outbox; after a close nothing more does."""
        for effect in effects:
            if isinstance(effect, Reply):
                self.put(packed(effect.frame))
            elif isinstance(effect, Close) and self.ended_at is None:
                self.ended_at = time.monotonic()
                self.outbox.append(Outgoing("", close=effect))
                self.ready.set()

    def next_out(self) -> Outgoing | None:
        """Takes the next frame out of the outbox."""
        if not self.outbox:
            self.ready.clear()
            self.drained.set()
            return None
        out = self.outbox.popleft()
        self.waiting_chars -= len(out.packed)
        return out

    def resume(self, out: Outgoing) -> None:
        """Writes what waited."""
        self._write(out.packed, out.conversation, out.seq)

    async def room(self) -> None:
        """Waits until the outbox was emptied, so that catching up never fills it."""
        while len(self.outbox) > OUTBOX_FRAMES // 4 or self.waiting_chars > OUTBOX_CHARS // 2:
            self.drained.clear()
            await self.drained.wait()

    def abandon(self) -> None:
        """The peer takes nothing at all: its tasks end without a last word."""
        self.errands.cancel()
        for task in self.tasks:
            task.cancel()


def packed(frame: dict[str, Any]) -> str:
    return orjson.dumps(frame, default=str).decode()
