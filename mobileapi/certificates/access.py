"""Whose certificate it is."""

from uuid import UUID

from kit.errors import NotFound
from kit.web import Actor
from mobileapi.certificates.models import Certificate


async def own_certificate(actor: Actor, id: UUID) -> Certificate:  # noqa: A002 - the id of the certificate
    """The holder's. Raises NotFound for others' and absent ones alike."""
    found = await Certificate.get_or_none(id=id, citizen_id=actor.id)
    if found is None:
        raise NotFound
    return found
