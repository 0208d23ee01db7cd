"""
A device of a citizen or a clerk, behaving as our faces do.

It comes back to any server after a jittered wait, says what it holds without a gap, sends what was not acked again under
the same id, asks again where it sees a hole, marks what it read, and closes a line that fell silent. Everything it does
and shows goes into the history.
"""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from tests.chaos.history import History
from tests.chaos.wire import Wire, connect

FIRST_WAIT_S, LONGEST_WAIT_S = 0.4, 4.0
WELCOME_WITHIN_S = 8.0
ANSWER_WITHIN_S = 8.0
SKIPPED = (b'{"type":"receipt"', b'{"type":"typing"', b'{"type":"pong"', b'{"type":"presence"')
Frame = dict[str, Any]
CHANGED = "\0"  # begins a text that is shown as it became, not as it was said


@dataclass(slots=True)
class Outgoing:
    """
    A send, edit or recall without an ack; `kind` and `body` as everybody will be shown them. `sent_at`: of the last try,
    None while it waits for a line or for its next try.
    """

    conversation: str
    kind: str
    body: Frame
    sent_at: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How long one try waited for its ack or refusal; `code` is empty for an ack, `none` when nothing came."""

    at: float
    waited_s: float
    code: str
    device: str


@dataclass(frozen=True, slots=True)
class Return:
    """A device that lost its line and has everything again. `port`: of the server it had been with."""

    port: int
    lost_at: float
    took_s: float


class Town(Protocol):
    """What a device is given by whoever runs it."""

    history: History
    rng: random.Random
    ports: list[int]
    answers: list[Answer]
    returns: list[Return]
    codes: list[tuple[float, int, int]]

    def spawn(self, work: Any) -> None: ...

    async def fetch(self, token: str, path: str) -> Frame | None: ...


@dataclass(eq=False)
class Device:
    town: Town
    name: str
    person: str
    token: str
    desk: bool
    source: str
    tops: dict[str, int] = field(default_factory=dict)
    early: dict[str, dict[int, Frame]] = field(default_factory=dict)
    outgoing: dict[str, Outgoing] = field(default_factory=dict)
    mine: set[str] = field(default_factory=set)
    said: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=5))  # own texts, by place
    wire: Wire | None = None
    port: int = 0
    wanted: bool = False
    welcomed: bool = False
    reading: bool = True
    catching: set[str] = field(default_factory=set)
    fetching: set[str] = field(default_factory=set)
    lost_at: float | None = None
    _wait: float = FIRST_WAIT_S
    _lines: int = 0
    _sends: int = 0
    _heard_at: float = 0.0
    _beat_s: float = 25.0

    # --- coming and going

    def come(self) -> None:
        self.wanted = True
        self.town.spawn(self._dial())

    def go(self) -> None:
        """Hangs up for good."""
        self.wanted = False
        self.cut()

    async def _dial(self) -> None:
        if not self.wanted or self.wire is not None:
            return
        self._lines += 1
        self.port = self.town.rng.choice(self.town.ports)
        wire = self.wire = Wire(self, name=f"{self.name}/{self._lines}")
        self._later(WELCOME_WITHIN_S, self._unless_welcomed, wire)
        try:
            await connect(wire, self.port, source=self.source)
        except (OSError, TimeoutError):
            if self.wire is wire:
                self.wire = None
                self._come_back()

    def _unless_welcomed(self, wire: Wire) -> None:
        if self.wire is wire and not self.welcomed and wire.transport is not None:
            wire.cut()

    def _come_back(self) -> None:
        if self.wanted:
            self._later(self._wait * (0.75 + self.town.rng.random() / 2), self._dial_again)
            self._wait = min(self._wait * 2, LONGEST_WAIT_S)

    def _dial_again(self) -> None:
        if self.wanted:
            self.town.spawn(self._dial())

    def _later(self, seconds: float, call: Any, *values: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, call, *values)

    def ended(self, wire: Wire, status: int, code: int) -> None:
        self.town.codes.append((time.monotonic(), status, code))
        if wire is not self.wire:
            return
        if self.welcomed and self.lost_at is None:
            self.lost_at = time.monotonic()
        self.wire, self.welcomed = None, False
        for one in self.outgoing.values():
            one.sent_at = None
        self._come_back()

    def _beat(self, wire: Wire) -> None:
        if self.wire is not wire:
            return
        if self.reading and time.monotonic() - self._heard_at > 2.5 * self._beat_s:
            wire.cut()
            return
        wire.say(b'{"type":"ping","t":1}')
        self._later(self._beat_s, self._beat, wire)

    # --- hearing

    def heard(self, wire: Wire, text: bytes) -> None:
        self._heard_at = time.monotonic()
        if wire is self.wire and not text.startswith(SKIPPED):
            frame = orjson.loads(text)
            act = getattr(self, f"_on_{frame['type']}", None)
            if act is not None:
                act(frame)

    def connection_ready(self, wire: Wire) -> None:
        """The handshake is done: hello, with what is held without a gap."""
        for conversation in self.mine | self.tops.keys():
            since = self.tops.get(conversation, 0)
            self.town.history.note("begin", self.name, conversation, seq=since, note=wire.name)
        self._say({"type": "hello", "token": self.token, "since": self.tops, "device": "chaos"})

    def _on_welcome(self, frame: Frame) -> None:
        self.welcomed, self._wait = True, FIRST_WAIT_S
        self._beat_s = float(frame["heartbeat_s"])
        assert self.wire is not None, "frames come over a line"
        self._later(self._beat_s, self._beat, self.wire)
        self.catching = set()
        for one in frame["conversations"]:
            self._know(one)
            if not self.desk or one["state"] == "assigned":
                self.catching.add(one["id"])
        self._perhaps_caught_up()
        for client_id in list(self.outgoing):
            self._push(client_id)

    def _on_conversation(self, frame: Frame) -> None:
        self._know({**frame, "id": frame["conversation"]})

    def _know(self, one: Frame) -> None:
        """Whether this person may speak in it."""
        clerk = (one.get("clerk") or {}).get("id")
        spoken = one["state"] == "assigned" and clerk == self.person if self.desk else one["state"] != "closed"
        if one["id"] in self.mine and not spoken and self.wire is not None:  # should it come back, it begins anew
            self.town.history.note("again", self.name, one["id"], note=self.wire.name)
        (self.mine.add if spoken else self.mine.discard)(one["id"])

    def _on_offer(self, frame: Frame) -> None:
        self._say({"type": "offer_reply", "conversation": frame["conversation"], "accept": True})

    def _on_caught_up(self, frame: Frame) -> None:
        self.catching.discard(frame["conversation"])
        self._perhaps_caught_up()

    def _perhaps_caught_up(self) -> None:
        if not self.catching and self.lost_at is not None:
            self.town.returns.append(Return(self.port, self.lost_at, time.monotonic() - self.lost_at))
            self.lost_at = None

    def _on_message(self, frame: Frame) -> None:
        if frame["kind"] == "note":
            return
        assert self.wire is not None, "frames come over a line"
        conversation, client_id = frame["conversation"], frame["client_id"] or ""
        self.town.history.note(
            "told", self.name, conversation, client_id=client_id, seq=frame["seq"], note=self.wire.name
        )
        self.outgoing.pop(client_id, None)
        self._take(frame)

    def _take(self, frame: Frame) -> None:
        """Puts a message in its one place; a hole before it means that we ask for what is missing."""
        conversation, seq = frame["conversation"], frame["seq"]
        if seq <= self.tops.get(conversation, 0):
            return
        waiting = self.early.setdefault(conversation, {})
        if seq > self.tops.get(conversation, 0) + 1:
            if self.desk:  # the console keeps what came too early, the citizen's face asks for all of it again
                waiting[seq] = frame
            self.ask_again(conversation)
            return
        self._show(frame)
        while (following := waiting.pop(self.tops[conversation] + 1, None)) is not None:
            self._show(following)

    def ask_again(self, conversation: str, *, from_start: bool = False) -> None:
        if self.wire is None or conversation in self.fetching:
            return
        after = 0 if from_start else self.tops.get(conversation, 0)
        self.town.history.note("again", self.name, conversation, seq=after, note=self.wire.name)
        self._say({"type": "sync", "conversation": conversation, "after": after})

    def _show(self, frame: Frame) -> None:
        conversation, seq = frame["conversation"], frame["seq"]
        self.tops[conversation] = seq
        self.town.history.note(
            "show", self.name, conversation, client_id=frame["client_id"] or "", seq=seq, note=said_in(frame)
        )
        if self.town.rng.random() < 0.1:
            self._say({"type": "read", "conversation": conversation, "seq": seq})

    def _on_reset(self, frame: Frame) -> None:
        if frame["conversation"] not in self.fetching:
            self.fetching.add(frame["conversation"])
            self.town.spawn(self._fetch(frame["conversation"]))

    async def _fetch(self, conversation: str) -> None:
        """Page by page over HTTP, until there is no more."""
        try:
            while self.wanted:
                after = self.tops.get(conversation, 0)
                page = await self.town.fetch(
                    self.token, f"/consultations/{conversation}/messages?after={after}&limit=200"
                )
                if page is None:
                    await asyncio.sleep(0.5)
                    continue
                for message in page["items"]:
                    if message["kind"] != "note":
                        self._take(message)
                if not page["items"] or self.tops.get(conversation, 0) >= page["last_seq"]:
                    return
        finally:
            self.fetching.discard(conversation)

    def _on_goodbye(self, frame: Frame) -> None:
        self._wait = max((frame.get("retry_after_ms") or 0) / 1000, FIRST_WAIT_S)

    # --- speaking

    def speak(self, conversation: str, *, words: str = "") -> str:
        """A new send; its client id."""
        text = f"{self.name}-{self._sends + 1} {words}".strip()
        if self.welcomed and self.town.rng.random() < 0.2:
            self._say({"type": "typing", "conversation": conversation})
        return self._leave(Outgoing(conversation, "text", {"text": text}))

    def think_again(self) -> None:
        """Edits one of the last texts of its own, or takes it back."""
        if self.said:
            conversation, place = self.town.rng.choice(self.said)
            if self.town.rng.random() < 0.7:
                text = f"{self.name}-{self._sends + 1} 更正"
                self._leave(Outgoing(conversation, "edit", {"of": place, "text": text}))
            else:
                self._leave(Outgoing(conversation, "recall", {"of": place}))

    def _leave(self, one: Outgoing) -> str:
        self._sends += 1
        client_id = f"{self.name}-{self._sends}"
        note = said_in({"kind": one.kind, "body": one.body})
        self.town.history.note("invoke", self.name, one.conversation, client_id=client_id, note=note)
        self.outgoing[client_id] = one
        self._push(client_id)
        return client_id

    def _push(self, client_id: str) -> None:
        one = self.outgoing.get(client_id)
        if one is None or not self.welcomed:
            return
        frame: Frame = {"conversation": one.conversation, "client_id": client_id}
        if one.kind == "text":
            frame |= {"type": "send", "kind": "text", "body": one.body}
        else:
            frame |= {"type": one.kind, "of": one.body["of"]}
            frame |= {"body": {"text": one.body["text"]}} if one.kind == "edit" else {}
        if self._say(frame):
            one.sent_at = time.monotonic()
            self._later(ANSWER_WITHIN_S, self._unanswered, client_id, one.sent_at)

    def _unanswered(self, client_id: str, sent_at: float) -> None:
        one = self.outgoing.get(client_id)
        if one is not None and one.sent_at == sent_at:
            self.town.answers.append(Answer(time.monotonic(), ANSWER_WITHIN_S, "none", self.name))
            self._push(client_id)

    def _answered(self, one: Outgoing, code: str) -> None:
        if one.sent_at is not None:
            now = time.monotonic()
            self.town.answers.append(Answer(now, now - one.sent_at, code, self.name))
            one.sent_at = None

    def _on_ack(self, frame: Frame) -> None:
        client_id, conversation, seq = frame["client_id"], frame["conversation"], frame["seq"]
        self.town.history.note("ok", self.name, conversation, client_id=client_id, seq=seq)
        one = self.outgoing.pop(client_id, None)
        if one is not None:
            self._answered(one, "")
            if one.kind == "text":
                self.said.append((conversation, seq))
            here = {"conversation": conversation, "seq": seq, "client_id": client_id}
            self._take(here | {"kind": one.kind, "body": one.body})

    def _on_error(self, frame: Frame) -> None:
        client_id = frame.get("client_id", "")
        one = self.outgoing.get(client_id)
        if one is None:
            return
        self._answered(one, frame["code"])
        if frame["retry"]:
            self._later(0.5 + self.town.rng.random(), self._push_if_idle, client_id)
        else:
            del self.outgoing[client_id]
            self.town.history.note("refused", self.name, one.conversation, client_id=client_id, note=frame["code"])

    def _push_if_idle(self, client_id: str) -> None:
        one = self.outgoing.get(client_id)
        if one is not None and one.sent_at is None:
            self._push(client_id)

    def _say(self, frame: Frame) -> bool:
        return self.wire is not None and self.wire.say(orjson.dumps(frame))

    # --- misbehaving

    def stop_reading(self) -> None:
        self.reading = False
        if self.wire is not None and self.wire.transport is not None and not self.wire.transport.is_closing():
            self.wire.transport.pause_reading()

    def read_on(self) -> None:
        self.reading, self._heard_at = True, time.monotonic()
        if self.wire is not None and self.wire.transport is not None and not self.wire.transport.is_closing():
            self.wire.transport.resume_reading()

    def cut(self) -> None:
        if self.wire is not None and self.wire.transport is not None:
            self.wire.cut()


def said_in(frame: Frame) -> str:
    """The words of a message, of a notice its event; of a change also what it changes."""
    kind, body = frame["kind"], frame["body"]
    if kind == "system":
        return str(body["event"])
    text = str(body.get("text", ""))
    if frame.get("edited") or frame.get("recalled"):
        return CHANGED + text
    return f"{kind} {body['of']} {text}".strip() if kind in {"edit", "recall"} else text
