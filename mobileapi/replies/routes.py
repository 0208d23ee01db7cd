"""Quick replies over HTTP: for the composer of a conversation, and for those who keep them."""

from uuid import UUID

from auth.callers import who_is
from auth.staff import staff_member
from chat import access as talks
from chat.models import Conversation
from kit.errors import NotFound
from kit.reach import Reach
from kit.texts import Text
from kit.web import Call, get, post, put
from mobileapi.catalogue.items import current_guide, guide_of_version
from mobileapi.catalogue.quoting import paragraph_of
from mobileapi.replies import filling, listing, replies
from mobileapi.replies.access import may_write, readable, usable
from mobileapi.replies.errors import NotYoursToWrite, ReplyWithdrawn, TalkNotInHand
from mobileapi.replies.models import Reply, Revision
from mobileapi.replies.replies import Author, Wording
from mobileapi.replies.schemas import (
    CiteView,
    ConfirmReply,
    DecideReply,
    FilledReply,
    FillReply,
    NewReply,
    RepliesQuery,
    ReplyPage,
    ReplyView,
    RevisionView,
    WriteReply,
)

DESKS = {"clerk", "supervisor"}
REACH: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}


async def list_replies(call: Call, query: RepliesQuery) -> ReplyPage:
    """Of a desk; or with `conversation` those one may use in it."""
    if query.conversation is None:
        return await listing.of_desk(call.actor, query)
    return await listing.for_conversation(call.actor, await talks.readable(call.actor, query.conversation))


async def show_reply(call: Call) -> ReplyView:
    return await _shown(call, await readable(call.actor, call.path_id("id")))


async def write_reply(call: Call, body: NewReply) -> ReplyView:
    by = await _author(call)
    who = await who_is(call.actor)
    made = await replies.place_of(scope=body.scope, item=body.item, department=who.department, by=by)
    if not await may_write(call.actor, made):
        raise NotYoursToWrite
    return await _shown(call, await replies.write(made, _wording(body), by=by))


async def change_reply(call: Call, body: WriteReply) -> ReplyView:
    found = await _in_charge(call)
    return await _shown(call, await replies.write(found, _wording(body), by=await _author(call), seen=body.seen))


async def decide_reply(call: Call, body: DecideReply) -> ReplyView:
    """By anybody of the department but the author."""
    found = await readable(call.actor, call.path_id("id"))
    by = await _author(call)
    return await _shown(
        call, await replies.decide(found.id, number=body.number, approve=body.approve, note=body.note, by=by)
    )


async def confirm_reply(call: Call, body: ConfirmReply) -> ReplyView:
    """It still says what is right, although its guide has changed: for its author and the department's supervisors."""
    found = await _in_charge(call)
    return await _shown(call, await replies.confirm(found.id, seen=body.seen, by=await _author(call)))


async def withdraw_reply(call: Call) -> ReplyView:
    found = await _in_charge(call)
    await replies.withdraw(found.id, by=await _author(call))
    return await _shown(call, found)


async def fill_reply(call: Call, body: FillReply) -> FilledReply:
    """The words for this conversation, its variables filled; counted as one use."""
    talk = await _in_hand(call, body.conversation)
    found = await usable(call.actor, call.path_id("id"), talk)
    if talk is None:
        raise TalkNotInHand
    if found.withdrawn_at is not None or not found.live:
        raise ReplyWithdrawn
    words = Text.model_validate(found.words)
    language = body.language or await filling.language_for(talk)
    filled = filling.fill(words.in_language(language), await filling.values_of(talk, language=language))
    await replies.count_use(found)
    return FilledReply(
        text=filled.text, language=language if words.en else "zh", missing=list(filled.missing),
        stale=found.stale_since is not None, at=found.cite_at, item=found.item_code, version=found.cite_version,
    )  # fmt: skip


async def _in_hand(call: Call, conversation: UUID) -> Conversation | None:
    try:
        return await talks.in_hand(call.actor, conversation)
    except NotFound:
        return None


async def _in_charge(call: Call) -> Reply:
    """Raises NotFound, and NotYoursToWrite for what one may read only."""
    found = await readable(call.actor, call.path_id("id"))
    if not await may_write(call.actor, found):
        raise NotYoursToWrite
    return found


async def _author(call: Call) -> Author:
    person = await staff_member(call.actor.id)
    return Author(person.id, person.name)


def _wording(body: WriteReply) -> Wording:
    return Wording(body.title, body.words, body.at)


async def _shown(call: Call, reply: Reply) -> ReplyView:
    who = await who_is(call.actor)
    row = await listing.row_of(reply.id, who)
    revisions = await Revision.filter(reply_id=reply.id).order_by("-number").limit(50)
    return ReplyView(
        **row.model_dump(),
        cite=await _cite(reply),
        revisions=[_revision(one, mine=one.author == call.actor.id) for one in revisions],
    )


async def _cite(reply: Reply) -> CiteView | None:
    if reply.item_code is None or reply.cite_version is None or reply.cite_at is None:
        return None
    _, guide = await current_guide(reply.item_code)
    then = paragraph_of(await guide_of_version(reply.item_code, reply.cite_version), reply.cite_at)
    now = paragraph_of(guide, reply.cite_at)
    differs = now is not None and (then is None or now.digest != then.digest)
    return CiteView(
        item=reply.item_code, version=reply.cite_version, at=reply.cite_at, heading=then.heading if then else None,
        says=then.words if then else None, now=now.words if now and differs else None,
    )  # fmt: skip


def _revision(one: Revision, *, mine: bool) -> RevisionView:
    return RevisionView(
        number=one.number, state=one.state, title=Text.model_validate(one.title), words=Text.model_validate(one.words),
        cite_version=one.cite_version, cite_at=one.cite_at, author_name=one.author_name, mine=mine,
        written_at=one.written_at, decided_name=one.decided_name, decided_at=one.decided_at, note=one.note,
    )  # fmt: skip


ROUTES = [
    get("/replies", list_replies, roles=DESKS, reach=REACH),
    post("/replies", write_reply, roles=DESKS, reach=REACH, status=201),
    get("/replies/{id}", show_reply, roles=DESKS, reach=REACH),
    put("/replies/{id}", change_reply, roles=DESKS, reach=REACH),
    post("/replies/{id}/decision", decide_reply, roles=DESKS, reach=REACH),
    post("/replies/{id}/confirmation", confirm_reply, roles=DESKS, reach=REACH),
    post("/replies/{id}/end", withdraw_reply, roles=DESKS, reach=REACH),
    post("/replies/{id}/filling", fill_reply, roles=DESKS, reach=REACH),
]
