"""Public answers: proposed by a clerk, reviewed by another person, published under the item, reviewed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.citizens import open_name
from auth.models import Citizen
from chat.models import Conversation, Message
from kit import audit, clock, crypto, db
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text, text
from mobileapi.answers.anonymous import Removed, anonymised
from mobileapi.answers.errors import AnswerMoved, OwnProposal, TellsOfPeople
from mobileapi.answers.guides import digest_of, published_of
from mobileapi.answers.models import Answer
from mobileapi.answers.states import MOVES
from mobileapi.answers.states import AnswerState as S
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import current_guide
from mobileapi.notify.desks import tell_staff
from mobileapi.ratings.owners import who_may

PAGE = "/console/#/knowledge?id={}"


@dataclass(frozen=True)
class Draft:
    """What somebody wants others to read. `cites`: the chapters of the guide it relies on."""

    item: str
    question: str
    answer: str
    cites: Sequence[str]
    conversation: UUID | None = None


@dataclass(frozen=True)
class Looked:
    """The same without people, and what was removed of question and answer."""

    question: str
    answer: str
    removed: list[Removed]


async def looked_at(draft: Draft, guide: Guide) -> Looked:
    """What would be kept of a draft. Nothing is written; what was removed is told to who wrote it, and not kept."""
    names, public = await _names(draft.conversation), published_of(guide)
    question, first = anonymised(draft.question, names=names, public=public)
    answer, second = anonymised(draft.answer, names=names, public=public)
    return Looked(question, answer, [*first, *second])


async def _names(conversation: UUID | None) -> list[str]:
    """The people of the conversation: who asked, and for whom; the clerks who answered."""
    if conversation is None:
        return []
    talk = await Conversation.get(id=conversation)
    asked = await Citizen.filter(id__in=[i for i in (talk.citizen_id, talk.on_behalf_of) if i])  # type: ignore[attr-defined]
    clerks = await Message.filter(conversation_id=conversation, sender_role="clerk").distinct().values_list(
        "sender_name", flat=True
    )  # fmt: skip
    return [name for name in [*(open_name(person) for person in asked), *map(str, clerks)] if name]


async def propose(draft: Draft, *, by: UUID) -> tuple[Answer, list[Removed]]:
    """The proposal as it is kept, and what was removed of it. Raises NotFound for an item that is not there."""
    version, guide = await current_guide(draft.item)
    looked = await looked_at(draft, guide)
    async with db.transaction():
        made = await Answer.create(
            id=new_id(), item_code=draft.item, department_code=guide.department, conversation=draft.conversation,
            question=looked.question, answer=looked.answer, cites=sorted(set(draft.cites)), guide_version=version,
            cited_digest=digest_of(guide, draft.cites), state=S.proposed, version=1, proposed_by=by,
            proposed_at=clock.now(),
        )  # fmt: skip
        await audit.record(actor=f"staff:{by}", action="answer.proposed", subject=f"answer:{made.id}")
        for person in (await who_may(None, department=guide.department, but={by}))[:5]:
            words = text(f"「{guide.name.zh}」有问答待审核", f"An answer on {guide.name.en or guide.name.zh} waits")
            await _tell(person, made, kind="answer.proposed", words=words)
    return made, looked.removed


async def review(
    id: UUID,  # noqa: A002 - of the answer
    *,
    by: UUID,
    publish: bool,
    question: str,
    answer: str,
    note: str,
    version: int,
) -> Answer:
    """
    Another person publishes it as it stands now or as they mend it, or refuses it; of a published one, confirms it for
    the guide as it is now.

    Raises: NotFound, AnswerMoved, OwnProposal, TellsOfPeople.
    """
    async with db.transaction():
        locked = await _locked(id, version=version)
        if locked.proposed_by == by:
            raise OwnProposal
        if publish:
            guide_version, guide = await current_guide(locked.item_code)
            draft = Draft(
                locked.item_code, question or locked.question, answer or locked.answer, locked.cites,
                locked.conversation,
            )  # fmt: skip
            if (await looked_at(draft, guide)).removed:
                raise TellsOfPeople
            locked.question, locked.answer = draft.question, draft.answer
            locked.guide_version, locked.cited_digest = guide_version, digest_of(guide, locked.cites)
        locked.reviewed_by, locked.reviewed_at, locked.note = by, clock.now(), note
        await move(locked, S.published if publish else S.refused, by=by)
        words = text("您提议的问答已发布", "Your answer is published") if publish else text(
            "您提议的问答未采用，可查看原因", "Your answer was not used; see why"
        )  # fmt: skip
        await _tell(locked.proposed_by, locked, kind="answer.reviewed", words=words)
        return locked


async def withdraw(id: UUID, *, by: UUID, reason: str, version: int) -> Answer:  # noqa: A002
    """Takes a published answer away. Raises NotFound, AnswerMoved."""
    async with db.transaction():
        locked = await _locked(id, version=version)
        locked.note = reason
        await move(locked, S.withdrawn, by=by)
        return locked


async def move(locked: Answer, to: S, *, by: UUID) -> None:
    """The one place where its state changes; the row is locked. Raises AnswerMoved."""
    before = S(locked.state)
    if to not in MOVES[before]:
        raise AnswerMoved
    locked.state, locked.version = to, locked.version + 1
    await locked.save()
    await audit.record(
        actor=f"staff:{by}", action=f"answer.{to}", subject=f"answer:{locked.id}", guide_version=locked.guide_version
    )


async def _locked(id: UUID, *, version: int) -> Answer:  # noqa: A002
    found = await Answer.filter(id=id).select_for_update().first()
    if found is None:
        raise NotFound
    if found.version != version:
        raise AnswerMoved
    return found


async def _tell(staff: UUID, found: Answer, *, kind: str, words: Text) -> None:
    once = f"{kind}:{found.id}:{found.version}:{staff}"
    await tell_staff(staff, kind=kind, text=words, link=PAGE.format(found.id), once=once, answer=found.id)


def voter_of(person: str) -> str:
    """`citizen:UUID` or `device:…`, as it is kept of who voted."""
    return crypto.blind_index(person, purpose="answers.voter")


async def vote(id: UUID, *, voter: str, helpful: bool) -> None:  # noqa: A002
    """Counts once a person or device; another word of theirs replaces the first. Raises NotFound."""
    found = await Answer.get_or_none(id=id, state=S.published)
    if found is None:
        raise NotFound
    await db.execute(
        "INSERT INTO answers_vote (id, answer_id, voter, helpful, at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (answer_id, voter) DO UPDATE SET helpful = $4, at = $5",
        new_id(), id, voter_of(voter), helpful, clock.now(),
    )  # fmt: skip


STALE = """
SELECT a.id FROM answers_answer a JOIN catalogue_item i ON i.code = a.item_code
WHERE a.state = 'published' AND i.version <> a.guide_version AND a.told_of_version <> i.version LIMIT 500
"""


async def tell_of_stale() -> int:
    """Tells reviewers of published answers whose guide says something else now; how many answers."""
    return sum([await _told_of_stale(row["id"]) for row in await db.fetch(STALE)])


async def _told_of_stale(id: UUID) -> bool:  # noqa: A002
    async with db.transaction():
        found = await Answer.filter(id=id).select_for_update().get()
        version, guide = await current_guide(found.item_code)
        await Answer.filter(id=id).update(told_of_version=version)
        if digest_of(guide, found.cites) == found.cited_digest:
            return False
        for person in (await who_may(None, department=found.department_code, but={found.proposed_by}))[:5]:
            words = text(f"「{guide.name.zh}」指南已更新，问答需复核", "A guide changed: an answer needs a review")
            await tell_staff(
                person, kind="answer.stale", text=words, link=PAGE.format(id), answer=id,
                once=f"answer.stale:{id}:{version}:{person}",
            )  # fmt: skip
    return True
