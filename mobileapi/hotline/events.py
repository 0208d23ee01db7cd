"""What happened to work orders."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class OrderMoved:
    """`origin` is none for a new order; a citizen is none for one the desk opened of itself."""

    order: UUID
    number: str
    kind: str
    citizen: UUID | None
    origin: str | None
    state: str
