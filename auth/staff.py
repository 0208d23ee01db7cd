"""Staff members: who works here."""

from uuid import UUID

from auth.models import StaffMember
from kit.errors import NotFound


async def staff_member(id: UUID) -> StaffMember:  # noqa: A002 - the id of the staff member
    """With its department. Raises NotFound."""
    found = await StaffMember.get_or_none(id=id).prefetch_related("department")
    if found is None:
        raise NotFound
    return found
