"""
The sockets of this process, and what flows between them.

A socket joins a conversation before its rows are read. What is committed meanwhile only raises `wanted`, and reading
goes on until the cursor is there: between catch-up and live there is no hole, and nothing is shown twice.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

from asyncpg import Record

from chat import changes, messages, notes, watching
from chat.backplane import Backplane
from chat.config import ChatSettings
from chat.crossing import Crossing
from chat.errors import NotStored
from chat.letters import Letter
from chat.messages import Draft, Outcome
from chat.people import citizen_name
from chat.protocol import CloseCode
from chat.queues import Standing
from chat.session import Link, Session, packed
from chat.watching import Onlookers, People
from chat.writer import Pending, Writer
from kit.config import current
from kit.errors import Unavailable
from kit.ids import new_id
from kit.log import logger

log = logger("chat")
PAGE = 100
FAR_BEHIND = 300  # more than this is fetched over HTTP
Probe = Callable[[str], Awaitable[None]]
Absent = Callable[[Session, Draft], Awaitable[None]]


class Hub:
    def __init__(self, url: str, backplane: Backplane, *, probe: Probe | None = None) -> None:
        """`probe(point)` is awaited at the places where a race could hide; for tests."""
        self.id = str(new_id())
        self.backplane = backplane
        self.sessions: set[Session] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.people: dict[str, set[Session]] = defaultdict(set)
        self.departments: dict[str, set[Session]] = defaultdict(set)
        self.topics: dict[UUID, set[Session]] = defaultdict(set)
        self.versions: dict[UUID, int] = {}
        self.marks: dict[tuple[UUID, str], list[int]] = {}
        self.read_marks: dict[tuple[UUID, str], int] = {}
        self.stirring: asyncio.Queue[UUID] = asyncio.Queue()
        self.lines: set[str] = set()  # departments whose queue has moved
        self.line_moved = asyncio.Event()
        self.standings: dict[UUID, Standing] = {}  # what those who wait here were told
        self.onlookers = Onlookers()
        self.draining = False
        self.on_absent: Absent | None = None
        origin = self.id if backplane.in_database else None
        self._crossing = Crossing(self.id)
        self.writer: Writer[Session | Letter] = Writer(
            url, origin=origin, settled=self._settled, group_settled=self._group_settled
        )
        self._probe = probe
        self._group: asyncio.TaskGroup | None = None

    # --- sockets come and go

    def open(self, session: Session) -> None:
        """A socket, before anybody is known to be behind it."""
        self.sessions.add(session)
        session.delivered = lambda conversation, seq: self.raise_mark(session, conversation, delivered=seq)
        self._empty.clear()

    def enter(self, session: Session) -> None:
        """A socket whose token was good. The oldest of a person's makes room when there are too many."""
        mine = self.people[session.who.name]
        mine.add(session)
        if session.department and session.at_desk:
            self.departments[session.department].add(session)
        over = len(mine) - current(ChatSettings).chat_sockets_per_person
        for oldest in sorted(mine, key=lambda s: s.opened_at)[: max(0, over)]:
            oldest.end(CloseCode.too_many_sockets, "too_many_sockets")

    def leave(self, session: Session) -> bool:
        """The socket is gone; whether it was the person's last one here."""
        self.sessions.discard(session)
        if not self.sessions:
            self._empty.set()
        for conversation in list(session.links):
            self.unlink(session, conversation)
        if session.actor is None:
            return False
        _take_out(self.people, session.actor.name, session)
        if session.department and session.at_desk:
            _take_out(self.departments, session.department, session)
        return session.actor.name not in self.people

    def link(self, session: Session, conversation: UUID, *, cursor: int, side: str) -> Link:
        """From now on the socket is told what happens in the conversation."""
        before = session.links.get(conversation)
        link = session.links[conversation] = Link(cursor, side)
        self.topics[conversation].add(session)
        if not side or (before is not None and not before.side):
            self._onlookers_moved(conversation)
        elif session.who.kind == "staff" and (people := self.onlookers.of(conversation)):
            session.tell(packed(watching.frame(conversation, people)))
        return link

    def unlink(self, session: Session, conversation: UUID) -> None:
        link = session.links.pop(conversation, None)
        _take_out(self.topics, conversation, session)
        if link is not None and not link.side:
            self._onlookers_moved(conversation)
        if conversation not in self.topics:
            self.versions.pop(conversation, None)
            self.standings.pop(conversation, None)
            for side in ("citizen", "clerk"):
                self.read_marks.pop((conversation, side), None)

    # --- who looks on

    def _onlookers_moved(self, conversation: UUID) -> None:
        on = [m for m in self.topics.get(conversation, ()) if not m.links[conversation].side]
        people = tuple(sorted({(str(m.who.id), m.name) for m in on}))
        self.onlookers_are(conversation, self.id, people)
        if not self.draining:
            self.spawn(self.backplane.tell({"o": self.id, "w": [[str(conversation), people]]}))

    def onlookers_are(self, conversation: UUID, origin: str, people: People) -> None:
        """Whom a process has there; staff who follow the conversation are told when that is news."""
        if self.onlookers.say(conversation, origin, people):
            self.tell_onlookers(conversation)

    def tell_onlookers(self, conversation: UUID) -> None:
        text = packed(watching.frame(conversation, self.onlookers.of(conversation)))
        for member in self.topics.get(conversation, ()):
            if member.who.kind == "staff":
                member.tell(text)

    # --- messages

    def send(self, session: Session, draft: Draft) -> None:
        """Hands a checked message to the group writer. The answer is an ack after commit, or a refusal."""
        session.unsettled.add(draft.client_id)
        if not self.writer.submit(Pending(draft, session)):
            session.unsettled.discard(draft.client_id)
            session.refuse(Unavailable(), client_id=draft.client_id, conversation=str(draft.conversation))

    def _settled(self, pending: Pending[Session | Letter], outcome: Outcome | None) -> None:
        if isinstance(pending.ticket, Letter):
            self._answer(pending.ticket, pending.draft, outcome)
            return
        session, draft = pending.ticket, pending.draft
        session.unsettled.discard(draft.client_id)
        if outcome is None:
            if not pending.given_up:
                session.refuse(NotStored(), client_id=draft.client_id, conversation=str(draft.conversation))
        elif outcome.verdict == "stored":
            acknowledge(session, draft, outcome)
            self._pass_on(draft, outcome, sender=session)
        elif outcome.verdict == "repeat":
            acknowledge(session, draft, outcome)
        elif outcome.verdict == "absent" and self.on_absent is not None:
            self.spawn(self.on_absent(session, draft))
        else:
            error = changes.REFUSALS[outcome.verdict]()
            session.refuse(error, client_id=draft.client_id, conversation=str(draft.conversation))

    def _answer(self, letter: Letter, draft: Draft, outcome: Outcome | None) -> None:
        """Of a message that was posted: its sender's own sockets are told of it like everybody's."""
        if outcome is None:
            letter.refuse(NotStored())
            return
        letter.settle(outcome)
        if outcome.verdict == "stored":
            self._pass_on(draft, outcome, sender=None)

    def _pass_on(self, draft: Draft, outcome: Outcome, *, sender: Session | None) -> None:
        text = self.spread(draft, outcome, sender=sender)
        if not self.backplane.in_database:
            self._crossing.add(draft.conversation, outcome.seq, text)

    def _group_settled(self) -> None:
        for hint in self._crossing.take():
            self.spawn(self.backplane.tell(hint))

    def spread(self, draft: Draft, outcome: Outcome, *, sender: Session | None) -> str | None:
        """
        Delivers a committed message from memory to everybody here who follows the conversation. Its frame, or None for
        a picture: the links of one are made for one reader.
        """
        if draft.kind == "image":
            self._give(draft.conversation, outcome.seq, sender, lambda reader: _frame_of(draft, outcome, reader))
            return None
        text = _frame_of(draft, outcome, "")
        self._give(draft.conversation, outcome.seq, sender, lambda _: text)
        return text

    def give(self, conversation: UUID, seq: int, text: str | None) -> None:
        """A message another process has stored; without its frame it is read from the rows."""
        if text is not None:
            self._give(conversation, seq, None, lambda _: text)
            return
        for member in list(self.topics.get(conversation, ())):
            self.fetch(member, conversation, up_to=seq)

    def _give(self, conversation: UUID, seq: int, sender: Session | None, frame: Callable[[str], str]) -> None:
        for member in self.topics.get(conversation, ()):
            link = member.links[conversation]
            if link.catching or seq > link.cursor + 1:
                if member is sender:
                    link.acked.add(seq)
                self.fetch(member, conversation, up_to=seq)
            elif seq == link.cursor + 1:
                link.cursor = seq
                if member is not sender:
                    member.put(frame(member.reader), conversation=conversation, seq=seq)

    def fetch(self, session: Session, conversation: UUID, *, up_to: int) -> None:
        """There is more in the rows than this socket was given."""
        link = session.links.get(conversation)
        if link is None or up_to <= link.cursor:
            return
        link.wanted = max(link.wanted, up_to)
        if not link.catching:
            link.catching = True
            self.spawn(self.catch_up(session, conversation, announced=False))

    async def catch_up(self, session: Session, conversation: UUID, *, announced: bool = True) -> None:
        """Gives the socket everything after its cursor, in order, and leaves it live."""
        link = session.links.get(conversation)
        if link is None:
            return
        link.catching = True
        try:
            await self._read_on(session, conversation, link)
        finally:
            link.catching = False
        if announced and session.links.get(conversation) is link:
            session.say({"type": "caught_up", "conversation": str(conversation), "seq": link.cursor})

    async def _read_on(self, session: Session, conversation: UUID, link: Link) -> None:
        while session.ended_at is None:
            await self._pause("before rows are read")
            rows = await messages.after(conversation, link.cursor, limit=PAGE)
            name = await _citizen_among(rows)
            await self._pause("after rows were read")
            if session.links.get(conversation) is not link:  # left meanwhile, or begun afresh from another place
                return
            for row in rows:
                link.cursor = row["seq"]
                own = row["sender"] == session.who.id and row["client_id"] in session.unsettled
                if own or link.cursor in link.acked:  # it has, or is about to get, the ack
                    link.acked.discard(link.cursor)
                    continue
                shown = messages.shown(row, citizen_name=name, reader=session.reader)
                session.put(packed({"type": "message"} | shown), conversation=conversation, seq=link.cursor)
            if len(rows) < PAGE and link.cursor >= link.wanted:
                return
            if not rows:  # told of a number that is not there: nothing to wait for
                link.wanted = link.cursor
                return
            await session.room()

    async def _pause(self, point: str) -> None:
        if self._probe is not None:
            await self._probe(point)

    # --- marks, typing, notes

    def raise_mark(self, session: Session, conversation: UUID, *, delivered: int = 0, read: int = 0) -> None:
        """Remembered here, written together a few times a second."""
        link = session.links.get(conversation)
        if link is None or not link.side:
            return
        mark = self.marks.setdefault((conversation, link.side), [0, 0])
        mark[0], mark[1] = max(mark[0], delivered, read), max(mark[1], read)

    def tell_receipt(self, conversation: UUID, *, by: str, delivered: int, read: int) -> None:
        """To the other side always; to the own other devices when more was read."""
        known = self.read_marks.get((conversation, by), 0)
        if read > known:
            self.read_marks[(conversation, by)] = read
        frame = {"type": "receipt", "conversation": conversation, "by": by, "delivered": delivered, "read": read}
        text = packed(frame)
        for member in self.topics.get(conversation, ()):
            if read > known or member.links[conversation].side != by:
                member.tell(text)

    def tell_typing(self, conversation: UUID, *, person: str, role: str, name: str) -> None:
        frame = {"type": "typing", "conversation": str(conversation), "by": role, "name": name}
        self._to_members(conversation, frame, but=person)

    def tell_note(self, conversation: UUID, note: dict[str, Any]) -> None:
        frame = packed({"type": "message"} | note)
        for member in self.topics.get(conversation, ()):
            if member.who.kind == "staff":
                member.tell(frame)

    def _to_members(self, conversation: UUID, frame: dict[str, Any], *, but: str = "") -> None:
        text = packed(frame)
        for member in self.topics.get(conversation, ()):
            if member.who.name != but:
                member.tell(text)

    async def tell_notes_after(self, session: Session, conversation: UUID, seq: int) -> None:
        if session.who.kind == "staff":
            for row in await notes.between(conversation, after=seq, up_to=None):
                session.say({"type": "message"} | notes.shown(row))

    # --- running

    def spawn(self, work: Any) -> None:
        assert self._group is not None, "the hub is not running"
        self._group.create_task(_guarded(work))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The writer and everything spawned live in one task group; sockets are sent away before it ends."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            writer = group.create_task(self.writer.run())
            try:
                yield
            finally:
                await self.drain()
                writer.cancel()

    async def drain(self, *, within_s: float = 5.0) -> None:
        """Sends every socket away to come back in a moment, each at its own time; new ones are refused."""
        self.draining = True
        for session in list(self.sessions):
            session.end(CloseCode.restart, "restart", retry_after_ms=random.randint(200, 3000))  # noqa: S311 - jitter
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        for session in list(self.sessions):
            session.abandon()


async def _citizen_among(rows: Sequence[Record]) -> str:
    """How the citizen of these messages is called; a conversation has one."""
    sender = next((row["sender"] for row in rows if row["sender_role"] == "citizen"), None)
    return await citizen_name(sender) if sender else ""


def acknowledge(session: Session, draft: Draft, outcome: Outcome) -> None:
    """Sent after commit, never before; for a repeat it says what the first one said. What was hidden is told."""
    ack: dict[str, Any] = {
        "type": "ack", "client_id": draft.client_id, "conversation": draft.conversation, "seq": outcome.seq,
        "at": outcome.at,
    }  # fmt: skip
    if "masked" in draft.body:
        ack["body"] = draft.body
    session.say(ack)


def _frame_of(draft: Draft, outcome: Outcome, reader: str) -> str:
    return packed({"type": "message"} | messages.shown_draft(draft, outcome, reader=reader))


def _take_out(index: Any, key: Any, session: Session) -> None:
    index[key].discard(session)
    if not index[key]:
        del index[key]


async def _guarded(work: Awaitable[None]) -> None:
    """One failing task must not take the hub with it."""
    try:
        await work
    except Exception:
        log.exception("chat_task_failed")
