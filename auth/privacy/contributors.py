"""
What every package keeps about a person, says about them, and forgets.

Each package that has rows about people hands in one `Contributor` (its `personal.py`), and the application's wiring
puts them together: export, closure, the list "who looked" and the page of what is kept are made of nothing else. A
house test asks the schema for every table that leads to a person and fails while one is in no contributor.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from auth.models import Citizen
from kit.texts import Text

AtClosure = Literal["deleted", "pseudonymised", "kept"]


@dataclass(frozen=True)
class Kept:
    """One table: what it holds of a person, why, on which ground, for how long, and what closing the account does."""

    table: str
    what: Text
    why: Text
    ground: str
    kept_for: Text
    at_closure: AtClosure


@dataclass(frozen=True)
class PersonalFile:
    name: str  # in the export
    content: bytes


@dataclass(frozen=True)
class Chapter:
    """One part of the export. `records`: plain JSON values by name."""

    code: str
    title: Text
    records: Sequence[dict[str, Any]]
    files: Sequence[PersonalFile] = ()


@dataclass(frozen=True)
class Matter:
    """Something unfinished that closing the account meets; one that blocks must be ended first."""

    code: str
    title: Text
    blocks: bool
    count: int
    link: str = ""


async def _nothing(_: Citizen) -> list[Any]:
    return []


async def _keeps(_: UUID, __: str) -> list[str]:
    return []


@dataclass(frozen=True)
class Contributor:
    """
    `about`: the chapters of the export. `matters`: what is unfinished. `subjects`: the audit subjects that are about
    the person. `forget`: deletes or pseudonymises in the open transaction, and names the stored files that go with it;
    repeating it changes nothing. `forget_purpose`: the same for what only one consent carried.
    """

    package: str
    kept: tuple[Kept, ...]
    about: Callable[[Citizen], Awaitable[list[Chapter]]]
    forget: Callable[[Citizen], Awaitable[list[str]]]
    matters: Callable[[Citizen], Awaitable[list[Matter]]] = _nothing
    subjects: Callable[[Citizen], Awaitable[list[str]]] = _nothing
    forget_purpose: Callable[[UUID, str], Awaitable[list[str]]] = _keeps


# Tables with a person's id in them that are no record about the person → why they are in no contributor.
EXEMPT: dict[str, str] = {}


@dataclass
class _Register:
    contributors: list[Contributor] = field(default_factory=list)


_register = _Register()


def install(contributors: Sequence[Contributor]) -> None:
    """In the order in which they forget: what refers to others first."""
    _register.contributors = list(contributors)


def all_contributors() -> list[Contributor]:
    return _register.contributors


def kept() -> list[Kept]:
    return [entry for contributor in all_contributors() for entry in contributor.kept]


async def matters_of(person: Citizen) -> list[Matter]:
    found = [matter for c in all_contributors() for matter in await c.matters(person)]
    return [matter for matter in found if matter.count]


async def subjects_of(person: Citizen) -> list[str]:
    return [f"citizen:{person.id}"] + [s for c in all_contributors() for s in await c.subjects(person)]


async def chapters_of(person: Citizen) -> list[Chapter]:
    return [chapter for c in all_contributors() for chapter in await c.about(person)]


async def forget(person: Citizen) -> list[str]:
    """Everything, in the open transaction; the stored files that go with it."""
    return [name for c in all_contributors() for name in await c.forget(person)]


async def forget_purpose(citizen: UUID, purpose: str) -> list[str]:
    return [name for c in all_contributors() for name in await c.forget_purpose(citizen, purpose)]
