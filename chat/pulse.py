"""What a process does for its sockets by the clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from auth.tokens import why_ended
from chat import lines, marks, presence, stirs
from chat.config import ChatSettings
from chat.errors import NotStored, SessionEnded
from chat.frames import asked_by
from chat.hub import Hub
from chat.marks import Moved
from chat.protocol import CloseCode
from chat.session import Session
from chat.watching import REPEATED_S
from kit.config import current
from kit.log import logger

log = logger("chat")
MARKS_S = 0.4
SOCKETS_S = 0.5
PRESENCE_S = 5.0
RESYNC_S = 3.0
LINES_S = 20.0
AT_ONCE = 50
FEW_AT_ONCE = 20  # conversations with the names of who looks on
LAST_WORD_S = 10.0  # for a slow reader to take its goodbye


@asynccontextmanager
async def beating(hub: Hub) -> AsyncIterator[None]:
    """Runs all of it until the block ends."""
    settings = current(ChatSettings)
    beats: list[tuple[float, Callable[[Hub], Awaitable[None]]]] = [
        (MARKS_S, write_marks), (SOCKETS_S, look_at_sockets), (PRESENCE_S, keep_presence), (RESYNC_S, stirs.resync),
        (REPEATED_S, repeat_onlookers),
        (LINES_S, lines.tell_of_all),
        (settings.chat_session_check_s, look_at_sessions),
    ]  # fmt: skip
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_every(seconds, beat, hub)) for seconds, beat in beats]
        tasks += [group.create_task(_stir(hub)), group.create_task(_lines(hub))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _every(seconds: float, beat: Callable[[Hub], Awaitable[None]], hub: Hub) -> None:
    """A beat that fails is told of and beats again: the database may be away for a while."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await beat(hub)
        except Exception as error:  # noqa: BLE001 - whatever failed, the next beat tries again
            log.warning("beat_failed", beat=beat.__name__, error=type(error).__name__)


async def _stir(hub: Hub) -> None:
    """One after the other, so that states are told in the order in which they came about."""
    while True:
        conversation = await hub.stirring.get()
        try:
            await stirs.stir(hub, conversation)
        except Exception as error:  # noqa: BLE001 - resync finds what was missed here
            hub.versions.pop(conversation, None)
            log.warning("stir_failed", conversation=str(conversation), error=type(error).__name__)


async def _lines(hub: Hub) -> None:
    while True:
        try:
            await lines.tell_as_they_move(hub)
        except Exception as error:  # noqa: BLE001 - told again by the clock
            log.warning("lines_failed", error=type(error).__name__)


async def write_marks(hub: Hub) -> None:
    """Delivered and read marks of the last moment, in one statement, and to the other side."""
    if not hub.marks:
        return
    raised, hub.marks = hub.marks, {}
    moved = await marks.raise_marks(Moved(c, side, d, r) for (c, side), (d, r) in raised.items())
    for m in moved:
        hub.tell_receipt(m.conversation, by=m.side, delivered=m.delivered, read=m.read)
    for start in range(0, len(moved), AT_ONCE):
        part = [[str(m.conversation), m.side, m.delivered, m.read] for m in moved[start : start + AT_ONCE]]
        await hub.backplane.tell({"o": hub.id, "r": part})


async def look_at_sockets(hub: Hub) -> None:
    """Late hellos, silent peers, slow readers, sends that wait too long."""
    settings, now = current(ChatSettings), time.monotonic()
    for session in list(hub.sessions):
        session.carry(session.protocol.tick(now=now))
        stalled = session.wire.stalled_at
        stuck = stalled is not None and now - stalled > settings.chat_slow_s
        if stuck:
            session.end(CloseCode.slow, "slow")
        if session.ended_at is not None and now - session.ended_at > LAST_WORD_S:
            session.abandon()
        for frame in session.errands.overdue(settings.chat_send_s, now=now):
            session.refuse(NotStored(), **asked_by(frame))
    for pending in hub.writer.overdue(settings.chat_send_s):
        draft = pending.draft
        pending.ticket.refuse(NotStored(), client_id=draft.client_id, conversation=str(draft.conversation))


async def keep_presence(hub: Hub) -> None:
    await presence.keep(s.who.id for s in hub.sessions if s.welcomed and s.at_desk)


async def repeat_onlookers(hub: Hub) -> None:
    """Tells the other processes again who looks on here, and forgets whom a process that is gone had."""
    here = hub.onlookers.here(hub.id)
    for conversation, people in here.items():
        hub.onlookers.say(conversation, hub.id, people)
    told = [[str(conversation), people] for conversation, people in here.items()]
    for start in range(0, len(told), FEW_AT_ONCE):
        await hub.backplane.tell({"o": hub.id, "w": told[start : start + FEW_AT_ONCE]})
    for conversation in hub.onlookers.forget_the_dead():
        hub.tell_onlookers(conversation)


async def look_at_sessions(hub: Hub) -> None:
    """Who signed out, was disabled or lost a role is cut off within seconds, and so is an expired token."""
    open_ones = [s for s in hub.sessions if s.welcomed and s.ended_at is None]
    for start in range(0, len(open_ones), AT_ONCE):
        await asyncio.gather(*(_still_good(s) for s in open_ones[start : start + AT_ONCE]))


async def _still_good(session: Session) -> None:
    """The token was verified when it came in; what may have changed since is asked again."""
    reason = await why_ended(session.who)
    if reason is not None:
        session.end(CloseCode.unauthenticated, reason, because=SessionEnded())
