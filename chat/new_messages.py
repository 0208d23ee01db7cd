"""
The common case of a group: words and pictures nobody has stored before, into conversations that are open.

`chat_append_new` stores such a group at half of the cost of judging each message. It takes all of them or none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chat.config import ChatSettings
from chat.messages import Draft, Outcome
from kit.config import current

APPEND_NEW = "SELECT chat_append_new($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"


class NewMessages:
    """Drafts of citizens and clerks, in order of their conversations, as columns."""

    def __init__(self, drafts: Sequence[Draft], *, at: datetime) -> None:
        self._drafts, self._at = drafts, at
        self.fit = True  # False: two of one side write into one conversation, of whom at most one may
        self._talks: list[UUID] = []
        self._citizens: list[UUID | None] = []
        self._clerks: list[UUID | None] = []
        self._many: list[int] = []
        self._last_words: list[str] = []
        self._places: list[int] = []  # of each message: the conversation it belongs to, counted from 1
        self._steps: list[int] = []  # of each message: how many of the same conversation follow it
        for draft in drafts:
            self._add(draft)
        self._steps = [self._many[place - 1] - nth for place, nth in zip(self._places, self._steps, strict=True)]

    def _add(self, draft: Draft) -> None:
        if not self._talks or self._talks[-1] != draft.conversation:
            self._talks.append(draft.conversation)
            self._citizens.append(None)
            self._clerks.append(None)
            self._many.append(0)
            self._last_words.append("")
        side = self._citizens if draft.role == "citizen" else self._clerks
        self.fit = self.fit and side[-1] in {None, draft.sender}
        side[-1] = draft.sender
        self._many[-1] += 1
        self._last_words[-1] = draft.role
        self._places.append(len(self._talks))
        self._steps.append(self._many[-1])

    def values(self, *, origin: str | None) -> tuple[Any, ...]:
        """The arguments of `chat_append_new`; with an origin it tells the other processes itself."""
        settings, drafts = current(ChatSettings), self._drafts
        return (
            self._talks, self._citizens, self._clerks, self._many, self._last_words, self._places, self._steps,
            [d.role for d in drafts], [d.sender for d in drafts], [d.name for d in drafts],
            [d.client_id for d in drafts], [d.kind for d in drafts], [orjson.dumps(d.body).decode() for d in drafts],
            [d.id for d in drafts], self._at, settings.chat_answer_s, settings.chat_idle_h * 3600, origin,
        )  # fmt: skip

    def outcomes(self, tops: Sequence[int]) -> Iterator[Outcome]:
        """What became of each, from the last number of each conversation."""
        for draft, place, step in zip(self._drafts, self._places, self._steps, strict=True):
            yield Outcome("stored", draft.id, tops[place - 1] - step, self._at)
