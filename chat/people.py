"""How people are called in a conversation: clerks by name, citizens masked."""

import time
from uuid import UUID

from auth.citizens import masked_name, masked_phone
from auth.models import Citizen

NAMELESS = "市民"
KEPT_S = 60.0
REMEMBERED = 20_000

_names: dict[UUID, tuple[float, str]] = {}


async def citizen_name(id: UUID) -> str:  # noqa: A002 - the id of the citizen
    """张* or 138****5678; at most a minute old. Never the whole name."""
    kept = _names.get(id)
    if kept is not None and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    person = await Citizen.get_or_none(id=id)
    name = (masked_name(person) or masked_phone(person)) if person else None
    if len(_names) >= REMEMBERED:
        _names.clear()
    _names[id] = (time.monotonic(), name or NAMELESS)
    return name or NAMELESS
