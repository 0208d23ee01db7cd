"""What happened to bad ratings."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class RectificationConfirmed:
    """Two people have looked; the citizen is told the result and may rate it."""

    rectification: UUID
    citizen: UUID
