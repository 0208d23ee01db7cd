"""Whose case it is, and who at the desks may see it: auth/rights.py decides. Absent and forbidden look alike."""

from uuid import UUID

from auth.acting.standing import Doing, acting_as
from auth.callers import who_is
from auth.rights import Columns, Thing, may
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.applications.models import Application

# Where the rows keep what the rules ask for; `a` is the application.
COLUMNS = Columns(
    citizens=("a.citizen_id",), holders=("a.holder_staff",), department="a.department_code", item="a.item_code",
    lies_in=lambda region: f"a.region_path ? {region}", without_region="false",
)  # fmt: skip


def thing_of(case: Application, *, noun: str) -> Thing:
    """What the rules ask about a case; `noun`: application for citizens, case at the desks."""
    holders = frozenset({case.holder_staff} if case.holder_staff else ())
    return Thing(
        noun, citizens=frozenset({case.citizen_id}), department=case.department_code,  # type: ignore[attr-defined]
        holders=holders, item=case.item_code, path=tuple(case.region_path),
    )  # fmt: skip


async def own_application(
    actor: Actor,
    id: UUID,  # noqa: A002 - the id of the case
    *,
    doing: Doing = "read",
    lock: bool = False,
) -> Application:
    """
    The citizen's own, drafts included, or of somebody they may do this for; `lock` inside a transaction that changes
    it, in which the mandate is held as well. Raises NotFound.
    """
    whose = await Application.filter(id=id).values_list("citizen_id", "item_code")
    if not whose:
        raise NotFound
    owner, item = whose[0]
    who = await acting_as(actor, owner, doing=doing, item=item)
    query = Application.filter(id=id, citizen_id=owner)
    found = await (query.select_for_update() if lock else query).first()
    if found is None or not may(who, thing_of(found, noun="application")):
        raise NotFound
    return found


async def desk_application(actor: Actor, id: UUID, *, lock: bool = False) -> Application:  # noqa: A002 - the id of the case
    """A filed case of the clerk's desk: of the department, by duty, or in hand, in the region. Raises NotFound."""
    query = Application.filter(id=id, case_number__isnull=False)
    found = await (query.select_for_update() if lock else query).first()
    if found is None or not may(await who_is(actor), thing_of(found, noun="case")):
        raise NotFound
    return found
