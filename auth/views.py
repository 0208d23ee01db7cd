"""How a person appears in answers, and a device in requests."""

from auth.access import own_citizen
from auth.attestation.faces import level_of
from auth.citizens import masked_name, masked_phone
from auth.devices import device_of as device_of  # noqa: PLC0414 - was here before
from auth.models import Citizen
from auth.schemas import CitizenBrief, CitizenProfile
from kit.web import Actor


def citizen_brief(person: Citizen) -> CitizenBrief:
    return CitizenBrief(
        id=str(person.id),
        phone_masked=masked_phone(person),
        name_masked=masked_name(person),
        assurance=person.assurance,
    )


async def citizen_profile(actor: Actor) -> CitizenProfile:
    """Oneself, as well known as one is in this session. Raises NotFound for anybody but a citizen."""
    person = await own_citizen(actor)
    brief = citizen_brief(person).model_dump() | {"assurance": await level_of(actor)}
    return CitizenProfile(**brief, locale=person.locale, elder_mode=person.elder_mode)
