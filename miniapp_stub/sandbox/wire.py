"""The line itself: JSON as the platforms write it, bounded bodies, and answers that never arrive whole."""

import json
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MAX_BODY = 1024 * 1024


class Unreadable(ValueError):
    """The body is not a JSON object in UTF-8, or is too long."""


def json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_object(raw: bytes) -> dict[str, Any]:
    """Parse a JSON object; NaN, lists and bad UTF-8 are Unreadable."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    return value


async def bounded_body(request: Request) -> bytes:
    """Read the body, at most 1 MiB of it."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            raise Unreadable("body too long")
    return bytes(received)


def json_response(value: object, status: int = 200) -> Response:
    return Response(json_bytes(value), status, media_type="application/json")


class BrokenAnswer(Response):
    """Stays silent for a while, then breaks off in the middle of an answer: the caller cannot know the outcome."""

    def __init__(self, silence_s: float) -> None:
        super().__init__()
        self.silence_s = silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        with anyio.move_on_after(self.silence_s):
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"1")]})
        # Returning without the promised byte makes the server close the connection.


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
