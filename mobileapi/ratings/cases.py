"""What citizens say of decided cases."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import clock, db
from kit.ids import new_id
from kit.web import Actor
from mobileapi.applications.access import own_application
from mobileapi.applications.models import Application
from mobileapi.applications.states import CaseState
from mobileapi.ratings.errors import CaseAlreadyRated, NotDecidedYet
from mobileapi.ratings.levels import BAD
from mobileapi.ratings.models import CaseRating
from mobileapi.ratings.rectifications import Matter, begin
from mobileapi.ratings.rules import judge

DECIDED = frozenset({CaseState.APPROVED, CaseState.REFUSED, CaseState.NOT_ACCEPTED})


async def rate(
    actor: Actor, application: UUID, *, level: int, reasons: Sequence[str], comment: str
) -> CaseRating:  # fmt: skip
    """
    The rating of one's own decided case, or of somebody one files for; once, by the unique key.

    Raises: NotFound, NotDecidedYet, CaseAlreadyRated, RatingTooLate, UnknownReason.
    """
    async with db.transaction():
        case = await own_application(actor, application, doing="file", lock=True)
        if await CaseRating.filter(application=case.id).exists():
            raise CaseAlreadyRated
        comment = await judge(ended_at(case), level, reasons, comment)
        rating = await CaseRating.create(
            id=new_id(), application=case.id, citizen=case.citizen_id, by=actor.id,  # type: ignore[attr-defined]
            item_code=case.item_code, department_code=case.department_code, region_code=case.region_code,
            clerk=case.holder_staff, level=level, reasons=list(reasons), comment=comment, at=clock.now(),
        )  # fmt: skip
        if level <= BAD:
            await begin(_matter(rating))
    return rating


def ended_at(case: Application) -> datetime:
    """When the case was decided. Raises NotDecidedYet."""
    if CaseState(case.state) not in DECIDED:
        raise NotDecidedYet
    return case.decided_at or case.saved_at


def _matter(rating: CaseRating) -> Matter:
    return Matter(
        "application", rating.application, citizen=rating.citizen, rated=rating.clerk, item=rating.item_code,
        department=rating.department_code, region=rating.region_code,
    )  # fmt: skip
