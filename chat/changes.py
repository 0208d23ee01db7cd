"""
Edits and recalls: what a sender still may do to an own message, as an entry of the sequence.

The database judges them together with the sends (`chat_append`), so that two devices, or two processes, agree on what
came first. What is said here is how a change looks on its way and why one is refused.
"""

from typing import Any

from chat import wording
from chat.errors import (
    ClientIdConflict,
    ConversationClosed,
    MessageRecalled,
    NotChangeable,
    NotYourMessage,
    TooLateToChange,
)
from chat.frames import Edit, Recall
from chat.words import Side
from kit.errors import HouseError, NotFound

KINDS = frozenset({"edit", "recall"})

# Why `chat_append` did not store an entry; `absent` is looked at once more (chat/conduct.py).
REFUSALS: dict[str, type[HouseError]] = {
    "conflict": ClientIdConflict,
    "closed": ConversationClosed,
    "unknown": NotFound,
    "foreign": NotYourMessage,
    "recalled": MessageRecalled,
    "fixed": NotChangeable,
    "late": TooLateToChange,
}


async def body_of(change: Edit | Recall, *, by: str, side: Side) -> dict[str, Any]:
    """What is stored of a change; `by`: who makes it, as "citizen:UUID". Raises what the rules about words raise."""
    if isinstance(change, Recall):
        return {"of": change.of}
    body = await wording.said(
        change.body.text, side=side, conversation=change.conversation, by=by, mark=change.client_id,
        confirmed=change.confirmed,
    )  # fmt: skip
    return {"of": change.of, **body}
