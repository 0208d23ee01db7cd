"""How a call fares on the line: lost, late, twice, out of turn, or with an answer that is none."""

from collections.abc import AsyncIterator, Callable

import anyio
import anyio.lowlevel
from starlette.responses import Response, StreamingResponse

from miniapp_stub.sandbox.faults import Struck
from miniapp_stub.sandbox.wire import BrokenAnswer
from miniapp_stub.sandbox.world import World

OVERSIZED_BYTES = 100 * 1024 * 1024
BLOCK = b" " * 65536
ELSEWHERE = "http://127.0.0.1:9/elsewhere"


async def carried(
    world: World, where: str, *, struck: Struck, act: Callable[[], Response], broken: Response, busy: Response
) -> Response:
    """Let the faults have the call. `act` does what was asked; `broken` and `busy` are the platform's own words.

    Without effect: drop, timeout_before, http_500, busy, redirect. With effect: duplicate (done twice, the second
    answer counts), timeout_after, reorder, delay, and answers that are too long, slow or cut short.
    """
    if unanswered := struck.keys() & {"drop", "timeout_before"}:
        return BrokenAnswer(0 if "drop" in unanswered else struck["timeout_before"])
    if "http_500" in struck:
        return broken
    if "busy" in struck:
        return busy
    if "redirect" in struck:
        return Response(status_code=302, headers={"Location": ELSEWHERE})
    answer = act()
    if "duplicate" in struck:
        answer = act()
    if "timeout_after" in struck:
        return BrokenAnswer(struck["timeout_after"])
    await world.faults.take_turn(where, patience_s=struck.get("reorder"))
    await anyio.sleep(struck.get("delay", 0))
    return _spoilt(answer, struck=struck)


def _spoilt(answer: Response, *, struck: Struck) -> Response:
    """Answers that are no answers. The signature headers stay, as they would; an empty body cannot be spoilt."""
    content = bytes(answer.body)
    if not content:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
    if "oversized" in struck:
        return StreamingResponse(_endless(content), answer.status_code, kept)
    if "drip" in struck:
        return StreamingResponse(_drops(content, gap_s=struck["drip"]), answer.status_code, kept)
    if "truncate" in struck:
        return Response(content[: len(content) // 2], answer.status_code, kept)
    return answer


async def _endless(content: bytes) -> AsyncIterator[bytes]:
    """Lawful JSON in front of a great many blanks: only a limit on size ends the reading."""
    yield content
    for _ in range(OVERSIZED_BYTES // len(BLOCK)):
        yield BLOCK
        await anyio.lowlevel.checkpoint()


async def _drops(content: bytes, *, gap_s: float) -> AsyncIterator[bytes]:
    """A byte at a time: every single read is in time, the whole never is."""
    for place in range(len(content)):
        yield content[place : place + 1]
        await anyio.sleep(gap_s)
