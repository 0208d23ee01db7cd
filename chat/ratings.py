"""
Ratings: what the citizen says of a closed conversation, once.

Which reasons there are and how long one may rate is the office's to say; it installs the judge that says it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from chat import events as chat_events
from chat.conversations import locked
from chat.errors import AlreadyRated, NotClosedYet
from chat.models import Rating
from chat.states import ConversationState as S
from chat.words import masked
from kit import clock, db, events
from kit.ids import new_id

Judge = Callable[[datetime, int, Sequence[str], str], Awaitable[str]]
_judges: list[Judge] = []


def install(judge: Judge) -> None:
    """`judge(closed_at, level, reasons, comment)` answers the comment as it is kept, or refuses the rating."""
    _judges[:] = [judge]


async def rate(id: UUID, *, level: int, reasons: Sequence[str], comment: str) -> str:  # noqa: A002 - the conversation
    """The comment as it was kept. Raises NotClosedYet, AlreadyRated, and what the judge refuses with."""
    async with db.transaction():
        conversation = await locked(id)
        if conversation.state != S.closed or conversation.closed_at is None:
            raise NotClosedYet
        if await Rating.filter(conversation_id=id).exists():
            raise AlreadyRated
        for judge in _judges:
            comment = await judge(conversation.closed_at, level, reasons, comment)
        clerk: UUID | None = conversation.clerk_id  # type: ignore[attr-defined]
        await Rating.create(
            id=new_id(), conversation_id=id, clerk=clerk, level=level, reasons=list(reasons), comment=masked(comment),
            at=clock.now(),
        )  # fmt: skip
        if level <= 2:
            await events.publish(chat_events.BadRatingGiven(id, clerk=clerk, level=level))
    return comment
