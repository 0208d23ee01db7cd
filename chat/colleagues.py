"""Whom a conversation can be handed to: everybody who answers for the matter, in the order routing would ask them."""

from uuid import UUID

from auth.models import StaffMember
from chat.assignment import snapshot_of
from chat.models import Conversation
from chat.routing import Candidate, as_asked
from chat.schemas import Coded, ColleagueView
from kit.texts import Text


async def colleagues_of(conversation: Conversation, *, asker: UUID) -> list[ColleagueView]:
    """
    Those with a duty for the item, the clerks of the department, then its supervisors; neither the asker nor who has
    the conversation now. First who would be asked now, then who is there without room, then who is not there.
    """
    snapshot = await snapshot_of(conversation)
    without = {asker, conversation.clerk_id, conversation.returns_to}  # type: ignore[attr-defined]
    asked = [c for c in as_asked(snapshot.candidates, snapshot) if c.staff not in without]
    asked.sort(key=lambda c: (not c.free, c.status == "gone"))
    found = StaffMember.filter(id__in=[c.staff for c in asked], disabled_at=None).prefetch_related("department")
    people = {person.id: person for person in await found}
    return [
        _shown(c, people[c.staff], declined=str(c.staff) in conversation.declined) for c in asked if c.staff in people
    ]


def _shown(candidate: Candidate, person: StaffMember, *, declined: bool) -> ColleagueView:
    return ColleagueView(
        id=person.id, name=person.name, title=person.title,
        department=Coded(code=person.department.code, name=Text.model_validate(person.department.name)),
        role=candidate.role, status=candidate.status, load=candidate.load, capacity=candidate.capacity,
        available=candidate.status == "online" and candidate.load < candidate.capacity, declined=declined,
    )  # fmt: skip
