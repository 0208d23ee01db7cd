"""
handheld.v1 without a socket: text in, effects out.

One `Protocol` is one socket's side of the conversation with us. It knows the order of frames, the sizes, the rate and
the clocks, and nothing of databases: what a frame asks for comes out as an effect, for the socket to carry out.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from chat.errors import FrameInvalid, FrameTooLarge, FrameUnreadable, HelloExpected
from chat.frames import FRAME_CAP, READERS, ClientFrame, Hello, Ping
from kit import strictjson
from kit.errors import HouseError, TooMany, Unreadable

SUBPROTOCOL = "handheld.v1"


class CloseCode:
    """Close codes of ours; 1009 and 1012 keep their meaning of RFC 6455 and the IANA registry."""

    too_big = 1009
    restart = 1012
    unauthenticated = 4401
    hello_late = 4408
    too_many_sockets = 4409
    silent = 4410
    flooding = 4429
    slow = 4430


class Stage(StrEnum):
    awaiting_hello = "awaiting_hello"
    checking = "checking"  # hello is in, the token is being looked at
    open = "open"
    closing = "closing"


@dataclass(frozen=True)
class Reply:
    """A frame for this client, now."""

    frame: dict[str, Any]


@dataclass(frozen=True)
class Close:
    code: int
    reason: str


Effect = Reply | Close | ClientFrame


@dataclass
class Allowance:
    """A token bucket: `rate` a second in the long run, `burst` at once."""

    rate: float
    burst: float
    left: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.burst

    def take(self, now: float) -> bool:
        self.left = min(self.burst, self.left + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def rested(self, now: float) -> bool:
        """Whether all of the burst is there again, as if nobody had ever come."""
        return self.left + (now - self.at) * self.rate >= self.burst


@dataclass
class Limits:
    """Seconds, and frames a second."""

    hello_s: float = 5.0
    heartbeat_s: float = 25.0
    frames_per_s: float = 20.0


class Protocol:
    def __init__(self, limits: Limits, *, language: str, now: float) -> None:
        self.limits, self.language = limits, language
        self.stage = Stage.awaiting_hello
        self._began = self._heard = now
        self._allowance = Allowance(limits.frames_per_s, limits.frames_per_s * 3, at=now)
        self._refused = 0

    def receive(self, raw: str, *, now: float) -> list[Effect]:
        """What one text frame asks for."""
        if self.stage is Stage.closing:
            return []
        self._heard = now
        if not self._allowance.take(now):
            return self._too_fast(raw)
        self._refused = 0
        try:
            return self._judged(read_frame(raw))
        except HouseError as error:
            return [self.refusal(error, asked=_what_it_was(raw))]

    def receive_bytes(self, *, now: float) -> list[Effect]:
        """A binary frame: there are none in this protocol."""
        self._heard = now
        return [self.refusal(FrameUnreadable())]

    def _too_fast(self, raw: str) -> list[Effect]:
        """A flood is told once a frame, and ends the socket when it goes on: ten seconds' worth of refusals."""
        self._refused += 1
        if self._refused > self.limits.frames_per_s * 10:
            return self.close(CloseCode.flooding, "flooding")
        return [self.refusal(TooMany(1), asked=_what_it_was(raw))]

    def _judged(self, frame: ClientFrame) -> list[Effect]:
        if isinstance(frame, Ping):
            return [Reply({"type": "pong", "t": frame.t})]
        if self.stage is Stage.awaiting_hello:
            if not isinstance(frame, Hello):
                raise HelloExpected
            self.stage = Stage.checking
        elif isinstance(frame, Hello):
            raise FrameInvalid
        return [frame]

    def welcomed(self) -> None:
        """The token was good."""
        self.stage = Stage.open

    def close(self, code: int, reason: str, *, retry_after_ms: int | None = None) -> list[Effect]:
        """Says goodbye, then closes; nothing is taken after it."""
        if self.stage is Stage.closing:
            return []
        self.stage = Stage.closing
        return [Reply({"type": "goodbye", "reason": reason, "retry_after_ms": retry_after_ms}), Close(code, reason)]

    def tick(self, *, now: float) -> list[Effect]:
        """What the clock asks for: hello within its time, a sign of life every other heartbeat."""
        if self.stage is Stage.awaiting_hello and now - self._began >= self.limits.hello_s:
            return self.close(CloseCode.hello_late, "hello_late")
        if self.stage is Stage.open and now - self._heard >= self.limits.heartbeat_s * 2.2:
            return self.close(CloseCode.silent, "silent")
        return []

    def refusal(self, error: HouseError, *, asked: dict[str, Any] | None = None) -> Reply:
        """The error as a frame, with what it answers to."""
        told = {"type": "error", "code": error.code, "detail": error.detail.in_language(self.language)}
        more = {"retry": error.retry, **(asked or {})}
        return Reply(told | more | {k: v for k, v in error.extra.items() if k in {"retry_after_s", "kinds"}})


def read_frame(raw: str) -> ClientFrame:
    """Raises FrameTooLarge, FrameUnreadable, FrameInvalid."""
    if len(raw) > FRAME_CAP or (len(raw) * 4 > FRAME_CAP and len(raw.encode("utf-8", "replace")) > FRAME_CAP):
        raise FrameTooLarge
    try:
        raw.encode("utf-8", "strict")
        value = strictjson.read(raw)
    except (Unreadable, UnicodeEncodeError):
        raise FrameUnreadable from None
    if not isinstance(value, dict):
        raise FrameUnreadable
    kind = value.get("type")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise FrameInvalid
    try:
        frame: ClientFrame = reader.validator.validate_python(value)
    except ValidationError:
        raise FrameInvalid from None
    return frame


def _what_it_was(raw: str) -> dict[str, Any]:
    """`client_id` and `conversation` of a refused frame, when they can be told and are harmless to repeat."""
    if len(raw) > FRAME_CAP:
        return {}
    try:
        value = strictjson.loads(raw.encode("utf-8", "replace"))
    except Unreadable:
        return {}
    if not isinstance(value, dict):
        return {}
    found: dict[str, Any] = {}
    client_id = value.get("client_id")
    if isinstance(client_id, str) and 0 < len(client_id) <= 64:
        found["client_id"] = client_id
    try:
        found["conversation"] = str(UUID(str(value.get("conversation"))))
    except ValueError:
        return found
    return found
