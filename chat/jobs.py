"""What runs by the clock, so that nobody is left waiting for somebody who is not there."""

from uuid import UUID

from chat import assignment, closing, dispatching, inquiries, ladder, timers
from chat.conversations import locked
from chat.states import ConversationState as S
from kit import clock, db
from kit.jobs import job


@job()
async def end_offer(*, conversation: str, version: int) -> None:
    """An offer's time is over: the next clerk is asked. Nothing happens when it was answered meanwhile."""
    async with db.transaction():
        found = await locked(UUID(conversation))
        clerk: UUID | None = found.clerk_id  # type: ignore[attr-defined]
        if found.state == S.offered and found.version == version and clerk is not None:
            await assignment.pass_on(found.id, clerk=clerk, why="offer ran out", version=version)


@job()
async def serve_queue() -> None:
    """A place became free: the longest waiting are offered to whoever has it."""
    await dispatching.dispatch()


@job(every="* * * * * */4", attempts=1)
async def look_at_queue() -> None:
    """Every four seconds: hours begin, patience ends, and nobody tells of either."""
    await dispatching.dispatch()


@job(every="* * * * * */15", attempts=1)
async def watch() -> None:
    """Every 15 seconds: vanished clerks, overdue answers, ended offers, the queue, answered inquiries."""
    now = clock.now()
    await timers.shorten_what_outlasts()
    for conversation, clerk in await assignment.with_vanished_clerks(now):
        await assignment.pass_on(conversation, clerk=clerk, why="clerk vanished")
    for conversation in await ladder.overdue_answers():
        await ladder.escalate(conversation)
    for conversation, clerk, version in await assignment.ended_offers(now):
        await assignment.pass_on(conversation, clerk=clerk, why="offer ran out", version=version)
    await dispatching.dispatch()
    await inquiries.notice_answers()


@job(every="*/10 * * * *")
async def tend() -> None:
    """Every ten minutes: inquiries that come due or are overdue, conversations that fell silent after an answer."""
    await inquiries.warn_of_due()
    await ladder.missed_dates()
    await closing.close_silent()
