"""
A coroutine stopped at its k-th suspension: the process dies there, its caller gives up, or its database goes away.

Where a program waits is where another one may see it half done. Counting those places and stopping at each of them
finds what load finds by luck.
"""

import asyncio
import os
import types
from collections.abc import Callable, Coroutine, Generator
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
KILLED = 137


class How(StrEnum):
    """What happens at the k-th place."""

    KILLED_WAITING = "killed-waiting"  # the process ends with its request on the way
    KILLED_ANSWERED = "killed-answered"  # … as soon as what it waited for is there
    CANCELLED = "cancelled"  # the caller hangs up, or a deadline passes
    DISCONNECTED = "disconnected"  # PostgreSQL ends every connection of the office
    SILENT_BEFORE = "silent-before"  # the k-th call to the channel is lost on the way there
    SILENT_AFTER = "silent-after"  # … or acted upon, and its answer lost

    @property
    def at_the_channel(self) -> bool:
        return self in {How.SILENT_BEFORE, How.SILENT_AFTER}


class Stopper:
    """Counts suspensions of what it drives; `disconnect` ends the office's connections from the server's side."""

    def __init__(self, how: How | None, k: int, *, dying: Callable[[], None], disconnect: Callable[[], None]) -> None:
        self.how, self.k, self.points = how, k, 0
        self._dying, self._disconnect = dying, disconnect

    @property
    def reached(self) -> bool:
        return self.points >= self.k

    @types.coroutine
    def drive(self, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """What `work` returns or raises; it is stopped at its k-th suspension."""
        steps = work.__await__()
        given: Any = None
        raised: BaseException | None = None
        while True:
            try:
                waits_for = steps.throw(raised) if raised is not None else steps.send(given)
            except StopIteration as done:
                result: T = done.value
                return result
            self.points += 1
            self._before_waiting()
            given, raised = None, None
            try:
                given = yield waits_for
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the driven one's
                raised = error
            if self.points == self.k and self.how is How.KILLED_ANSWERED:
                self._die()

    def _before_waiting(self) -> None:
        if self.points != self.k:
            return
        if self.how is How.KILLED_WAITING:
            self._die()
        elif self.how is How.CANCELLED:
            task = asyncio.current_task()
            assert task is not None, "only what runs in a task is cancelled"
            task.cancel()
        elif self.how is How.DISCONNECTED:
            self._disconnect()

    def _die(self) -> None:
        self._dying()
        os._exit(KILLED)
