"""Carrying out a routing decision: gather the snapshot, choose, hold the clerk's seat, move the conversation."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from auth import duties
from auth.staffing.tongues import speakers
from chat import inquiries, presence, responsible, subjects
from chat.config import ChatSettings
from chat.conversations import locked, move, serve_queue_soon
from chat.models import Conversation
from chat.presence import Seat
from chat.routing import DUTY, Candidate, Choice, Reason, Snapshot, choose_clerk
from chat.states import ConversationState as S
from chat.subjects import Subject
from kit import clock, db
from kit.config import current
from kit.jobs import defer


async def route(
    conversation: Conversation, *, actor: str, note: str = "", otherwise: Reason = Reason.nobody_on_duty
) -> Choice:
    """
    Gives the locked conversation its clerk, its place in the queue or its date, then for the reason `otherwise`.

    The seat of the chosen clerk is held and looked at once more; was it taken meanwhile, the choice is made again. A
    clerk for whom somebody waits already is left to them: the queue is served first, in a moment.
    """
    passed_over: set[UUID] = set()
    while True:
        choice = choose_clerk(await snapshot_of(conversation, without=passed_over))
        if choice.staff is not None and await _others_first(conversation, choice):
            choice = Choice("queue", Reason.department_queue)
            if conversation.version == 0:
                await serve_queue_soon()
        if choice.staff is None:
            await _without_clerk(conversation, choice, actor=actor, note=note, otherwise=otherwise)
            return choice
        seat = await presence.hold_free(choice.staff)
        if seat is not None:
            await give(conversation, seat, reason=choice.reason, actor=actor, note=note)
            return choice
        passed_over.add(choice.staff)


AHEAD = """
SELECT 1 FROM chat_conversation q WHERE q.state = 'queued' AND (q.created_at, q.id) < ($1, $2)
  AND q.item_code IS NOT DISTINCT FROM $3 AND q.department_code IS NOT DISTINCT FROM $4 AND q.region_code = $5
  AND ((NOT q.tried ? $6 AND ($8 OR q.escalation >= 2)) OR q.queued_at <= $7) LIMIT 1
"""


async def _others_first(conversation: Conversation, choice: Choice) -> bool:
    """
    Whether somebody with the same matter waits for longer, whom this clerk may serve: who has no duty for the item may
    serve those only who have waited for long. A case has its own clerk.
    """
    if choice.reason is Reason.sticky_case:
        return False
    ahead = await db.fetch_value(
        AHEAD, conversation.created_at, conversation.id, conversation.item_code, conversation.department_code,
        conversation.region_code,
        str(choice.staff), clock.now() - patience(), choice.role in DUTY,
    )  # fmt: skip
    return ahead is not None


async def in_line(subject: Subject) -> None:
    """
    Those who come with the same matter are let in one after the other, until the transaction ends: the next sees who
    found no place.
    """
    matter = f"{subject.item_code}|{subject.department_code}|{subject.region}"
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 10))", matter)


async def _without_clerk(
    conversation: Conversation, choice: Choice, *, actor: str, note: str, otherwise: Reason
) -> None:
    if choice.to == "inquiry":
        await inquiries.open_inquiry(conversation, actor=actor, note=note, reason=otherwise)
    elif conversation.state != S.queued or conversation.version == 0:
        await move(conversation, S.queued, actor=actor, reason=choice.reason, note=note)


async def give(conversation: Conversation, seat: Seat, *, reason: str, actor: str, note: str = "") -> None:
    """Assigns it to a clerk who accepts by themselves, offers it to the others."""
    if seat.auto_accept:
        await move(conversation, S.assigned, actor=actor, reason=reason, clerk=seat.staff, note=note)
    else:
        await offer(conversation, seat.staff, reason=reason, actor=actor, note=note)


async def offer(
    conversation: Conversation, to: UUID, *, reason: str, actor: str, note: str = "", returns_to: UUID | None = None
) -> None:
    """Asks the clerk, whose seat is held, for some seconds."""
    from chat.jobs import end_offer

    await move(conversation, S.offered, actor=actor, reason=reason, clerk=to, note=note, returns_to=returns_to)
    assert conversation.answer_due_at is not None
    await defer(
        end_offer, at=conversation.answer_due_at, conversation=str(conversation.id), version=conversation.version
    )


KNOWN = """
SELECT c.locale, (SELECT t.clerk_id FROM chat_conversation t WHERE t.citizen_id = c.id AND t.id <> $2
    AND t.clerk_id IS NOT NULL AND t.state IN ('assigned', 'closed') AND coalesce(t.closed_at, t.created_at) > $5
    AND (t.item_code = $3 OR ($3 IS NULL AND t.department_code = $4)) ORDER BY t.created_at DESC LIMIT 1) AS talked
FROM auth_citizen c WHERE c.id = $1
"""


async def snapshot_of(conversation: Conversation, *, without: Iterable[UUID] = ()) -> Snapshot:
    """Everything the decision looks at."""
    people = await _people(conversation)
    sticky = await subjects.holder_of(conversation.application)
    if sticky is not None and all(staff != sticky for staff, _, _ in people):
        people.append((sticky, "other", len(people)))
    talked, language = await _citizen_knows(conversation)
    ids = [staff for staff, _, _ in people]
    seats = await presence.seats(ids)
    serving = await serve_now([staff for staff, seat in seats.items() if seat.status != "gone"])
    speaking = await speakers(language, serving) if language else set()
    waited = conversation.queued_at is not None and clock.now() - conversation.queued_at >= patience()
    return Snapshot(
        tuple(
            _candidate(seats.get(staff), staff, role, order, serves=staff in serving, speaks=staff in speaking)
            for staff, role, order in people
        ),
        sticky=sticky, talked=talked, escalation=conversation.escalation, waited_long=waited,
        tried=frozenset(without) | (frozenset() if waited else {UUID(t) for t in conversation.tried}),
    )  # fmt: skip


async def _citizen_knows(conversation: Conversation) -> tuple[UUID | None, str]:
    """Who spoke with the citizen about the matter last, and the citizen's language where not everybody speaks it."""
    citizen: UUID = conversation.citizen_id  # type: ignore[attr-defined]
    since = clock.now() - timedelta(days=current(ChatSettings).chat_sticky_days)
    rows = await db.fetch(KNOWN, citizen, conversation.id, conversation.item_code, conversation.department_code, since)
    language = rows[0]["locale"].partition("-")[0]
    return rows[0]["talked"], "" if language == "zh" else language


def patience() -> timedelta:
    return timedelta(seconds=current(ChatSettings).chat_queue_patience_s)


async def _people(conversation: Conversation) -> list[tuple[UUID, str, int]]:
    """(staff, role, order): those with the duty first, then the other clerks of the department, then supervisors."""
    item, department = conversation.item_code, conversation.department_code
    holders = await duties.people_for(item, conversation.region_code) if item else []
    found = {h.staff_id: (h.staff_id, h.role, h.order) for h in holders}
    clerks = await duties.department_clerks(department) if department else await _every_clerk()
    for clerk in clerks:
        found.setdefault(clerk.staff_id, (clerk.staff_id, "department", 1000 + clerk.order))
    for n, chief in enumerate(await responsible.supervisors_of(department)):
        found.setdefault(chief, (chief, "supervisor", 2000 + n))
    return list(found.values())


async def _every_clerk() -> list[duties.DutyHolder]:
    """A question without any subject may be taken by whoever is at a desk."""
    rows = await db.fetch("SELECT staff_id FROM chat_presence ORDER BY staff_id")
    return [duties.DutyHolder(r["staff_id"], "", "", "", "other", n) for n, r in enumerate(rows)]


async def serve_now(staff: Iterable[UUID]) -> set[UUID]:
    """Those of the people who serve citizens at this hour."""
    asked = set(staff)
    if current(ChatSettings).clerks_serve_outside_hours or not asked:
        return asked
    return await duties.on_duty_among(asked, clock.now())


def _candidate(seat: Seat | None, staff: UUID, role: str, order: int, *, serves: bool, speaks: bool) -> Candidate:
    if seat is None or seat.status == "gone":
        return Candidate(staff, role, order, within_hours=False, load=seat.load if seat else 0)
    return Candidate(staff, role, order, serves, seat.status, seat.load, seat.capacity, speaks)


async def pass_on(conversation_id: UUID, *, clerk: UUID, why: str, version: int | None = None) -> bool:
    """
    The clerk did not take it, or is gone: the next one is asked. False when it is not theirs any more.

    What was handed to them returns to who handed it on, as long as that one is there. With a `version` only that very
    offer is ended.
    """
    async with db.transaction():
        conversation = await locked(conversation_id)
        theirs = conversation.state in {S.offered, S.assigned} and conversation.clerk_id == clerk  # type: ignore[attr-defined]
        if not theirs or (version is not None and conversation.version != version):
            return False
        conversation.tried = [*conversation.tried, str(clerk)]
        if why == "declined" and str(clerk) not in conversation.declined:
            conversation.declined = [*conversation.declined, str(clerk)]
        await conversation.save(update_fields=["tried", "declined"])
        actor = f"staff:{clerk}" if why == "declined" else "system"
        if not await _returned(conversation, actor=actor, note=why):
            await route(conversation, actor=actor, note=why)
    return True


async def _returned(conversation: Conversation, *, actor: str, note: str) -> bool:
    """Gives what was handed on in vain back to who had it; their place was kept. False when that one has left too."""
    former = conversation.returns_to
    seat = await presence.hold(former) if former is not None else None
    if seat is None or seat.status == "gone":
        return False
    await move(conversation, S.assigned, actor=actor, reason=Reason.transfer_returned, clerk=former, note=note)
    return True


VANISHED = """
SELECT c.id, c.clerk_id FROM chat_conversation c LEFT JOIN chat_presence p ON p.staff_id = c.clerk_id
WHERE c.state IN ('assigned', 'offered') AND (c.state = 'offered' OR c.awaiting = 'clerk')
  AND (p.staff_id IS NULL OR p.seen_at <= $1 OR p.left_at <= $1 OR p.seen_at > $2 OR p.left_at > $2)
ORDER BY c.answer_due_at LIMIT 200
"""


async def with_vanished_clerks(at: datetime) -> list[tuple[UUID, UUID]]:
    """(conversation, clerk): citizens who wait for a clerk nobody has seen for a while."""
    oldest = at - timedelta(seconds=current(ChatSettings).chat_vanish_s)
    return [(r["id"], r["clerk_id"]) for r in await db.fetch(VANISHED, oldest, at + presence.AHEAD)]


ENDED = "SELECT id, clerk_id, version FROM chat_conversation WHERE state = 'offered' AND answer_due_at <= $1 LIMIT 200"


async def ended_offers(at: datetime) -> list[tuple[UUID, UUID, int]]:
    """(conversation, clerk, version) of offers whose end passed, should their own job have been lost."""
    return [(r["id"], r["clerk_id"], r["version"]) for r in await db.fetch(ENDED, at)]
