"""
Cases go from hand to hand when their clerk is away, and come back. A case has one holder at every moment: the holder
changes under the case's lock, together with the row that says why.
"""

from uuid import UUID

from auth.models import StaffMember
from auth.staffing import handovers
from auth.staffing.covers import Cover, cover_for, is_there
from auth.staffing.models import Handover
from kit import audit, clock, db, events
from kit.texts import Text, text
from mobileapi.applications.cases import SYSTEM, state_of
from mobileapi.applications.events import HolderChanged
from mobileapi.applications.models import Application, Change
from mobileapi.applications.states import MOVES, CaseState

OPEN = [state.value for state, onward in MOVES.items() if onward and state is not CaseState.DRAFT]


async def hand_over_all(staff: UUID, *, leave: UUID | None = None, named: UUID | None = None) -> int:
    """
    Everything open the person holds goes to who covers, each case in a transaction of its own; how many.

    `leave`: the leave it returns after; None when they do not come back. Told twice, it finds nothing left.
    """
    held = await Application.filter(holder_staff=staff, state__in=OPEN).order_by("id").values_list("id", flat=True)
    return sum([await hand_over(case, staff=staff, leave=leave, named=named) for case in held])  # type: ignore[arg-type]


async def hand_over(
    id: UUID,  # noqa: A002 - the id of the case
    *,
    staff: UUID,
    leave: UUID | None,
    named: UUID | None,
) -> bool:
    """One case. False when it is decided, or somebody else's by now: whoever decided it first decided it."""
    async with db.transaction():
        case = await Application.select_for_update().get_or_none(id=id)
        if case is None or case.holder_staff != staff or case.state not in OPEN:
            return False
        cover = await cover_for(staff, item=case.item_code, region=case.region_code, named=named)
        away = case.holder_name
        words = _on_leave(away, cover) if leave else _gone(away, cover)
        await _hold(case, cover, reason="cover" if cover else "department", words=words)
        await handovers.note(
            leave=leave, kind="case", subject=case.id, from_staff=staff, to_staff=cover.staff if cover else None
        )
    return True


async def take_back_all(leave: UUID, *, staff: UUID) -> int:
    """What was handed over for the leave and is still open goes back to the person; how many."""
    return sum([await take_back(lent, staff=staff) for lent in await handovers.lent(leave, "case")])


async def take_back(lent: Handover, *, staff: UUID) -> bool:
    """One case. It stays where it is when it is decided, when its holder is in the middle of it, or nobody is back."""
    async with db.transaction():
        case = await Application.select_for_update().get(id=lent.subject)
        if case.state not in OPEN or case.holder_staff == staff:
            await handovers.settle(lent, "done")
            return False
        holder = case.holder_staff
        moved_on = holder != await handovers.present_holder(lent)
        if moved_on or not await is_there(staff) or await _in_the_middle(case, holder, since=lent):
            await handovers.settle(lent, "kept")
            return False
        person = await StaffMember.get(id=staff)
        back = text(f"原经办人已返岗，由{person.name}继续办理", f"{person.name} is back and responsible again")
        await _hold(case, Cover(person.id, person.name, person.title), reason="returned", words=back)
        await handovers.settle(lent, "returned")
    return True


async def _in_the_middle(case: Application, holder: UUID | None, *, since: Handover) -> bool:
    """Whether who covers has acted on the case since it came to them."""
    if holder is None:
        return False
    return await Change.filter(application_id=case.id, actor=f"staff:{holder}", at__gte=since.at).exists()


async def _hold(case: Application, to: Cover | None, *, reason: str, words: Text) -> None:
    """
    The locked case in other hands, with its change row. Its version stays: what a clerk is deciding about has not
    changed, and their decision, waiting for the lock, still counts.
    """
    before = case.holder_staff
    case.holder_staff, case.holder_name = (to.staff, to.name) if to else (None, "")
    case.holder_reason = reason
    await case.save(update_fields=["holder_staff", "holder_name", "holder_reason"])
    state = state_of(case)
    await Change.create(
        application=case, at=clock.now(), actor=SYSTEM.name, shown_as=SYSTEM.shown_as.model_dump(),
        from_state=state.value, to_state=state.value, note=words.zh,
    )  # fmt: skip
    await audit.record(
        actor="system", action="case.handed_over", subject=f"application:{case.id}", before=before,
        to=to.staff if to else None, reason=reason,
    )  # fmt: skip
    assert case.case_number is not None, "only filed cases have a holder"
    citizen: UUID = case.citizen_id  # type: ignore[attr-defined]
    await events.publish(
        HolderChanged(case.id, citizen, case.case_number, case.item_code, holder=to.name if to else "", at=clock.now())
    )


def _on_leave(away: str, cover: Cover | None) -> Text:
    if cover is None:
        return text(f"经办人{away}休假，由所属部门继续办理", f"{away} is on leave; the department goes on with it")
    return text(f"经办人{away}休假，由{cover.name}继续办理", f"{away} is on leave; {cover.name} is responsible now")


def _gone(away: str, cover: Cover | None) -> Text:
    if cover is None:
        return text(f"经办人{away}已离岗，由所属部门继续办理", f"{away} has left; the department goes on with it")
    return text(f"经办人{away}已离岗，由{cover.name}继续办理", f"{away} has left; {cover.name} is responsible now")
