"""Which member of staff a workplace's member is. Bound by the member, an import or an administrator; never made up."""

from uuid import UUID

from tortoise.exceptions import IntegrityError

from auth.credentials import notes
from auth.models import StaffMember
from auth.workplaces.base import WorkplacePerson
from auth.workplaces.errors import WorkplaceBoundElsewhere, WorkplaceNotBound, WorkplaceNotThere
from auth.workplaces.models import WorkplaceIdentity
from kit import audit, clock, db
from kit.ids import new_id


async def bind(
    member: StaffMember, kind: str, person: WorkplacePerson, *, vouched: bool, actor: str
) -> WorkplaceIdentity:
    """
    The person is this member from now on. Binding the same again changes nothing but that it may be vouched for.

    Raises: WorkplaceBoundElsewhere, also to all but one of many at once.
    """
    try:
        async with db.transaction():
            return await _bound(member, kind, person, vouched=vouched, actor=actor)
    except IntegrityError:
        raise WorkplaceBoundElsewhere from None


async def _bound(
    member: StaffMember, kind: str, person: WorkplacePerson, *, vouched: bool, actor: str
) -> WorkplaceIdentity:
    held = await WorkplaceIdentity.get_or_none(kind=kind, staff_id=member.id)
    if held is not None and (held.organisation, held.subject) == (person.organisation, person.subject):
        held.vouched = held.vouched or vouched
        await held.save(update_fields=["vouched"])
        return held
    if held is not None:
        raise WorkplaceBoundElsewhere
    made = await WorkplaceIdentity.create(
        id=new_id(), kind=kind, organisation=person.organisation, subject=person.subject, staff_id=member.id,
        vouched=vouched, bound_at=clock.now(), bound_by=actor,
    )  # fmt: skip
    await notes.leave(member.id, kind="workplace_bound")
    await audit.record(
        actor=actor, action="staff.workplace_bound", subject=f"staff:{member.id}", kind=kind, vouched=vouched
    )
    return made


KINDS = frozenset({"dingtalk", "wecom"})


async def unbind(member: StaffMember, kind: str, *, actor: str) -> None:
    """Raises WorkplaceNotThere."""
    async with db.transaction():
        if kind not in KINDS or not await WorkplaceIdentity.filter(kind=kind, staff_id=member.id).delete():
            raise WorkplaceNotThere
        await notes.leave(member.id, kind="workplace_unbound")
        await audit.record(actor=actor, action="staff.workplace_unbound", subject=f"staff:{member.id}", kind=kind)


async def whose(kind: str, person: WorkplacePerson) -> WorkplaceIdentity:
    """Raises WorkplaceNotBound."""
    found = await WorkplaceIdentity.get_or_none(kind=kind, organisation=person.organisation, subject=person.subject)
    if found is None:
        raise WorkplaceNotBound
    return found


async def of(staff: UUID) -> list[WorkplaceIdentity]:
    return await WorkplaceIdentity.filter(staff_id=staff).order_by("kind")
