"""The platform identities that lead to an account, and taking one away."""

from collections.abc import Sequence
from uuid import UUID

from auth.joining import ways
from auth.joining.errors import LastWayIn
from auth.joining.events import IdentityUnbound
from auth.joining.models import SessionWay
from auth.models import Citizen, PlatformIdentity
from auth.step_up import require_fresh
from kit import audit, db, events
from kit.errors import NotFound
from kit.web import Actor


async def identities_of(citizen: UUID) -> Sequence[PlatformIdentity]:
    """The oldest first."""
    return await PlatformIdentity.filter(citizen_id=citizen).order_by("created_at")


async def identity_of_session(session: UUID) -> UUID | None:
    """The identity a session was opened through, as far as it is known."""
    way = await SessionWay.get_or_none(session=session)
    return way.identity if way else None


async def unbind(actor: Actor, identity: UUID) -> None:
    """
    Takes an identity off the account; the sessions it opened end at once, this one among them when it did.

    Raises: FreshSignInRequired, NotFound, LastWayIn.
    """
    await require_fresh(actor)
    async with db.transaction():
        person = await Citizen.select_for_update().get(id=actor.id)
        found = await PlatformIdentity.get_or_none(id=identity, citizen_id=actor.id)
        if found is None:
            raise NotFound
        others = await PlatformIdentity.filter(citizen_id=actor.id).exclude(id=identity).exists()
        if not others and person.phone_index is None:
            raise LastWayIn
        await found.delete()
        ended = await ways.end_opened_by_identity(actor.id, identity, reason="unbound", actor=actor.name)
        await audit.record(
            actor=actor.name, action="citizen.identity_unbound", subject=f"citizen:{actor.id}", identity=identity,
            platform=found.platform, sessions=ended,
        )  # fmt: skip
        await events.publish(IdentityUnbound(citizen=actor.id, platform=found.platform))
