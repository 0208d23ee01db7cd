"""How a person appears in answers, and a device in requests."""

import hashlib

from auth.access import own_citizen
from auth.attestation.faces import level_of
from auth.citizens import masked_name, masked_phone
from auth.models import Citizen
from auth.schemas import CitizenBrief, CitizenProfile
from auth.signing_in import Device
from kit.edge import client_address
from kit.web import Actor, Call


def device_of(call: Call) -> Device:
    """What the device says of itself, as a digest: its own id when it sends one, else its user agent."""
    headers = call.request.headers
    said = headers.get("x-device-id") or headers.get("user-agent", "")
    mark = hashlib.sha256(said.encode()).hexdigest()[:32]
    return Device(mark, client_address(call.request.scope), headers.get("user-agent", ""))


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
