"""How people are called in a conversation: clerks by name, citizens masked."""

import time
from collections.abc import Iterable
from uuid import UUID

from auth.citizens import masked_name, masked_phone
from auth.models import Citizen

NAMELESS = "市民"
KEPT_S = 60.0
REMEMBERED = 20_000

_names: dict[UUID, tuple[float, str]] = {}


async def citizen_name(id: UUID) -> str:  # noqa: A002 - the id of the citizen
    """张* or 138****5678; at most a minute old. Never the whole name."""
    return (await citizen_names([id]))[id]


async def citizen_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same for many, in one statement at most."""
    now, wanted = time.monotonic(), set(ids)
    known = {id_: kept[1] for id_ in wanted if (kept := _names.get(id_)) is not None and now - kept[0] < KEPT_S}
    unknown = wanted - known.keys()
    if not unknown:
        return known
    people = {person.id: person for person in await Citizen.filter(id__in=unknown)}
    fresh = {id_: _shown_as(people.get(id_)) for id_ in unknown}
    if len(_names) + len(fresh) > REMEMBERED:
        _names.clear()
    _names.update({id_: (now, name) for id_, name in fresh.items()})
    return known | fresh


def _shown_as(person: Citizen | None) -> str:
    name = (masked_name(person) or masked_phone(person)) if person else None
    return name or NAMELESS
