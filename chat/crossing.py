"""
What a commit means to other processes: each message's place, and its frame where all readers are shown the same.

A frame saves them the look at the rows. They use it when it is the next one for a socket; whoever is behind, or
follows a conversation only later, is given the rows as ever.
"""

from collections.abc import Iterator
from uuid import UUID

from chat.backplane import Hint

CAP = 256 * 1024  # characters of one hint


class Crossing:
    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._messages: list[tuple[str, int, str | None]] = []

    def add(self, conversation: UUID, seq: int, text: str | None) -> None:
        """`text`: the packed frame, or None when it is made for one reader."""
        self._messages.append((str(conversation), seq, text))

    def take(self) -> Iterator[Hint]:
        """The hints of everything added so far."""
        taken, self._messages = self._messages, []
        part: list[tuple[str, int, str | None]] = []
        size = 0
        for message in taken:
            part.append(message)
            size += len(message[2] or "")
            if size > CAP:
                yield {"o": self._origin, "m": part}
                part, size = [], 0
        if part:
            yield {"o": self._origin, "m": part}
