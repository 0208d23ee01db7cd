"""What a card says, and the table of those who make one: each kind of thing in the hands of the room that has it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from chat.cards import Asked
from kit.errors import NotFound
from kit.texts import Text
from kit.web import Actor


@dataclass(frozen=True)
class Part:
    """Something to photograph or write again; `kind` material or field."""

    kind: Literal["material", "field"]
    code: str
    name: Text
    reason: str
    replaced: bool


@dataclass(frozen=True)
class Face:
    """
    A card as its thing stands now. `done`: there is nothing left to do with it. `version`: of the guide;
    `quote`: what its paragraph says, word for word. `number`: what people know the thing by.
    `at_time` and `place`: of a seat.
    """

    title: Text
    state: str | None = None
    state_text: Text | None = None
    amount_fen: int | None = None
    due_on: date | None = None
    number: str | None = None
    version: int | None = None
    paragraph: Text | None = None
    quote: Text | None = None
    at_time: datetime | None = None
    place: Text | None = None
    parts: tuple[Part, ...] = ()
    done: bool = False

    def plain(self) -> dict[str, Any]:
        """As it is stored in a message: nothing that is not there."""
        told = {name: _plain(value) for name, value in asdict(self).items() if value not in (None, ())}
        return told | {"title": self.title.model_dump()}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.model_dump()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple | list) else value


Faces = Callable[[Sequence[Asked]], Awaitable[list[Face | None]]]
OpenTo = Callable[[Actor, Sequence[str]], Awaitable[set[str]]]
ShownBy = Callable[[Actor, str], Awaitable[None]]


@dataclass(frozen=True)
class Maker:
    """
    `faces`: in one go, however many, in the order asked; None for what is not there or has no such place.
    `open_to`: of these, what the citizen may open now. `shown_by`: raises NotFound unless the staff member may see it.
    """

    faces: Faces
    open_to: OpenTo
    shown_by: ShownBy


async def everybodys(_: Actor, refs: Sequence[str]) -> set[str]:
    """What is published is open to all."""
    return set(refs)


async def anybody(_: Actor, __: str) -> None:
    """What is published may be shown by all."""


def ids_of(refs: Sequence[str]) -> dict[UUID, str]:
    """The refs that are ids, as ids are written; what is no id cannot exist."""
    return {found: ref for ref in refs if (found := _id(ref)) is not None}


def id_of(ref: str) -> UUID:
    """Raises NotFound."""
    found = _id(ref)
    if found is None:
        raise NotFound
    return found


def _id(ref: str) -> UUID | None:
    """One spelling alone, so that whoever looks for the thing finds its cards."""
    try:
        found = UUID(ref)
    except ValueError:
        return None
    return found if str(found) == ref else None
