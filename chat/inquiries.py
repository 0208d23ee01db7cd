"""
Dated inquiries: what is left when nobody is on duty, or when the citizen would rather not wait.

Each has a date in working time and a member of staff who answers for it by name; it is warned of at half of its time
and shortly before its date, goes up the line when the date has passed, and its answer is told wherever the citizen is.
"""

from datetime import datetime, timedelta
from uuid import UUID

from auth.openings import Opening, opening_of
from chat import events as chat_events
from chat import responsible
from chat.config import ChatSettings
from chat.conversations import locked, move
from chat.errors import NotWaiting
from chat.messages import announce
from chat.models import Conversation, Inquiry
from chat.routing import Reason
from chat.states import ConversationState as S
from kit import audit, clock, db, events
from kit.config import current
from kit.ids import new_id
from kit.texts import Text, text

LAST_WARNING = timedelta(hours=2)  # of working time before the date


def due_at(now: datetime, opening: Opening, settings: ChatSettings) -> datetime:
    """The end of business of the last of the promised working days, or so many working hours from now."""
    if settings.chat_inquiry_hours is not None:
        return opening.after(now, timedelta(hours=settings.chat_inquiry_hours))
    return opening.end_of_workday(now, settings.chat_inquiry_workdays)


def warnings(now: datetime, due: datetime, opening: Opening) -> tuple[datetime, datetime]:
    """When half of the working time is over, and when only the last two hours are left, or its last quarter."""
    working = opening.between(now, due)
    return opening.after(now, working / 2), opening.after(now, max(working - LAST_WARNING, working * 3 / 4))


async def open_inquiry(
    conversation: Conversation, *, actor: str, note: str = "", reason: Reason = Reason.nobody_on_duty
) -> None:
    """Gives the locked conversation a date and a person who answers for it, and tells the citizen."""
    now, opening = clock.now(), await opening_of(conversation.department_code)
    due = due_at(now, opening, current(ChatSettings))
    half, soon = warnings(now, due, opening)
    await move(conversation, S.inquiry, actor=actor, reason=reason, due_at=due, note=note)
    await Inquiry.create(
        id=new_id(), conversation_id=conversation.id, department_code=conversation.department_code,
        owner=await responsible.answerer_of(conversation), opened_at=now, due_at=due, half_at=half, soon_at=soon,
        asked_by="citizen" if reason is Reason.left_message else "office",
    )  # fmt: skip
    await announce(conversation.id, "inquiry_opened", _promise(reason, due))


def _promise(reason: Reason, due: datetime) -> Text:
    local = clock.city_time(due)
    why_zh, why_en = {
        Reason.left_message: ("您已改为留言。", "You left a message instead of waiting."),
        Reason.shift_ended: ("工作人员已下班。", "Your clerk's working hours are over."),
    }.get(reason, ("现在无人值班。", "Nobody is on duty now."))
    return text(
        f"{why_zh}您的问题已登记，将在{local.month}月{local.day}日{local:%H:%M}前答复，您也可以继续补充说明。",
        f"{why_en} Your question is recorded and will be answered by {local:%Y-%m-%d %H:%M}; you may add to it.",
    )


async def leave_message(id: UUID, *, citizen: UUID) -> None:  # noqa: A002 - the id of the conversation
    """
    The citizen gives up the place in the queue for a dated inquiry; again changes nothing.

    Raises: NotWaiting when a clerk has it, or it is closed.
    """
    async with db.transaction():
        conversation = await locked(id)
        if conversation.state == S.inquiry:
            return
        if conversation.state not in {S.queued, S.offered} or conversation.returns_to is not None:
            raise NotWaiting
        await open_inquiry(conversation, actor=f"citizen:{citizen}", reason=Reason.left_message)
        await audit.record(actor=f"citizen:{citizen}", action="consultation.message_left", subject=f"consultation:{id}")


async def give_to(conversation: UUID, owner: UUID | None) -> None:
    """Somebody else answers for the open inquiry from now on; its date stays."""
    await Inquiry.filter(conversation_id=conversation, taken_at=None).update(owner=owner)


ANSWERED = """
SELECT q.id, c.id AS conversation, c.citizen_id, m.seq, m.sender FROM chat_inquiry q
JOIN chat_conversation c ON c.id = q.conversation_id
JOIN LATERAL (SELECT seq, sender FROM chat_message m WHERE m.conversation_id = c.id AND m.sender_role = 'clerk'
  AND m.kind NOT IN ('edit', 'recall')
  AND m.at >= q.taken_at ORDER BY m.seq LIMIT 1) m ON true
WHERE q.taken_at > $1 AND q.answered_at IS NULL LIMIT 200
"""


async def notice_answers() -> int:
    """Inquiries a clerk took up first and answered later: their answers are told of as well, each once; how many."""
    noticed = 0
    for row in await db.fetch(ANSWERED, clock.now() - timedelta(days=30)):
        async with db.transaction():
            if await Inquiry.filter(id=row["id"], answered_at=None).update(
                answered_at=clock.now(), answered_by=row["sender"]
            ):
                answered = chat_events.InquiryAnswered(row["conversation"], citizen=row["citizen_id"], seq=row["seq"])
                await events.publish(answered)
                noticed += 1
    return noticed


AWAY_SINCE = """
SELECT greatest(coalesce((SELECT k.read FROM chat_mark k WHERE k.conversation_id = $1 AND k.side = 'citizen'), 0),
  coalesce((SELECT max(m.seq) FROM chat_message m WHERE m.conversation_id = $1 AND m.sender_role = 'citizen'), 0))
"""


async def away_since(conversation: UUID) -> int:
    """What the citizen last read or wrote: the name of the burst of absence they are in, should they be away."""
    return int(await db.fetch_value(AWAY_SINCE, conversation))


WARNED = {"half": "warned_at", "soon": "warned_soon_at"}
DUE_SOON = """
SELECT id, conversation_id, department_code, due_at, owner, CASE WHEN warned_soon_at IS NULL
    AND coalesce(soon_at, due_at - interval '2 hours') <= $1 THEN 'soon' ELSE 'half' END AS stage
FROM chat_inquiry WHERE taken_at IS NULL AND due_at > $1 AND (
  (warned_soon_at IS NULL AND coalesce(soon_at, due_at - interval '2 hours') <= $1)
  OR (warned_at IS NULL AND warned_soon_at IS NULL
    AND coalesce(half_at, opened_at + (due_at - opened_at) / 2) <= $1)) ORDER BY due_at LIMIT 500
"""


async def warn_of_due() -> int:
    """Tells whoever answers for it of an inquiry of which half the time is over, and again shortly before; how many."""
    now, warned = clock.now(), 0
    for row in await db.fetch(DUE_SOON, now):
        async with db.transaction():
            told = {WARNED[row["stage"]]: now}
            if await Inquiry.filter(id=row["id"], taken_at=None, **dict.fromkeys(told)).update(**told):
                await events.publish(
                    chat_events.InquiryDueSoon(
                        row["conversation_id"], department=row["department_code"], due_at=row["due_at"],
                        owner=row["owner"], stage=row["stage"],
                    )
                )  # fmt: skip
                warned += 1
    return warned
