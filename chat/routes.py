"""Consultation over HTTP, and where its socket is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from auth.acting.standing import NO_ITEM, standing_for
from auth.callers import who_is
from auth.reading import let_read, note_look
from auth.rights import Values, condition
from auth.staff import staff_member
from chat import (
    access,
    backplane,
    conversations,
    desk_routes,
    handovers,
    inquiries,
    messages,
    notes,
    opening,
    posting,
    ratings,
    socket,
)
from chat.colleagues import colleagues_of
from chat.lifespan import current_hub
from chat.models import Conversation
from chat.people import citizen_name
from chat.schemas import (
    AckView,
    CloseConsultation,
    ColleagueList,
    ConsultationQuery,
    ConversationPage,
    ConversationView,
    MessagePage,
    MessagesQuery,
    OpenConsultation,
    PostMessage,
    RateConsultation,
    RatingView,
    TakeOver,
    TransferConsultation,
    WriteNote,
)
from chat.subjects import subject_of
from chat.views import conversations_where, view_of
from kit import audit
from kit.cursors import end_of, place_in
from kit.ids import new_id
from kit.reach import Reach
from kit.web import Call, get, post

STAFF = {"clerk", "supervisor"}
ANYBODY = {"citizen", *STAFF}
AT_DESKS: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}
EACH: dict[str, Reach] = {"citizen": "own", **AT_DESKS}


async def open_consultation(call: Call, body: OpenConsultation) -> ConversationView:
    behalf = body.on_behalf_of if body.on_behalf_of != call.actor.id else None
    if behalf is not None:
        await standing_for(call.actor, behalf, doing="consult")
    subject = await subject_of(
        item=body.item, department=body.department, application=body.application, region=body.region,
        citizen=behalf or call.actor.id, words=body.text,
    )  # fmt: skip
    if behalf is not None:
        await standing_for(call.actor, behalf, doing="consult", item=subject.item_code or NO_ITEM)
    opened = await opening.open_conversation(call.actor.id, subject, words=body.text, on_behalf_of=behalf)
    return await _shown(call, opened.id)


async def list_consultations(call: Call, query: ConsultationQuery) -> ConversationPage:
    seen, values = await _scope(call, query.scope)
    before, last = place_in("consultations", query.cursor, datetime, UUID) or (None, None)
    values += [before, last, query.limit + 1]
    n = len(values) + 1  # $1 is the side
    found = await conversations_where(
        f"({seen}) AND (${n - 2}::timestamptz IS NULL OR (c.created_at, c.id) < (${n - 2}, ${n - 1}::uuid)) "
        f"ORDER BY c.created_at DESC, c.id DESC LIMIT ${n}",
        *values, side=_side(call),
    )  # fmt: skip
    await note_look(call.actor, "consultations", purpose="consultation", scope=str(query.scope))
    page = found[: query.limit]
    more = len(found) > query.limit
    return ConversationPage(items=page, next_cursor=_end_of(page[-1]) if more else None)


async def _scope(call: Call, scope: str) -> tuple[str, list[Any]]:
    """A condition over `c`, with its values from $2 on: what the rules let this person see, and of it what is asked."""
    who = await who_is(call.actor)
    values = Values(["the side is $1", who.id])
    seen = condition(who, "conversation", access.COLUMNS, values=values)
    mine = "((c.clerk_id = $2 AND c.state IN ('assigned', 'offered')) OR c.returns_to = $2)"
    wanted = {
        "mine": mine, "queue": "c.state IN ('queued', 'inquiry')", "held": "c.state IN ('assigned', 'offered')",
        "closed": "c.state = 'closed'",
    }.get(scope, "")  # fmt: skip
    if who.kind == "citizen":
        wanted = "c.citizen_id = $2"
    elif scope not in {"mine", "queue"} and "supervisor" not in who.roles:
        wanted = " AND ".join(filter(None, [wanted, "c.clerk_id = $2"]))
    return " AND ".join(filter(None, [wanted, "$2::uuid IS NOT NULL", seen])), values.given[1:]


def _end_of(last: ConversationView) -> str:
    return end_of("consultations", last.created_at, last.id)


async def show_consultation(call: Call) -> ConversationView:
    found = await _opened(call)
    return await _shown(call, found.id)


async def _opened(call: Call) -> Conversation:
    """Readable, and counted as one more person a member of staff opened. Raises NotFound, TooManyPeopleRead."""
    found = await access.readable(call.actor, call.path_id("id"))
    await let_read(call.actor, found.citizen_id)  # type: ignore[attr-defined]
    return found


async def list_messages(call: Call, query: MessagesQuery) -> MessagePage:
    found = await _opened(call)
    actor = call.actor
    rows = await messages.after(found.id, query.after, limit=query.limit + 1)
    page, more = rows[: query.limit], len(rows) > query.limit
    name = await citizen_name(found.citizen_id)  # type: ignore[attr-defined]
    items = [messages.shown(row, citizen_name=name, reader=actor.name) for row in page]
    if actor.kind == "staff":
        written = await notes.between(found.id, after=query.after, up_to=page[-1]["seq"] if more else None)
        items = sorted([*items, *map(notes.shown, written)], key=lambda m: (m["seq"], m["kind"] == "note"))
        if found.clerk_id != actor.id:  # type: ignore[attr-defined]
            await audit.record(actor=actor.name, action="consultation.read", subject=f"consultation:{found.id}")
    top = max(found.last_seq, page[-1]["seq"] if page else 0)
    return MessagePage(items=items, next_cursor=str(page[-1]["seq"]) if more else None, last_seq=top)


async def post_message(call: Call, body: PostMessage) -> AckView:
    return await posting.post(current_hub(), body, conversation=call.path_id("id"), by=call.actor)


async def transfer_consultation(call: Call, body: TransferConsultation) -> ConversationView:
    found = await access.in_hand(call.actor, call.path_id("id"))
    await handovers.transfer(
        found.id, by=call.actor, to_staff=body.to_staff, to_department=body.to_department, reason=body.reason
    )
    return await _shown(call, found.id)


async def list_colleagues(call: Call) -> ColleagueList:
    """For who has the conversation, or supervises it."""
    found = await access.in_hand(call.actor, call.path_id("id"))
    return ColleagueList(items=await colleagues_of(found, asker=call.actor.id))


async def close_consultation(call: Call, body: CloseConsultation) -> ConversationView:
    find = access.own if call.actor.kind == "citizen" else access.in_hand
    found = await find(call.actor, call.path_id("id"))
    await conversations.close(found.id, actor=call.actor.name, reason=body.reason)
    return await _shown(call, found.id)


async def take_consultation(call: Call) -> ConversationView:
    """A clerk takes up what waits in the queue, or what is offered to them."""
    await access.offered_or_readable(call.actor, call.path_id("id"))
    await handovers.take_offered(call.path_id("id"), clerk=call.actor.id)
    return await _shown(call, call.path_id("id"))


async def take_over_consultation(call: Call, body: TakeOver) -> ConversationView:
    """A supervisor takes it out of a clerk's hands, or from where it waits."""
    found = await access.in_hand(call.actor, call.path_id("id"))
    await handovers.take_over(found.id, by=call.actor, reason=body.reason)
    return await _shown(call, found.id)


async def leave_message(call: Call) -> ConversationView:
    """The citizen would rather be answered by a date than wait in the queue."""
    found = await access.own(call.actor, call.path_id("id"))
    await inquiries.leave_message(found.id, citizen=call.actor.id)
    return await _shown(call, found.id)


async def rate_consultation(call: Call, body: RateConsultation) -> RatingView:
    found = await access.own(call.actor, call.path_id("id"))
    kept = await ratings.rate(found.id, level=body.level, reasons=body.reasons, comment=body.comment)
    return RatingView(level=body.level, reasons=body.reasons, comment=kept)


async def write_note(call: Call, body: WriteNote) -> None:
    found = await access.readable(call.actor, call.path_id("id"))
    author = await staff_member(call.actor.id)
    note = await notes.write(
        found, author=author.id, name=author.name, words=body.text, client_id=body.client_id or str(new_id()),
        whisper=notes.whispers(call.actor, found),
    )  # fmt: skip
    await backplane.tell({"n": [str(note.id)]})


async def _shown(call: Call, id: UUID) -> ConversationView:  # noqa: A002 - the id of the conversation
    view = await view_of(id, side=_side(call))
    assert view is not None, "it was read a moment ago"
    return view


def _side(call: Call) -> str:
    return "citizen" if call.actor.kind == "citizen" else "clerk"


ROUTES = [
    post("/consultations", open_consultation, roles={"citizen"}, reach="own", status=201, idempotent="when sent"),
    get("/consultations", list_consultations, roles=ANYBODY, reach=EACH),
    get("/consultations/{id}", show_consultation, roles=ANYBODY, reach=EACH),
    get("/consultations/{id}/messages", list_messages, roles=ANYBODY, reach=EACH),
    post("/consultations/{id}/messages", post_message, roles=ANYBODY, reach=EACH),
    post("/consultations/{id}/transfer", transfer_consultation, roles=STAFF, reach=AT_DESKS),
    get("/consultations/{id}/colleagues", list_colleagues, roles=STAFF, reach=AT_DESKS),
    post("/consultations/{id}/close", close_consultation, roles=ANYBODY, reach=EACH),
    post("/consultations/{id}/take", take_consultation, roles=STAFF, reach=AT_DESKS),
    post("/consultations/{id}/takeover", take_over_consultation, roles={"supervisor"}, reach="department"),
    post("/consultations/{id}/inquiry", leave_message, roles={"citizen"}, reach="own"),
    post("/consultations/{id}/notes", write_note, roles=STAFF, reach=AT_DESKS),
    *desk_routes.ROUTES,
    post("/consultations/{id}/rating", rate_consultation, roles={"citizen"}, reach="own", status=201),
]


async def talk(websocket: WebSocket) -> None:
    await socket.serve(websocket, current_hub())


SOCKETS = [WebSocketRoute("/chat", talk)]
