"""
The group writer: all sends that arrive while one commit is under way share the next, one statement and one commit.

It owns a connection of its own, so that no send waits for the pool or pays for its reset. There is no timer: a lonely
message is written at once. What it cannot store within the time is refused as not stored; the client sends it again
with the same client_id and gets the first ack should it have been stored after all.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import asyncpg

from chat.changes import KINDS
from chat.messages import APPEND, Draft, Outcome, append_values, outcomes
from chat.new_messages import APPEND_NEW, NewMessages
from kit import clock, db
from kit.log import logger

log = logger("chat")
GROUP = 400  # messages of one commit
WAITING_CAP = 20_000
T = TypeVar("T")
# What a broken connection or database may raise; asyncpg's own confusion after a cut comes as InternalClientError.
TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(slots=True)
class Pending(Generic[T]):
    """A send and whom to tell of it. `given_up`: its sender was told that it is not known to be stored."""

    draft: Draft
    ticket: T
    since: float = field(default_factory=time.monotonic)
    given_up: bool = False


Settled = Callable[[Pending[T], Outcome | None], None]


class Writer(Generic[T]):
    def __init__(
        self, url: str, *, origin: str | None, settled: Settled[T], group_settled: Callable[[], None] = lambda: None
    ) -> None:
        """
        `settled(pending, outcome)` is called right after the commit, None meaning not known to be stored;
        `group_settled()` when all of a group were.
        """
        self._url, self._origin, self._settled, self._group_settled = url, origin, settled, group_settled
        self._waiting: list[Pending[T]] = []
        self._under_way: list[Pending[T]] = []
        self._some = asyncio.Event()
        self._connection: asyncpg.Connection | None = None

    def submit(self, pending: Pending[T]) -> bool:
        """Takes a send; False when too many wait already."""
        if len(self._waiting) >= WAITING_CAP:
            return False
        self._waiting.append(pending)
        self._some.set()
        return True

    async def run(self) -> None:
        """Writes until cancelled; then what is under way is still committed or refused."""
        try:
            while True:
                await self._some.wait()
                self._under_way = self._next_group()
                await self._write(self._under_way)
                self._under_way = []
                self._group_settled()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    def _next_group(self) -> list[Pending[T]]:
        """
        The longest waiting ones. A repeat of a client_id waits for the next group, and so does a second change of one
        message: it is judged by what became of the first.
        """
        group: list[Pending[T]] = []
        later: list[Pending[T]] = []
        seen: set[tuple[object, object]] = set()
        for place, pending in enumerate(self._waiting):
            if len(group) == GROUP:
                later += self._waiting[place:]
                break
            draft = pending.draft
            keys: set[tuple[object, object]] = {(draft.sender, draft.client_id)}
            if draft.kind in KINDS:
                keys.add((draft.conversation, draft.body["of"]))
            (group if seen.isdisjoint(keys) else later).append(pending)
            seen |= keys
        self._waiting = later
        if not later:
            self._some.clear()
        return group

    async def _write(self, group: list[Pending[T]]) -> None:
        try:
            if await self._simply_stored(group):
                return
            settled = await self._stored([p.draft for p in group])
        except asyncpg.UniqueViolationError:  # the same client_id was committed elsewhere meanwhile: look again
            await self._one_by_one(group)
            return
        except TROUBLE as error:
            await self._failed(group, error)
            return
        for pending, outcome in zip(group, settled, strict=True):
            self._tell(pending, outcome)

    def _tell(self, pending: Pending[T], outcome: Outcome | None) -> None:
        """One socket that cannot be told must not silence the others: what is stored is found when it comes back."""
        try:
            self._settled(pending, outcome)
        except Exception:
            log.exception("settling_failed", conversation=str(pending.draft.conversation))

    async def _simply_stored(self, group: list[Pending[T]]) -> bool:
        """The common case; False when anything about the group is not that simple, and nothing of it is stored yet."""
        if any(p.draft.kind in KINDS or p.draft.sender is None for p in group):
            return False
        ordered = sorted(group, key=lambda p: p.draft.conversation.int)  # as every group locks its conversations
        new = NewMessages([p.draft for p in ordered], at=clock.now())
        if not new.fit:
            return False
        connection = await self._connected()
        try:
            tops: list[int] = await connection.fetchval(APPEND_NEW, *new.values(origin=self._origin))
        except (asyncpg.NoDataFoundError, asyncpg.UniqueViolationError):
            return False
        for pending, outcome in zip(ordered, new.outcomes(tops), strict=True):
            self._tell(pending, outcome)
        return True

    async def _stored(self, drafts: list[Draft]) -> list[Outcome]:
        connection = await self._connected()
        return outcomes(await connection.fetch(APPEND, *append_values(drafts, origin=self._origin)))

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                **db.credentials(self._url), timeout=2, command_timeout=10,
                server_settings={"synchronous_commit": "on", "application_name": "handheld-chat-writer"},
            )  # fmt: skip
        return self._connection

    async def _one_by_one(self, group: list[Pending[T]]) -> None:
        for pending in group:
            outcome: Outcome | None = None
            for _ in range(3):
                try:
                    outcome = (await self._stored([pending.draft]))[0]
                    break
                except asyncpg.UniqueViolationError:
                    continue
                except TROUBLE:
                    log.exception("message_not_stored", conversation=str(pending.draft.conversation))
                    break
            self._tell(pending, outcome)

    async def _failed(self, group: list[Pending[T]], error: Exception) -> None:
        """One bad message must not take its neighbours with it; a database out of reach refuses all of them."""
        log.warning("group_not_stored", size=len(group), error=type(error).__name__)
        if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError) and len(group) > 1:
            await self._one_by_one(group)
            return
        for pending in group:
            self._tell(pending, None)
        if self._connection is not None and not isinstance(error, asyncpg.DataError):
            self._connection.terminate()
            self._connection = None
            await asyncio.sleep(0.2)

    def overdue(self, longest_s: float) -> list[Pending[T]]:
        """Sends that wait longer than that, each told of once."""
        now = time.monotonic()
        late = [p for p in (*self._under_way, *self._waiting) if not p.given_up and now - p.since > longest_s]
        for pending in late:
            pending.given_up = True
        return late
