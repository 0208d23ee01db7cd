"""What went from hand to hand because somebody is away, so that it can come back. Called by whoever holds the work."""

from uuid import UUID

from auth.staffing.models import Handover
from kit import clock
from kit.ids import new_id


async def note(*, leave: UUID | None, kind: str, subject: UUID, from_staff: UUID, to_staff: UUID | None) -> None:
    """In the transaction in which the holder changes. `kind`: case, conversation or inquiry."""
    await Handover.create(
        id=new_id(), leave_id=leave, kind=kind, subject=subject, from_staff=from_staff, to_staff=to_staff,
        at=clock.now(), closed_at=None if leave else clock.now(), outcome="" if leave else "done",
    )  # fmt: skip


async def was_noted(*, leave: UUID | None, kind: str, subject: UUID, from_staff: UUID) -> bool:
    """Whether this hand-over was made already; what is told twice is done once."""
    return await Handover.filter(leave_id=leave, kind=kind, subject=subject, from_staff=from_staff).exists()


async def lent(leave: UUID, kind: str) -> list[Handover]:
    """What left the person's hands for this leave and is not settled yet, in the order it left."""
    return await Handover.filter(leave_id=leave, kind=kind, closed_at=None).order_by("at", "id")


async def present_holder(handover: Handover) -> UUID | None:
    """Who has it by all hand-overs that are open: the cover may have gone away as well and handed it on."""
    latest = (
        await Handover.filter(kind=handover.kind, subject=handover.subject, closed_at=None)
        .order_by("-at", "-id")
        .first()
    )
    return latest.to_staff if latest else handover.to_staff


async def settle(handover: Handover, outcome: str) -> None:
    """
    `outcome`: returned, kept (the cover is in the middle of it) or done (closed or decided meanwhile).

    What came back, or is done, is nobody's to give back any more: the later hand-overs of it are settled too.
    """
    now = clock.now()
    await Handover.filter(id=handover.id).update(closed_at=now, outcome=outcome)
    later = Handover.filter(kind=handover.kind, subject=handover.subject, closed_at=None, at__gte=handover.at)
    if outcome != "kept":
        await later.update(closed_at=now, outcome="done")
