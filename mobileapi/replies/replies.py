"""
Quick replies: written, reviewed, confirmed when their guide changed, withdrawn. The only writer of their tables.

What is of an item or of a department is in force when another person agreed; what is a clerk's own is at once.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pypinyin import Style, lazy_pinyin

from chat.wording import checked
from kit import audit, clock, db
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text
from mobileapi.catalogue.items import current_guide
from mobileapi.catalogue.quoting import Paragraph, paragraph_of
from mobileapi.replies.errors import (
    OwnReply,
    ParagraphUnknown,
    ReplyChanged,
    ReplyWithdrawn,
    ReplyWithoutPlace,
    RevisionDecided,
)
from mobileapi.replies.models import Reply, Revision
from mobileapi.replies.states import MOVES
from mobileapi.replies.states import RevisionState as S


@dataclass(frozen=True)
class Author:
    """A member of staff; without an id the operator's file."""

    id: UUID | None
    name: str

    @property
    def actor(self) -> str:
        return f"staff:{self.id}" if self.id else "system"


@dataclass(frozen=True)
class Wording:
    """What a reply says. `at`: the paragraph of the item's guide it rests on."""

    title: Text
    words: Text
    at: str | None = None


@dataclass(frozen=True)
class Cite:
    version: int
    at: str
    digest: str


async def place_of(*, scope: str, item: str | None, department: str | None, by: Author) -> Reply:
    """An empty reply where it belongs; not stored yet. Raises ReplyWithoutPlace, NotFound."""
    if (scope == "item") != (item is not None) and scope != "personal":
        raise ReplyWithoutPlace
    office = None
    if scope == "item" and item is not None:
        office = (await current_guide(item))[1].department
    elif scope == "department":
        office = department
    now = clock.now()
    return Reply(
        id=new_id(), scope=scope, item_code=item, department_code=office, owner=by.id, created_at=now, updated_at=now
    )


async def write(reply: Reply, wording: Wording, *, by: Author, seen: int = 0) -> Reply:
    """
    The reply's next revision; `seen`: the newest one the author looked at.

    Raises: ReplyChanged, ReplyWithdrawn, ParagraphUnknown, ReplyRefused for numbers of people and forbidden words.
    """
    for words in (wording.title, wording.words):
        for said in filter(None, (words.zh, words.en)):
            await checked(said)
    async with db.transaction():
        reply = await _locked(reply.id) if seen else await _put(reply)
        if reply.newest != seen:
            raise ReplyChanged
        cite = await _cited(reply, wording.at)
        await _end(reply, S.ASKED)
        reply.newest += 1
        revision = await Revision.create(
            id=new_id(), reply_id=reply.id, number=reply.newest, state=S.ASKED, title=wording.title.model_dump(),
            words=wording.words.model_dump(), author=by.id, author_name=by.name, written_at=clock.now(), **_told(cite),
        )  # fmt: skip
        await reply.save(update_fields=["newest"])
        await _note("written", reply, by=by)
        if reply.scope == "personal" or by.id is None:
            await _put_in_force(reply, revision, by=by)
    return reply


async def _put(reply: Reply) -> Reply:
    await reply.save(force_create=True)
    return reply


async def _cited(reply: Reply, at: str | None) -> Cite | None:
    if at is None:
        return None
    if reply.item_code is None:
        raise ParagraphUnknown
    version, guide = await current_guide(reply.item_code)
    paragraph = paragraph_of(guide, at)
    if paragraph is None:
        raise ParagraphUnknown
    return Cite(version, at, paragraph.digest)


def _told(cite: Cite | None) -> dict[str, Any]:
    if cite is None:
        return {"cite_version": None, "cite_at": None, "cite_digest": None}
    return {"cite_version": cite.version, "cite_at": cite.at, "cite_digest": cite.digest}


async def decide(id: UUID, *, number: int, approve: bool, note: str, by: Author) -> Reply:  # noqa: A002
    """Another person agrees to a revision, or does not. Raises ReplyChanged, OwnReply, RevisionDecided."""
    async with db.transaction():
        reply = await _locked(id)
        revision = await Revision.get_or_none(reply_id=id, number=number)
        if revision is None:
            raise ReplyChanged
        if revision.state != S.ASKED:
            raise RevisionDecided
        if revision.author == by.id:
            raise OwnReply
        revision.note = note
        if approve:
            await _put_in_force(reply, revision, by=by)
        else:
            await _move(revision, S.REFUSED, by=by)
        await _note("approved" if approve else "refused", reply, by=by)
    return reply


async def confirm(id: UUID, *, seen: int, by: Author) -> Reply:  # noqa: A002 - the id of the reply
    """
    It still says what is right: from now on it rests on the guide in force. `seen`: the revision that was looked at.

    Raises: ReplyChanged, ReplyWithdrawn, ParagraphUnknown when the paragraph is gone and another must be chosen.
    """
    async with db.transaction():
        reply = await _locked(id)
        if reply.live != seen or reply.stale_since is None:
            raise ReplyChanged
        cite = await _cited(reply, reply.cite_at)
        reply.newest += 1
        await _end(reply, S.ASKED)
        revision = await Revision.create(
            id=new_id(), reply_id=reply.id, number=reply.newest, state=S.ASKED, title=reply.title, words=reply.words,
            author=by.id, author_name=by.name, written_at=clock.now(), **_told(cite),
        )  # fmt: skip
        await _put_in_force(reply, revision, by=by)
        await _note("confirmed", reply, by=by)
    return reply


async def withdraw(id: UUID, *, by: Author) -> None:  # noqa: A002
    """It is not used any more; what it said stays. Again changes nothing."""
    async with db.transaction():
        reply = await Reply.select_for_update().get(id=id)
        if reply.withdrawn_at is not None:
            return
        await _end(reply, S.ASKED, S.LIVE)
        reply.withdrawn_at = clock.now()
        await reply.save(update_fields=["withdrawn_at"])
        await _note("withdrawn", reply, by=by)


async def count_use(reply: Reply) -> None:
    await db.execute("UPDATE replies_reply SET uses = uses + 1, last_used_at = $2 WHERE id = $1", reply.id, clock.now())


async def rest_on(reply: Reply, version: int, paragraph: Paragraph | None) -> bool:
    """After a newer guide: the paragraph is found again in it, or the reply is stale. Whether it has become so now."""
    if paragraph is not None:
        reply.cite_version, reply.cite_at, reply.stale_since = version, paragraph.at, None
        await reply.save(update_fields=["cite_version", "cite_at", "stale_since"])
        return False
    fresh = reply.stale_since is None
    if fresh:
        reply.stale_since = clock.now()
        await reply.save(update_fields=["stale_since"])
        await _note("stale", reply, by=Author(None, ""))
    return fresh


async def _locked(id: UUID) -> Reply:  # noqa: A002
    reply = await Reply.select_for_update().get_or_none(id=id)
    if reply is None:
        raise NotFound
    if reply.withdrawn_at is not None:
        raise ReplyWithdrawn
    return reply


async def _put_in_force(reply: Reply, revision: Revision, *, by: Author) -> None:
    await _end(reply, S.LIVE)
    await _move(revision, S.LIVE, by=by)
    title = Text.model_validate(revision.title)
    reply.live, reply.title, reply.words = revision.number, revision.title, revision.words
    reply.initials = initials_of(title.zh)
    reply.cite_version, reply.cite_at, reply.cite_digest = (
        revision.cite_version, revision.cite_at, revision.cite_digest,
    )  # fmt: skip
    reply.stale_since, reply.updated_at = None, clock.now()
    await reply.save()


async def _move(revision: Revision, to: S, *, by: Author) -> None:
    """The one place where a revision's state changes."""
    if to not in MOVES[S(revision.state)]:
        raise RevisionDecided
    revision.state, revision.decided_by, revision.decided_name = to, by.id, by.name
    revision.decided_at = clock.now()
    await revision.save()


async def _end(reply: Reply, *states: S) -> None:
    """What was in force, or waited, is former; who decided about it stays."""
    for state in states:
        assert S.FORMER in MOVES[state], "only what is in force or waits is replaced"
        await Revision.filter(reply_id=reply.id, state=state).update(state=S.FORMER)


async def _note(what: str, reply: Reply, *, by: Author) -> None:
    await audit.record(
        actor=by.actor, action=f"reply.{what}", subject=f"reply:{reply.id}", scope=reply.scope, item=reply.item_code,
        revision=reply.newest,
    )  # fmt: skip


def initials_of(title: str) -> str:
    """The first letters of its syllables, by which it is found: 身份证补领 → sfzbl."""
    return "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower().replace(" ", "")[:80]
