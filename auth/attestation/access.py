"""Which claims a member of staff gets at: those on the desk of their department, in their region."""

from collections.abc import Sequence
from uuid import UUID

from auth import desks
from auth.attestation.config import AttestationSettings
from auth.attestation.models import NameClaim
from auth.callers import who_is
from auth.rights import Values, condition
from kit import db
from kit.config import current
from kit.errors import NotFound
from kit.web import Actor

NOUN = "name claim"


async def desk_claim(actor: Actor, id: UUID, *, lock: bool = False) -> NameClaim:  # noqa: A002 - the id of the claim
    """Absent and forbidden look alike. Raises NotFound."""
    query = NameClaim.filter(id=id)
    found = await (query.select_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    await desks.let(actor, NOUN, desks=_departments(), region=found.region_code)
    return found


async def is_name_desk(actor: Actor) -> bool:
    """Whether anything of this desk could be the actor's."""
    return await desks.is_let(actor, NOUN, desks=_departments())


def _departments() -> frozenset[str]:
    return desks.departments(current(AttestationSettings).name_departments)


async def on_desk(actor: Actor, *, state: str, limit: int) -> Sequence[NameClaim]:
    """What waits, the oldest first; what was decided, the latest first."""
    values = Values()
    wanted, most = values.add(state), values.add(limit)
    now = desks.desks_now(current(AttestationSettings).name_departments, values=values)
    seen = condition(await who_is(actor), NOUN, desks.columns("c.region_code", desks=now), values=values)
    order = "c.created_at, c.id" if state == "waiting" else "c.decided_at DESC, c.id"
    rows = await db.fetch(
        f"SELECT c.id FROM attestation_name_claim c WHERE c.state = {wanted} AND {seen} ORDER BY {order} LIMIT {most}",  # noqa: S608
        *values.given,
    )
    found = {claim.id: claim for claim in await NameClaim.filter(id__in=[row["id"] for row in rows])}
    return [found[row["id"]] for row in rows]
