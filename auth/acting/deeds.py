"""What was done for somebody, by whom: shown to the represented, beside the audit log that staff read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.acting.events import ActedFor
from auth.acting.models import Deed
from auth.acting.standing import Doing, Principal, standing_for
from auth.models import Citizen
from kit import clock, db, events
from kit.texts import Text
from kit.web import Actor


@dataclass(frozen=True)
class Done:
    """`action` as in the audit log, `subject` like `application:UUID`, `about` the item's or bill's name."""

    action: str
    subject: str
    about: Text | None = None


async def note(actor: Actor, principal: UUID, done: Done, *, doing: Doing, item: str | None = None) -> Principal:
    """
    Notes the deed in the open transaction, under a mandate that is looked at, and held, once more.

    Raises: NotFound when it stands no longer.
    """
    assert db.transaction_is_open(), "a deed is noted in the transaction of the act"
    represented = await standing_for(actor, principal, doing=doing, item=item)
    await Deed.create(
        at=clock.now(), principal_id=principal, agent_id=actor.id, mandate_id=represented.mandate.id,
        action=done.action, subject=done.subject, about=done.about.model_dump() if done.about else None,
    )  # fmt: skip
    await events.publish(ActedFor(principal=principal, agent=actor.id, action=done.action, subject=done.subject))
    return represented


def both(actor: Actor, principal: UUID) -> dict[str, str]:
    """What an audit row of such an act carries beside its actor."""
    return {} if principal == actor.id else {"on_behalf_of": f"citizen:{principal}"}


async def done_for(principal: UUID, *, limit: int, before: int | None) -> Sequence[tuple[Deed, Citizen]]:
    """The newest first."""
    found = (
        Deed.filter(principal_id=principal) if before is None else Deed.filter(principal_id=principal, id__lt=before)
    )
    return [(deed, deed.agent) for deed in await found.order_by("-id").limit(limit).prefetch_related("agent")]
