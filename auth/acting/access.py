"""Which mandates somebody may look at: those they are one side of. Absent and forbidden look alike."""

from uuid import UUID

from tortoise.expressions import Q

from auth.acting.mandates import is_agent, is_principal
from auth.acting.models import Mandate
from auth.acting.standing import managing_for
from auth.acting.states import MandateState
from auth.citizens import citizen
from kit.errors import NotFound
from kit.web import Actor

SHOWN = 200  # mandates of one person; the database has the rest


async def own_mandate(actor: Actor, id: UUID) -> tuple[Mandate, str]:  # noqa: A002 - the id of the mandate
    """With the side the actor is on: agent or principal. Raises NotFound."""
    found = await Mandate.get_or_none(id=id)
    if found is None:
        raise NotFound
    if await is_agent(actor, found):
        return found, "agent"
    if await is_principal(actor, found):
        return found, "principal"
    raise NotFound


async def acting_for(actor: Actor) -> list[Mandate]:
    """Whom the actor may act for, asked to, or is invited to; the newest first."""
    person = await citizen(actor.id)
    mine = Q(agent_id=actor.id)
    if person.phone_index is not None:
        mine |= Q(agent_id=None, phone_index=person.phone_index, state=MandateState.ASKED)
    return await Mandate.filter(mine).order_by("-asked_at", "id").limit(SHOWN)


async def agents_of(actor: Actor, principal: UUID | None) -> list[Mandate]:
    """Who may act for the actor, or for a firm the actor manages, or asked to. Raises NotFound."""
    if principal is not None and principal != actor.id:
        await managing_for(actor, principal)
    return await Mandate.filter(principal_id=principal or actor.id).order_by("-asked_at", "id").limit(SHOWN)
