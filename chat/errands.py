"""
What a socket asked for that the database is asked about: carried out in order by one task of the socket, which is there
only as long as something waits. What needs no question goes ahead of it (`chat/socket.py`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chat.frames import ClientFrame, Edit, OfferReply, Recall, SendCard, SendImage, SendNote, SendText
from chat.protocol import Reply
from kit.errors import TooMany

MOST = 200  # frames of one socket that wait; more are refused
SENDS = (SendText, SendImage, SendCard, SendNote, Edit, Recall)


@dataclass(frozen=True, slots=True)
class Errand:
    frame: ClientFrame | Reply
    since: float


@dataclass(slots=True)
class Errands:
    """`under_way` is carried out now, `waiting` after it. A pong waits its turn: all before is answered."""

    waiting: list[Errand] = field(default_factory=list)
    under_way: Errand | None = None
    task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        return self.task is not None

    def add(
        self,
        frame: ClientFrame | Reply,
        *,
        group: asyncio.TaskGroup,
        carry_out: Callable[[ClientFrame | Reply], Awaitable[None]],
    ) -> None:
        """Raises TooMany when too many wait."""
        if len(self.waiting) >= MOST:
            raise TooMany(1)
        self.waiting.append(Errand(frame, time.monotonic()))
        if self.task is None:
            self.task = group.create_task(self._run(carry_out))

    async def _run(self, carry_out: Callable[[ClientFrame | Reply], Awaitable[None]]) -> None:
        try:
            while self.waiting:
                self.under_way = self.waiting.pop(0)
                await carry_out(self.under_way.frame)
        finally:
            self.under_way = self.task = None

    def hold_up(self, frame: SendText | Edit | Recall) -> bool:
        """
        Whether something asked before must come first: what was said there before is stored before, and who accepts an
        offer and writes at once has the conversation when the words are judged.
        """
        if not self.busy:
            return False
        before = [errand.frame for errand in (self.under_way, *self.waiting) if errand is not None]
        return any(isinstance(f, (*SENDS, OfferReply)) and f.conversation == frame.conversation for f in before)

    def overdue(self, longest_s: float, *, now: float) -> list[ClientFrame]:
        """Takes out the sends that wait longer than that."""
        if not self.waiting:
            return []
        late = [e for e in self.waiting if isinstance(e.frame, SENDS) and now - e.since > longest_s]
        self.waiting = [e for e in self.waiting if e not in late]
        return [errand.frame for errand in late if not isinstance(errand.frame, Reply)]

    def cancel(self) -> None:
        self.waiting.clear()
        if self.task is not None:
            self.task.cancel()
