"""
What clients did and what their devices showed, in the order it happened, by the monotonic clock of one process.

`invoke`  a send left a hand for the first time (`note` is its text)
`ok`      it was acked at `seq`
`refused` it was refused for good (`note` is the code); a refusal that asks for a repeat is only counted
`show`    the device displays a message at `seq`, after its own sorting and putting aside
`told`    a message frame came over a connection (`note`), whatever the device made of it
`begin`   a connection (`note`) said hello and that it has everything up to `seq`
`again`   a connection (`note`) asked once more, or lost sight of the conversation: from here on it may be told again

An invoked send that is neither ok nor refused is unknown: it may be there once, or not at all.
"""

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

KINDS = ("invoke", "ok", "refused", "show", "told", "begin", "again")


class Event(NamedTuple):
    """`client_id` is empty for what the office itself says."""

    at: float
    what: str
    device: str
    conversation: str
    client_id: str = ""
    seq: int = 0
    note: str = ""


class Row(NamedTuple):
    """A message as the database has it when all is quiet."""

    conversation: str
    seq: int
    client_id: str
    text: str


class History:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(self, what: str, device: str, conversation: str, **more: str | int) -> float:
        """Writes the event down; when it was."""
        at = time.monotonic()
        self.events.append(Event(at, what, device, conversation, **more))  # type: ignore[arg-type]
        return at

    def of(self, *kinds: str) -> Iterator[Event]:
        return (event for event in self.events if event.what in kinds)

    def count(self, kind: str) -> int:
        return sum(1 for _ in self.of(kind))

    def keep(self, file: Path, rows: Iterable[Row]) -> None:
        """One JSON array a line, to be looked at afterwards; the rows of the database follow the events."""
        with file.open("w") as out:
            for event in self.events:
                out.write(json.dumps(event, ensure_ascii=False) + "\n")
            for row in rows:
                out.write(json.dumps(["row", *row], ensure_ascii=False) + "\n")
