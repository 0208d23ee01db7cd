"""Who may see which amendment: whoever asked for it, and the department that is paid. Others find nothing."""

from uuid import UUID

from kit.errors import NotFound
from kit.web import Actor
from payments.access import desk_bill
from payments.dues.models import Amendment


async def own_amendment(actor: Actor, amendment: UUID) -> Amendment:
    """An application the citizen made. Raises NotFound."""
    found = await Amendment.get_or_none(id=amendment, citizen=actor.id)
    if found is None:
        raise NotFound
    return found


async def desk_amendment(actor: Actor, amendment: UUID) -> Amendment:
    """An amendment of a bill of the staff member's department. Raises NotFound."""
    found = await Amendment.get_or_none(id=amendment)
    if found is None:
        raise NotFound
    await desk_bill(actor, found.bill_id)  # type: ignore[attr-defined]
    return found
