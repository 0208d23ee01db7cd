"""How a person appears in answers, and a device in requests."""

import hashlib

from auth.citizens import masked_name, masked_phone
from auth.models import Citizen
from auth.schemas import CitizenBrief
from auth.signing_in import Device
from kit.edge import client_address
from kit.web import Call


def device_of(call: Call) -> Device:
    """What the device says of itself, as a digest: its own id when it sends one, else its user agent."""
    headers = call.request.headers
    said = headers.get("x-device-id") or headers.get("user-agent", "")
    return Device(hashlib.sha256(said.encode()).hexdigest()[:32], client_address(call.request.scope))


def citizen_brief(person: Citizen) -> CitizenBrief:
    return CitizenBrief(
        id=str(person.id),
        phone_masked=masked_phone(person),
        name_masked=masked_name(person),
        assurance=person.assurance,
    )
