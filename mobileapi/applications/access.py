"""Whose case it is, and who at the desks may see it. Absent and forbidden look alike."""

from uuid import UUID

from auth.duties import people_for
from auth.staff import staff_member
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.applications.models import Application


async def own_application(actor: Actor, id: UUID, *, lock: bool = False) -> Application:  # noqa: A002 - the id of the case
    """The citizen's own, drafts included; `lock` inside a transaction that changes it. Raises NotFound."""
    query = Application.filter(id=id, citizen_id=actor.id)
    found = await (query.select_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


async def desk_application(actor: Actor, id: UUID, *, lock: bool = False) -> Application:  # noqa: A002 - the id of the case
    """A filed case of the clerk's department, or of an item the clerk has a duty for. Raises NotFound."""
    query = Application.filter(id=id, case_number__isnull=False)
    found = await (query.select_for_update() if lock else query).first()
    if found is None or not await _is_for(actor, found):
        raise NotFound
    return found


async def _is_for(actor: Actor, case: Application) -> bool:
    person = await staff_member(actor.id)
    if person.disabled_at is not None:
        return False
    if person.department.code == case.department_code:
        return True
    return actor.id in {holder.staff_id for holder in await people_for(case.item_code, case.region_code)}
