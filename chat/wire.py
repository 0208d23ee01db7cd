"""
A socket's way out, without a task switch as long as its peer reads.

The server's `send` is a coroutine that waits only when the peer's buffers are full. To hand every frame to a task of
its own would cost as much as packing it; so the coroutine is begun where the frame is made, as eager tasks of Python
3.12 are, and only one that has to wait is left for the writing task to finish.
"""

import time
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

Send = Callable[[dict[str, Any]], Any]  # ASGI's; every server's is a coroutine function


class Wire:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._rest: tuple[Coroutine[Any, Any, None], Any] | None = None
        self.stalled_at: float | None = None  # monotonic: since when the peer takes nothing

    @property
    def free(self) -> bool:
        return self._rest is None

    def write(self, text: str) -> bool:
        """
        True when the frame is on its way; False when that has to wait: nothing may be written before `finish`.

        Raises: OSError when the peer is gone, RuntimeError when the server has closed the socket.
        """
        step: Coroutine[Any, Any, None] = self._send({"type": "websocket.send", "text": text})
        try:
            waits_for = step.send(None)
        except StopIteration:
            return True
        self._rest, self.stalled_at = (step, waits_for), time.monotonic()
        return False

    async def finish(self) -> None:
        """Waits until the peer has taken the frame that had to wait."""
        if self._rest is None:
            return
        step, waits_for = self._rest
        try:
            await _rest_of(step, waits_for)
        finally:
            self._rest = self.stalled_at = None


@types.coroutine
def _rest_of(step: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Goes on with a coroutine that was begun elsewhere: what it waits for is handed to the task that runs us."""
    go_on: Callable[[], Any]
    while True:
        try:
            got = yield waits_for
            go_on = partial(step.send, got)
        except BaseException as error:  # noqa: BLE001 - a cancellation is the coroutine's as well
            go_on = partial(step.throw, error)
        try:
            waits_for = go_on()
        except StopIteration:
            return
