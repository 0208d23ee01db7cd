"""A message that comes over HTTP, from who is cut off from the socket: the same writer, rules and answers."""

from uuid import UUID

from auth.staff import staff_member
from chat import access, changes, conduct
from chat.hub import Hub
from chat.letters import Letter
from chat.messages import Draft, Outcome
from chat.people import citizen_name
from chat.schemas import AckView, PostMessage
from chat.wording import said
from chat.words import Side
from chat.writer import Pending
from kit.errors import Unavailable
from kit.web import Actor


async def post(hub: Hub, message: PostMessage, *, conversation: UUID, by: Actor) -> AckView:
    """
    Stores it as a `send` of the same client_id does, whichever of the two comes first.

    Raises: NotFound, what the rules about words raise, NotStored when it is not known to be stored, Unavailable.
    """
    await access.readable(by, conversation)
    side: Side = "citizen" if by.kind == "citizen" else "clerk"
    body = await said(
        message.body.text, side=side, conversation=conversation, by=by.name, mark=message.client_id,
        confirmed=message.confirmed,
    )  # fmt: skip
    name = await citizen_name(by.id) if side == "citizen" else (await staff_member(by.id)).name
    draft = Draft(conversation, side, message.kind, body, sender=by.id, name=name, client_id=message.client_id)
    outcome = await _stored(hub, draft)
    return AckView(
        client_id=message.client_id, conversation=conversation, seq=outcome.seq, at=outcome.at,
        body=body if "masked" in body else None,
    )  # fmt: skip


async def _stored(hub: Hub, draft: Draft) -> Outcome:
    letter = Letter()
    if not hub.writer.submit(Pending(draft, letter)):
        raise Unavailable
    outcome = await letter.settled
    if outcome.verdict == "absent":
        return await conduct.answered_waiting(draft)
    if outcome.verdict in changes.REFUSALS:
        raise changes.REFUSALS[outcome.verdict]
    return outcome
