"""What an actor may see of people: themselves."""

from auth.citizens import citizen
from auth.models import Citizen, StaffMember
from auth.staff import staff_member
from kit.errors import NotFound
from kit.web import Actor


async def own_citizen(actor: Actor) -> Citizen:
    """The citizen who asks. Raises NotFound for anybody else."""
    if actor.kind != "citizen":
        raise NotFound
    return await citizen(actor.id)


async def own_staff_member(actor: Actor) -> StaffMember:
    """The member of staff who asks, with department. Raises NotFound for anybody else."""
    if actor.kind != "staff":
        raise NotFound
    return await staff_member(actor.id)
