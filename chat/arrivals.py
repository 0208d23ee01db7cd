"""A socket says hello: who it is, what it follows, what it missed."""

from uuid import UUID

from auth.errors import TooManyPeopleRead
from auth.reading import let_read
from auth.staff import staff_member
from chat import access, marks, presence
from chat.config import ChatSettings
from chat.conversations import serve_queue_soon
from chat.frames import Hello
from chat.hub import FAR_BEHIND, Hub
from chat.people import citizen_name
from chat.schemas import ConversationView
from chat.session import Session
from chat.stirs import stir, tell_offer
from chat.views import views_of
from kit import audit, clock, db
from kit.config import current
from kit.errors import NotFound
from kit.web import Actor, authenticate

CITIZENS = (
    "SELECT id, version, false AS asked FROM chat_conversation "
    "WHERE citizen_id = $1 AND (state <> 'closed' OR id = ANY ($2))"
)
CLERKS = (
    "SELECT id, version, state = 'offered' AND clerk_id = $1 AS asked FROM chat_conversation "
    "WHERE (clerk_id = $1 AND (state IN ('assigned', 'offered') OR (state = 'closed' AND id = ANY ($2)))) "
    "OR returns_to = $1"
)


async def receive(hub: Hub, session: Session, hello: Hello) -> None:
    """
    Welcomes the socket, then gives it what it missed, conversation by conversation.

    Raises: NotSignedIn when the token is not good.
    """
    actor = await authenticate(hello.token)
    await introduce(session, actor, hello.token)
    hub.enter(session)
    if session.at_desk:
        await presence.arrive(actor.id)
        await serve_queue_soon()
    rows = await db.fetch(CITIZENS if actor.kind == "citizen" else CLERKS, actor.id, list(hello.since))
    followed = [r["id"] for r in rows if not r["asked"]]
    for conversation in followed:  # joined before anything is read: from here on nothing passes unseen
        hub.link(session, conversation, cursor=hello.since.get(conversation, 0), side=session.side).catching = True
    for row in rows:
        hub.versions.setdefault(row["id"], row["version"])
    views = await views_of([r["id"] for r in rows], side=session.side)
    session.welcome(_welcome(session, views))
    for view in views:
        if view.id in followed:
            await resume(hub, session, view.id, top=view.last_seq)
        else:
            tell_offer(session, view)
    for conversation in hello.since.keys() - set(followed):
        await watch(hub, session, conversation, after=hello.since[conversation])
    while session.stirred:
        await stir(hub, session.stirred.pop())


async def introduce(session: Session, actor: Actor, token: str) -> None:
    session.actor, session.token, session.reader = actor, token, actor.name
    if actor.kind == "citizen":
        session.name = await citizen_name(actor.id)
        return
    person = await staff_member(actor.id)
    session.name = person.name
    session.department = person.department_id  # type: ignore[attr-defined]


def _welcome(session: Session, views: list[ConversationView]) -> dict[str, object]:
    actor, settings = session.who, current(ChatSettings)
    principal = {"kind": actor.kind, "id": str(actor.id), "name": session.name, "roles": sorted(actor.roles)}
    return {
        "type": "welcome", "principal": principal,
        "conversations": [v.model_dump(mode="json") for v in views],
        "heartbeat_s": settings.chat_heartbeat_s, "server_time": clock.now().isoformat(),
        "edit_s": settings.chat_edit_s, "recall_s": settings.chat_recall_s,
    }  # fmt: skip


async def resume(hub: Hub, session: Session, conversation: UUID, *, top: int) -> None:
    """
    From the link's cursor on. What cannot be proven to be a part of the sequence, or is very far behind, is `reset`:
    the client fetches afresh and goes on live.
    """
    link = session.links.get(conversation)
    if link is None:
        return
    if link.cursor > top or top - link.cursor > FAR_BEHIND:
        link.cursor = top
        session.say({"type": "reset", "conversation": str(conversation)})
    before = link.cursor
    if link.cursor == top and link.wanted <= top:  # nothing was missed: the rows need not be asked
        link.catching = False
        session.say({"type": "caught_up", "conversation": str(conversation), "seq": top})
    else:
        await hub.catch_up(session, conversation)
    await hub.tell_notes_after(session, conversation, before)


async def watch(hub: Hub, session: Session, conversation: UUID, *, after: int) -> None:
    """A conversation the socket did not follow so far: followed from now on when it may be read, else refused."""
    try:
        found = await access.readable(session.who, conversation)
        await let_read(session.who, found.citizen_id)  # type: ignore[attr-defined]
    except (NotFound, TooManyPeopleRead) as error:
        session.refuse(error, conversation=str(conversation))
        return
    fresh = conversation not in session.links
    keepers = {found.clerk_id, found.returns_to}  # type: ignore[attr-defined]
    mine = session.side == "citizen" or session.who.id in keepers
    if not mine:
        await audit.record(actor=session.who.name, action="consultation.read", subject=f"consultation:{conversation}")
    hub.link(session, conversation, cursor=after, side=session.side if mine else "").catching = True
    if fresh:  # it was not in the welcome, which tells how far both sides have come
        for mark in await marks.marks_of([conversation]):
            session.say(marks.receipt(mark))
    top = await db.fetch_value("SELECT last_seq FROM chat_conversation WHERE id = $1", conversation)
    await resume(hub, session, conversation, top=top)
