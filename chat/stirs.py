"""What other processes, routes and jobs did: hints are heard, rows are read, the sockets concerned are told."""

from typing import Any
from uuid import UUID

from chat import access, notes
from chat.backplane import Hint
from chat.hub import Hub
from chat.models import Conversation, Note
from chat.schemas import ConversationView
from chat.session import Session, packed
from chat.states import ConversationState as S
from chat.views import view_of
from kit import db


def heard(hub: Hub, hint: Hint) -> None:
    """A hint of the backplane. What this hub said itself, it has delivered already."""
    own = hint.get("o") == hub.id
    for conversation, seq in hint.get("s", []) if not own else []:
        hub.give(UUID(conversation), seq, None)
    for conversation, seq, text in hint.get("m", []) if not own else []:
        hub.give(UUID(conversation), seq, text)
    for conversation in hint.get("c", []):
        hub.stirring.put_nowait(UUID(conversation))
    if hint.get("q"):
        hub.lines.update(hint["q"])
        hub.line_moved.set()
    for conversation, by, delivered, read in hint.get("r", []) if not own else []:
        hub.tell_receipt(UUID(conversation), by=by, delivered=delivered, read=read)
    for conversation, person, role, name in hint.get("t", []) if not own else []:
        hub.tell_typing(UUID(conversation), person=person, role=role, name=name)
    for conversation, people in hint.get("w", []) if not own else []:
        hub.onlookers_are(UUID(conversation), str(hint["o"]), tuple((one, name) for one, name in people))
    for note in hint.get("n", []):
        hub.spawn(_note(hub, UUID(note)))


async def _note(hub: Hub, id: UUID) -> None:  # noqa: A002 - the id of the note
    note = await Note.get(id=id)
    hub.tell_note(note.conversation_id, notes.shown(note))  # type: ignore[attr-defined]


async def stir(hub: Hub, id: UUID) -> None:  # noqa: A002 - the id of the conversation
    """The conversation's state is another one: whoever is concerned here is told, begins to follow it, or stops."""
    conversation = await Conversation.get_or_none(id=id)
    if conversation is None:
        return
    views = {"citizen": await view_of(id, side="citizen"), "clerk": await view_of(id, side="clerk")}
    hub.versions[id] = conversation.version
    for session in concerned(hub, conversation):
        if not session.welcomed:
            session.stirred.add(id)
            continue
        view = views[session.side]
        assert view is not None, "a conversation is never deleted"
        await follow_or_leave(hub, session, conversation)  # first: who leaves is told the state and nothing said since
        tell_state(session, view if concerns(session, conversation) else view.model_copy(update={"last_message": None}))
        if view.state == S.offered and conversation.clerk_id == session.who.id:  # type: ignore[attr-defined]
            tell_offer(session, view)


def concerned(hub: Hub, conversation: Conversation) -> list[Session]:
    """The citizen, the clerk, who follows it already, and the department's desks: their queue has changed."""
    found = set(hub.topics.get(conversation.id, ()))
    found |= hub.people.get(f"citizen:{conversation.citizen_id}", set())  # type: ignore[attr-defined]
    found |= hub.people.get(f"staff:{conversation.clerk_id}", set())  # type: ignore[attr-defined]
    found |= hub.departments.get(conversation.department_code or "", set())
    return list(found)


def concerns(session: Session, conversation: Conversation) -> bool:
    """Whether what is said in it is the session's business; the other desks of the department see the state alone."""
    mine = session.side == "citizen" or conversation.clerk_id == session.who.id  # type: ignore[attr-defined]
    return mine or conversation.id in session.links or conversation.state in {S.queued, S.inquiry}


async def follow_or_leave(hub: Hub, session: Session, conversation: Conversation) -> None:
    """Who may read on is given what hints were lost of; who may not is given nothing more."""
    if conversation.id in session.links:
        if await may_still_read(session, conversation):
            hub.fetch(session, conversation.id, up_to=conversation.last_seq)
        else:
            hub.unlink(session, conversation.id)
        return
    if becomes_mine(session, conversation):
        hub.link(session, conversation.id, cursor=0, side=session.side).catching = True
        hub.spawn(begin(hub, session, conversation.id))


def becomes_mine(session: Session, conversation: Conversation) -> bool:
    if session.side == "citizen":
        return bool(conversation.citizen_id == session.who.id)  # type: ignore[attr-defined]
    return conversation.state == S.assigned and conversation.clerk_id == session.who.id  # type: ignore[attr-defined]


async def begin(hub: Hub, session: Session, conversation: UUID) -> None:
    """A conversation that is new to this socket, from its first message on."""
    from chat.arrivals import resume  # greeting and being stirred need each other

    top = await db.fetch_value("SELECT last_seq FROM chat_conversation WHERE id = $1", conversation)
    await resume(hub, session, conversation, top=top)


async def may_still_read(session: Session, conversation: Conversation) -> bool:
    """Of a conversation the socket follows already."""
    if session.side == "citizen":
        return True
    if conversation.clerk_id == session.who.id:  # type: ignore[attr-defined]
        return conversation.state in {S.assigned, S.closed}
    if conversation.returns_to == session.who.id:  # a colleague is asked; it may come back
        return True
    link = session.links.get(conversation.id)
    if link is None or link.side:
        return False
    return await access.may_read(session.who, conversation)


def tell_state(session: Session, view: ConversationView) -> None:
    session.put(packed({"type": "conversation", "conversation": str(view.id)} | view.model_dump(mode="json")))


def tell_offer(session: Session, view: ConversationView) -> None:
    """Only to the clerk it is offered to."""
    shown: dict[str, Any] = view.model_dump(mode="json")
    session.put(
        packed(
            {"type": "offer", "conversation": shown["id"], "item": shown["subject"]["item"],
             "citizen": shown["citizen"], "reason": shown["reason"], "expires_at": shown["due_at"],
             "last_message": shown["last_message"]}
        )
    )  # fmt: skip


RESYNC = """
SELECT id, last_seq, version FROM chat_conversation WHERE id = ANY ($1)
UNION
SELECT id, last_seq, version FROM chat_conversation
WHERE state <> 'closed' AND (citizen_id = ANY ($2) OR clerk_id = ANY ($2))
"""


async def resync(hub: Hub) -> None:
    """
    Compares with the rows: hints may have been lost. One statement, whatever the number of sockets. Where the state is
    another one it is looked at first who still follows, and only they are given what was said since.
    """
    people = [UUID(name.partition(":")[2]) for name in hub.people]
    if not people:
        return
    for row in await db.fetch(RESYNC, list(hub.topics), people):
        if hub.versions.get(row["id"], -1) != row["version"]:
            hub.stirring.put_nowait(row["id"])
            continue
        for member in list(hub.topics.get(row["id"], ())):
            hub.fetch(member, row["id"], up_to=row["last_seq"])
