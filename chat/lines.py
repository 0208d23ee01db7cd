"""
Everybody who waits is told at once when the queue before them moves: one question to the database for all of a
department, whatever their number, and a frame to those only whose place or estimate is another one.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from chat import queues
from chat.hub import Hub
from chat.queues import Standing
from chat.routing import REASONS, Reason
from chat.session import Session, packed

TOGETHER_S = 0.15  # moves that come right after each other are told of once
ROUND = 10  # seconds: an estimate that changed by less is not worth a frame


async def tell_as_they_move(hub: Hub) -> None:
    """Runs as long as the hub does."""
    while True:
        await hub.line_moved.wait()
        await asyncio.sleep(TOGETHER_S)
        hub.line_moved.clear()
        moved, hub.lines = hub.lines, set()
        await tell(hub, moved)


async def tell_of_all(hub: Hub) -> None:
    """Time passes, clerks come and go: estimates change without anybody leaving."""
    if _somebody_waits_here(hub):
        await tell(hub, await queues.with_people())


async def tell(hub: Hub, departments: Iterable[str]) -> None:
    """The citizens of this process who stand in these queues."""
    wanted = set(departments)
    if not wanted or not _somebody_waits_here(hub):
        return
    standing = await queues.standings(wanted)
    for conversation in set(hub.standings) - set(standing):
        if hub.standings[conversation].department in wanted:
            del hub.standings[conversation]
    for conversation, place in standing.items():
        for session in _waiting(hub, conversation):
            if _worth_a_frame(hub.standings.get(conversation), place):
                session.put(packed(frame_of(place)))
        if conversation in hub.topics:
            hub.standings[conversation] = place


def _somebody_waits_here(hub: Hub) -> bool:
    return any(name.startswith("citizen:") for name in hub.people)


def _waiting(hub: Hub, conversation: UUID) -> list[Session]:
    return [s for s in hub.topics.get(conversation, ()) if s.side == "citizen" and s.welcomed]


def _worth_a_frame(told: Standing | None, now: Standing) -> bool:
    if told is None or told.position != now.position:
        return True
    before, after = told.estimate, now.estimate
    if before is None or after is None:
        return before != after
    return abs(before.middle - after.middle) >= ROUND


def frame_of(place: Standing) -> dict[str, object]:
    """The `conversation` frame with what has changed; the rest of the conversation is as it was."""
    reason = Reason.department_queue
    return {
        "type": "conversation", "conversation": place.conversation, "state": "queued", "clerk": None,
        "queue_position": place.position, "waits_since": place.since,
        "wait_estimate_s": place.estimate.middle if place.estimate else None,
        "wait_range_s": [place.estimate.low, place.estimate.high] if place.estimate else None,
        "due_at": None, "reason": {"code": reason, "text": REASONS[reason].model_dump()},
    }  # fmt: skip
