"""
`GET /api/v1/chat`: the socket itself. Who may open it, reading, writing, and carrying out what the protocol says.

The token is in the first frame, never in the address; cookies mean nothing here. Browsers are let in from our own
origin only; mini-programs and native clients send no Origin.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from chat import arrivals, conduct
from chat.config import ChatSettings
from chat.errands import SENDS
from chat.errors import NotStored
from chat.frames import ClientFrame, Hello, asked_by
from chat.hub import Hub
from chat.protocol import SUBPROTOCOL, Allowance, Close, CloseCode, Effect, Limits, Protocol, Reply
from chat.session import Session
from chat.wire import Wire
from kit.config import current
from kit.edge import client_address, problem_response, refusals
from kit.errors import Forbidden, HouseError, NotSignedIn, TooMany, Unavailable, Unreadable
from kit.ids import new_id
from kit.limits import LIMITED, source_of
from kit.log import logger
from kit.texts import language_of

log = logger("chat")
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
TOKEN_NAMES = {"token", "access_token", "authorization", "bearer", "jwt"}
MOST_SOURCES = 10_000
_handshakes: dict[str, Allowance] = {}


async def serve(websocket: WebSocket, hub: Hub) -> None:
    """One socket from handshake to end."""
    language = language_of(websocket.headers.get("accept-language"))
    try:
        protocol_name = admit(websocket, hub)
    except HouseError as error:
        if error.status != 429 or refusals.worth_a_line(websocket.url.path, now=time.perf_counter()):
            log.info("socket_refused", code=error.code)
        await websocket.send_denial_response(problem_response(error, language=language, request_id=str(new_id())))
        return
    await websocket.accept(subprotocol=protocol_name)
    settings = current(ChatSettings)
    limits = Limits(settings.chat_hello_s, settings.chat_heartbeat_s, settings.chat_frames_per_s)
    # Starlette's own send and receive in between would cost as much as packing a frame.
    wire = Wire(websocket._send)  # noqa: SLF001 - where Starlette keeps the ASGI callable
    session = Session(Protocol(limits, language=language, now=time.monotonic()), wire)
    hub.open(session)
    try:
        async with asyncio.TaskGroup() as group:
            session.tasks = [
                group.create_task(_until_gone(read(websocket, session, hub, group), session)),
                group.create_task(_until_gone(write(websocket, session), session)),
            ]
    finally:
        await conduct.gone(hub, session)


async def _until_gone(work: Coroutine[Any, Any, None], session: Session) -> None:
    """Reader and writer end together; a peer that is gone while we write is no error."""
    try:
        await work
    except (WebSocketDisconnect, OSError):
        return
    finally:
        session.abandon()


def admit(websocket: WebSocket, hub: Hub) -> str | None:
    """The subprotocol to speak. Raises Unavailable, TooMany, Forbidden, NotSignedIn, Unreadable."""
    if hub.draining:
        raise Unavailable
    settings, now = current(ChatSettings), time.monotonic()
    refuse_flood(source_of(client_address(websocket.scope)), a_second=settings.chat_handshakes_per_s, now=now)
    refuse_foreign_origin(websocket)
    if TOKEN_NAMES & {name.lower() for name in parse_qs(websocket.url.query, keep_blank_values=True)}:
        raise NotSignedIn  # an address is logged on its way: a token in it is not a secret any more
    offered = websocket.scope.get("subprotocols") or []
    if offered and SUBPROTOCOL not in offered:
        raise Unreadable
    return SUBPROTOCOL if offered else None


def refuse_flood(source: str, *, a_second: int, now: float) -> None:
    """New sockets of one address; those that are open are not touched. Raises TooMany."""
    if len(_handshakes) > MOST_SOURCES:
        for rested in [name for name, one in _handshakes.items() if one.rested(now)]:
            del _handshakes[rested]
        if len(_handshakes) > MOST_SOURCES:
            _handshakes.clear()  # a flood from everywhere: the memory of this process comes first
    if not _handshakes.setdefault(source, Allowance(a_second, a_second * 10, at=now)).take(now):
        LIMITED.labels("source", "/chat").inc()
        raise TooMany(1)


def refuse_foreign_origin(websocket: WebSocket) -> None:
    """The whole origin is compared, never a part of it. Raises Forbidden."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return
    settings = current(ChatSettings)
    allowed = {_origin_of(settings.public_url)} | {o.strip() for o in settings.chat_origins.split(",") if o.strip()}
    if origin in allowed:
        return
    host = websocket.headers.get("host", "")
    local = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    if settings.demo and local in LOOPBACK and origin == f"http://{host}":  # a demo is tried on whatever port is free
        return
    raise Forbidden


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def read(websocket: WebSocket, session: Session, hub: Hub, group: asyncio.TaskGroup) -> None:
    """Waits for frames and for nothing else: what a frame asks the database for is an errand of the socket's."""
    receive_next = websocket._receive  # noqa: SLF001 - as above
    while True:
        message = await receive_next()
        if message["type"] == "websocket.disconnect":
            return
        text, now = message.get("text"), time.monotonic()
        receive = session.protocol.receive
        effects = receive(text, now=now) if text is not None else session.protocol.receive_bytes(now=now)
        for effect in effects:
            take(effect, session, hub, group)


def take(effect: Effect, session: Session, hub: Hub, group: asyncio.TaskGroup) -> None:
    """What needs no question to the database is done now, without a task switch; the rest in its order."""
    if isinstance(effect, Close) or (isinstance(effect, Reply) and not session.errands.busy):
        session.carry([effect])
        return
    try:
        if not isinstance(effect, Reply) and session.welcomed and conduct.at_once(hub, session, effect):
            return
        session.errands.add(effect, group=group, carry_out=lambda frame: carry_out(frame, session, hub))
    except HouseError as error:
        session.refuse(error, **_asked(effect))
    except Exception:
        log.exception("frame_failed", frame=getattr(effect, "type", "reply"))
        session.refuse(Unavailable(), **_asked(effect))


def _asked(effect: ClientFrame | Reply) -> dict[str, str]:
    return {} if isinstance(effect, Reply) else asked_by(effect)


async def carry_out(frame: ClientFrame | Reply, session: Session, hub: Hub) -> None:
    """An errand. After the socket was sent away nothing more is carried out."""
    if session.ended_at is not None:
        return
    if isinstance(frame, Reply):
        session.carry([frame])
        return
    try:
        if isinstance(frame, Hello):
            await arrivals.receive(hub, session, frame)
        elif not session.welcomed:
            raise NotSignedIn
        else:
            await in_time(frame, conduct.carry_out(hub, session, frame))
    except HouseError as error:
        if isinstance(frame, Hello) and isinstance(error, NotSignedIn | Forbidden):
            session.end(CloseCode.unauthenticated, error.code, because=error)
        else:
            session.refuse(error, **asked_by(frame))
    except Exception:
        log.exception("frame_failed", frame=frame.type)
        if isinstance(frame, Hello):
            session.end(CloseCode.restart, "unavailable", retry_after_ms=2000, because=Unavailable())
        else:
            session.refuse(Unavailable(), **asked_by(frame))


async def in_time(frame: ClientFrame, work: Coroutine[Any, Any, None]) -> None:
    """A send that is not handed to the writer within the time of a send is refused as one it could not store."""
    if not isinstance(frame, SENDS):
        await work
        return
    try:
        async with asyncio.timeout(current(ChatSettings).chat_send_s):
            await work
    except TimeoutError:
        raise NotStored from None


async def write(websocket: WebSocket, session: Session) -> None:
    """What could not be written where it was made: frames for a peer that does not read as fast, and the last word."""
    while True:
        await session.wire.finish()
        out = session.next_out()
        if out is None:
            await session.ready.wait()
        elif out.close is not None:
            await websocket.close(out.close.code, out.close.reason)
            return
        else:
            session.resume(out)
