"""Whose rating it is, and which supervisors may see what becomes of it; never the person who was rated."""

from uuid import UUID

from auth.acting.standing import acting_as
from auth.callers import WITHIN, path_of, who_is
from auth.rights import Columns, Thing, may
from kit import audit
from kit.config import current
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.models import Rectification


def columns() -> Columns:
    """Where the rows keep what the rules ask for; `r` is the rectification."""
    watching = ", ".join(f"'{code}'" for code in current(RatingSettings).watching_departments if code.isalnum())
    return Columns(
        citizens=("r.citizen",), holders=("r.owner",), department="r.department_code", item="r.item_code",
        desks=f"ARRAY[{watching}]::text[]", lies_in=lambda region: f"r.region_code IN {WITHIN.format(code=region)}",
        without_region="r.region_code = ''",
    )  # fmt: skip


async def thing_of(found: Rectification) -> Thing:
    """What the rules ask about a rectification."""
    holders = frozenset({found.owner} if found.owner else ())
    return Thing(
        "rectification", citizens=frozenset({found.citizen}), holders=holders, department=found.department_code,
        item=found.item_code, path=await path_of(found.region_code),
        desks=frozenset(current(RatingSettings).watching_departments),
    )  # fmt: skip


async def desk_rectification(actor: Actor, id: UUID) -> Rectification:  # noqa: A002 - of the rectification
    """
    Of the supervisor's departments, in their hands, or of a region they watch over; who was rated sees none of it.

    Raises: NotFound, noted in the audit log when it exists.
    """
    found = await Rectification.get_or_none(id=id)
    if found is None:
        raise NotFound
    if found.rated == actor.id or not may(await who_is(actor), await thing_of(found)):
        await audit.record(actor=actor.name, action="rectification.refused", subject=f"rectification:{id}")
        raise NotFound
    return found


async def own_rectification(actor: Actor, id: UUID) -> Rectification:  # noqa: A002
    """Of the citizen's own rating, or of one of somebody they file for. Raises NotFound."""
    found = await Rectification.get_or_none(id=id)
    if found is None:
        raise NotFound
    doing = "consult" if found.kind == "conversation" else "file"
    who = await acting_as(actor, found.citizen, doing=doing, item=found.item_code)  # type: ignore[arg-type]
    if not may(who, await thing_of(found)):
        raise NotFound
    return found
