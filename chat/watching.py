"""
Who looks on: staff who follow a conversation that is in somebody else's hands. Whoever has it sees their names.

Every process tells the others whom it has; what it does not repeat within a minute is forgotten, so that a process that
died leaves nobody looking on for ever. Nothing of it is stored: each look is in the audit log already.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

REPEATED_S = 20.0
FORGOTTEN_S = 60.0
People = tuple[tuple[str, str], ...]  # (staff id, name), in order


@dataclass
class Onlookers:
    """By conversation and process."""

    now: Callable[[], float] = time.monotonic
    _known: dict[UUID, dict[str, tuple[People, float]]] = field(default_factory=dict)

    def say(self, conversation: UUID, origin: str, people: People) -> bool:
        """Whom a process has there now; whether that changed who looks on."""
        before = self.of(conversation)
        by_process = self._known.setdefault(conversation, {})
        if people:
            by_process[origin] = (people, self.now())
        else:
            by_process.pop(origin, None)
        if not by_process:
            del self._known[conversation]
        return self.of(conversation) != before

    def of(self, conversation: UUID) -> People:
        oldest = self.now() - FORGOTTEN_S
        told = [people for people, at in self._known.get(conversation, {}).values() if at > oldest]
        return tuple(sorted({one for people in told for one in people}))

    def here(self, origin: str) -> dict[UUID, People]:
        """What one process has told of."""
        return {talk: by[origin][0] for talk, by in self._known.items() if origin in by}

    def forget_the_dead(self) -> list[UUID]:
        """Conversations some process has stopped speaking of."""
        oldest = self.now() - FORGOTTEN_S
        stale = {talk: [origin for origin, (_, at) in by.items() if at <= oldest] for talk, by in self._known.items()}
        for talk, origins in stale.items():
            for origin in origins:
                del self._known[talk][origin]
            if not self._known[talk]:
                del self._known[talk]
        return [talk for talk, origins in stale.items() if origins]


def frame(conversation: UUID, people: People) -> dict[str, Any]:
    return {"type": "watching", "conversation": conversation, "by": [{"id": one, "name": name} for one, name in people]}
