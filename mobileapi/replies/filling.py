"""The variables of a reply: filled from the conversation, never sent raw. Pure but for the look-up of what is known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auth.models import Citizen
from chat.models import Conversation
from chat.people import citizen_name
from chat.words import VARIABLES
from kit.texts import Text
from mobileapi.applications.models import Application

VARIABLE = re.compile(r"\{([^{}\n]{1,20})\}")


@dataclass(frozen=True)
class Filled:
    """`missing`: variables, as they are written, that nobody knows a value for; they still stand in the text."""

    text: str
    missing: tuple[str, ...]


def fill(words: str, values: Mapping[str, str]) -> Filled:
    """Puts in what is known. `values`: by the names at the right of VARIABLES."""
    missing: dict[str, None] = {}

    def value_of(found: re.Match[str]) -> str:
        value = values.get(VARIABLES.get(found[1].strip(), ""))
        if value:
            return value
        missing[found[1]] = None
        return found[0]

    return Filled(VARIABLE.sub(value_of, words), tuple(missing))


async def values_of(conversation: Conversation, *, language: str) -> dict[str, str]:
    """What the conversation knows; the citizen is named as everybody at the desk reads it."""
    asker = conversation.on_behalf_of or conversation.citizen_id  # type: ignore[attr-defined]
    found = {"name": await citizen_name(asker)}
    if conversation.item_name:
        found["item"] = Text.model_validate(conversation.item_name).in_language(language)
    case = await Application.get_or_none(id=conversation.application) if conversation.application else None
    if case is not None and case.case_number:
        found["case_number"] = case.case_number
        days = [day for day in (case.promised_due, case.statutory_due) if day is not None]
        if days:
            found["due_date"] = min(days).isoformat()
    return found


async def language_for(conversation: Conversation) -> str:
    """The language the citizen reads."""
    person = await Citizen.get(id=conversation.citizen_id)  # type: ignore[attr-defined]
    return "en" if person.locale.startswith("en") else "zh"
