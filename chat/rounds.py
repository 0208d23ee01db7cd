"""
Whether somebody goes the rounds. Workers do (`chat/jobs.py`); when all of them are dead the servers notice, say so, and
one of them stands in, so that a clerk who vanished leaves nobody waiting for longer than a minute.

What tells is the row in which a worker notes that it put the round on its list, and the rounds that nobody began.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chat import jobs
from kit import db
from kit.log import logger

log = logger("chat")
LATE_S = 45.0
LOOK_S = 5.0
STAND_IN_S = 12.0  # between two rounds of a server that stands in
WATCH = f"{jobs.watch.__module__}.{jobs.watch.__qualname__}"
LAST = """
SELECT LEAST(
  (SELECT max(defer_timestamp) FROM procrastinate_periodic_defers WHERE task_name = $1),
  (SELECT min((args ->> 'timestamp')::bigint) FROM procrastinate_jobs WHERE task_name = $1 AND status = 'todo')
)
"""


@dataclass
class Rounds:
    """What one server knows of them. `now`: seconds since 1970, as the workers' rows have them."""

    now: Callable[[], float] = time.time
    go: Callable[[], Awaitable[None]] = jobs.watch
    began: float = field(init=False)
    late: bool = False
    stood_in_at: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.now()

    async def look(self) -> bool:
        """Looks whether workers go the rounds, and goes one itself when none does; whether it did."""
        last = await db.fetch_value(LAST, WATCH)
        now = self.now()
        late = now - max(float(last or 0), self.began) > LATE_S
        if late != self.late:
            self.late = late
            log.warning("rounds_missing", last=last) if late else log.info("rounds_are_back")
        if not late or now - self.stood_in_at < STAND_IN_S:
            return False
        async with db.alone("chat.rounds") as mine:
            if mine:
                self.stood_in_at = now
                await self.go()
        return mine


_here: list[Rounds] = []


def somebody_goes() -> bool:
    """Whether workers go the rounds, as far as this process knows."""
    return not any(rounds.late for rounds in _here)


@asynccontextmanager
async def watched() -> AsyncIterator[None]:
    """A server looks every few seconds, until the block ends."""
    rounds = Rounds()
    _here.append(rounds)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_looking(rounds))
        try:
            yield
        finally:
            _here.remove(rounds)
            task.cancel()


async def _looking(rounds: Rounds) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await rounds.look()
        except Exception as error:  # noqa: BLE001 - the database may be away: looked at again
            log.warning("rounds_not_seen", error=type(error).__name__)
