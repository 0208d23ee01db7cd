"""Whose certificate it is: auth/rights.py decides."""

from uuid import UUID

from auth.acting.standing import acting_as
from auth.rights import Thing, may
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.certificates.models import Certificate


async def own_certificate(actor: Actor, id: UUID) -> Certificate:  # noqa: A002 - the id of the certificate
    """The holder's, and of whom they may read for. Raises NotFound for others' and absent ones alike."""
    found = await Certificate.get_or_none(id=id)
    if found is None:
        raise NotFound
    holder: UUID = found.citizen_id  # type: ignore[attr-defined]
    who = await acting_as(actor, holder, doing="read", item=found.item_code)
    if not may(who, Thing("certificate", citizens=frozenset({holder}))):
        raise NotFound
    return found
