"""
Bad ratings put right (整改): with the rated person's supervisor, by a date in working days, answered by one and
confirmed by another, told to the citizen. A rating held to be unfair is looked at by two people, and counted apart.
"""

from dataclasses import dataclass
from uuid import UUID

from chat.events import BadRatingGiven
from chat.models import Conversation
from kit import audit, clock, db, events, workdays
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text, text
from mobileapi.answers.anonymous import without_numbers
from mobileapi.notify.desks import tell_staff
from mobileapi.ratings import owners
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.errors import NobodyCalled, RectificationMoved, ResultAlreadyRated, SamePerson
from mobileapi.ratings.events import RectificationConfirmed
from mobileapi.ratings.models import Contact, Rectification, RectificationChange
from mobileapi.ratings.states import MOVES, Finding, Way
from mobileapi.ratings.states import RectificationState as S

PAGE = "/console/#/rectifications/{}"


@dataclass(frozen=True)
class Matter:
    """What was rated. `kind` is conversation or application, `about` its id."""

    kind: str
    about: UUID
    citizen: UUID
    rated: UUID | None
    item: str | None
    department: str | None
    region: str


async def conversation_rated_badly(event: BadRatingGiven) -> None:
    talk = await Conversation.get(id=event.conversation)
    citizen: UUID = talk.citizen_id  # type: ignore[attr-defined]
    await begin(
        Matter("conversation", talk.id, citizen, event.clerk, talk.item_code, talk.department_code, talk.region_code)
    )


async def begin(matter: Matter) -> None:
    """Opens the rectification of a bad rating; again changes nothing."""
    settings, today, calendar = current(RatingSettings), clock.today(), await workdays.calendar()
    async with db.transaction():
        owner = await owners.first_owner(
            matter.rated, item=matter.item, region=matter.region, department=matter.department
        )
        made = await db.fetch_value(
            "INSERT INTO ratings_rectification (id, kind, about, citizen, rated, item_code, department_code, "
            "region_code, owner, state, version, opened_at, contact_due, due, escalation, finding, measures, "
            "contest_reason, result_comment) "
            "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'open',1,$10,$11,$12,0,'','','','') "
            "ON CONFLICT (kind, about) DO NOTHING RETURNING id",
            new_id(), matter.kind, matter.about, matter.citizen, matter.rated, matter.item, matter.department,
            matter.region, owner, clock.now(), calendar.add_workdays(today, settings.rating_contact_workdays),
            calendar.add_workdays(today, settings.rating_workdays),
        )  # fmt: skip
        if made is None:
            return
        await _note(made, actor="system", before=None, after=S.open)
        due = calendar.add_workdays(today, settings.rating_workdays)
        await told(
            owner, made, kind="rectification.opened",
            words=text(f"收到差评，请在 {due} 前整改并答复", f"A bad rating came in: put it right by {due}"),
        )  # fmt: skip


async def told(staff: UUID | None, rectification: UUID, *, kind: str, words: Text, mark: str = "") -> None:
    """Tells a member of staff once; nobody when there is nobody."""
    if staff is not None:
        await tell_staff(
            staff, kind=kind, text=words, link=PAGE.format(rectification),
            once=f"{kind}:{rectification}:{staff}:{mark}", rectification=rectification,
        )  # fmt: skip


async def note_contact(found: Rectification, *, by: UUID, way: Way, reached: bool, note: str) -> None:
    """One try to call who rated. Raises RectificationMoved once it is answered."""
    async with db.transaction():
        locked = await _locked(found.id)
        if locked.state != S.open:
            raise RectificationMoved
        await Contact.create(
            id=new_id(), rectification=locked, at=clock.now(), by=by, way=way, reached=reached,
            note=without_numbers(note),
        )  # fmt: skip
        await audit.record(actor=f"staff:{by}", action="rectification.contacted", subject=_subject(locked), way=way)


async def answer(found: Rectification, *, by: UUID, finding: Finding, measures: str, version: int) -> None:
    """What was found and done. Raises RectificationMoved, NobodyCalled."""
    async with db.transaction():
        locked = await _locked(found.id, version=version)
        if not await Contact.filter(rectification=locked).exists():
            raise NobodyCalled
        locked.finding, locked.measures, locked.answered_by = finding, without_numbers(measures), by
        locked.answered_at = clock.now()
        await move(locked, S.answered, by=by)
        await _ask_another(locked, not_=by, words=text("差评整改待确认", "A rectification waits to be confirmed"))


async def confirm(found: Rectification, *, by: UUID, accept: bool, note: str, version: int) -> None:
    """Another person accepts the answer or returns it. Raises RectificationMoved, SamePerson."""
    async with db.transaction():
        locked = await _locked(found.id, version=version, state=S.answered)
        if by == locked.answered_by:
            raise SamePerson
        if not accept:
            answered_by = locked.answered_by
            locked.answered_by = locked.answered_at = None
            await move(locked, S.open, by=by, note=note)
            words = text("整改答复被退回，请补充", "The answer was returned; please complete it")
            await told(answered_by, locked.id, kind="rectification.returned", words=words, mark=str(locked.version))
            return
        locked.confirmed_by, locked.confirmed_at = by, clock.now()
        await move(locked, S.confirmed, by=by, note=note)
        await events.publish(RectificationConfirmed(locked.id, citizen=locked.citizen))


async def contest(found: Rectification, *, by: UUID, reason: str, version: int) -> None:
    """Holds the rating to be unfair or mistaken; another person decides. Raises RectificationMoved."""
    async with db.transaction():
        locked = await _locked(found.id, version=version)
        locked.contested_by, locked.contest_reason = by, reason
        await move(locked, S.contested, by=by, note=reason)
        await _ask_another(locked, not_=by, words=text("差评申诉待复核", "A contested rating waits for a decision"))


async def decide_contest(found: Rectification, *, by: UUID, void: bool, note: str, version: int) -> None:
    """Another person decides whether the rating counts. Raises RectificationMoved, SamePerson."""
    async with db.transaction():
        locked = await _locked(found.id, version=version, state=S.contested)
        if by == locked.contested_by:
            raise SamePerson
        if void:
            locked.voided_by = by
        else:
            locked.contested_by = None
        await move(locked, S.void if void else S.open, by=by, note=note)


async def rate_result(found: Rectification, *, level: int, comment: str) -> None:
    """What the citizen says of the result, once. Raises RectificationMoved, ResultAlreadyRated."""
    async with db.transaction():
        locked = await _locked(found.id)
        if locked.state != S.confirmed:
            raise RectificationMoved
        if locked.result_rated_at is not None:
            raise ResultAlreadyRated
        locked.result_level, locked.result_comment = level, without_numbers(comment)
        locked.result_rated_at = clock.now()
        await locked.save(update_fields=["result_level", "result_comment", "result_rated_at"])


async def _locked(id: UUID, *, version: int | None = None, state: S | None = None) -> Rectification:  # noqa: A002
    found = await Rectification.filter(id=id).select_for_update().first()
    if found is None:
        raise NotFound
    if (version is not None and found.version != version) or (state is not None and found.state != state):
        raise RectificationMoved
    return found


async def move(locked: Rectification, to: S, *, by: UUID | None, note: str = "") -> None:
    """The one place where its state changes; the row is locked. Raises RectificationMoved."""
    before = S(locked.state)
    if to not in MOVES[before]:
        raise RectificationMoved
    locked.state, locked.version = to, locked.version + 1
    await locked.save()
    actor = f"staff:{by}" if by else "system"
    await _note(locked.id, actor=actor, before=before, after=to, note=note)
    await audit.record(actor=actor, action=f"rectification.{to}", subject=_subject(locked), from_state=before)


async def _note(id: UUID, *, actor: str, before: S | None, after: S, note: str = "") -> None:  # noqa: A002
    await RectificationChange.create(
        rectification_id=id, at=clock.now(), actor=actor, from_state=before, to_state=after, note=note[:500]
    )


async def _ask_another(locked: Rectification, *, not_: UUID, words: Text) -> None:
    asked = await owners.who_may(locked.rated, department=locked.department_code, but={not_})
    for person in asked[:5]:
        await told(person, locked.id, kind="rectification.waiting", words=words, mark=str(locked.version))


def _subject(locked: Rectification) -> str:
    return f"rectification:{locked.id}"
