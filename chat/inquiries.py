"""Dated inquiries: what is left when nobody is on duty. Owned by the department, warned before due, answered once."""

from datetime import datetime, time, timedelta
from uuid import UUID

from chat import events as chat_events
from chat.config import ChatSettings
from chat.conversations import move
from chat.messages import announce
from chat.models import Conversation, Inquiry
from chat.routing import Reason
from chat.states import ConversationState as S
from kit import clock, db, events, workdays
from kit.config import current
from kit.ids import new_id
from kit.texts import text

CLOSE_OF_BUSINESS = time(18, 0)  # an inquiry is due at the end of its day


async def due_at(now: datetime) -> datetime:
    """The end of business of the last of the promised working days; the day of asking does not count."""
    calendar = await workdays.calendar()
    day = calendar.add_workdays(clock.city_time(now).date(), current(ChatSettings).chat_inquiry_workdays)
    return datetime.combine(day, CLOSE_OF_BUSINESS, tzinfo=clock.city_zone())


async def open_inquiry(conversation: Conversation, *, actor: str, note: str = "") -> None:
    """Gives the locked conversation a date, and tells the citizen."""
    now = clock.now()
    due = await due_at(now)
    await move(conversation, S.inquiry, actor=actor, reason=Reason.nobody_on_duty, due_at=due, note=note)
    await Inquiry.create(
        id=new_id(), conversation_id=conversation.id, department_code=conversation.department_code,
        opened_at=now, due_at=due,
    )  # fmt: skip
    day = clock.city_time(due).date()
    await announce(
        conversation.id, "inquiry_opened",
        text(
            f"现在无人值班。您的问题已登记，将在{day.month}月{day.day}日18:00前答复，您也可以继续补充说明。",
            f"Nobody is on duty now. Your question is recorded and will be answered by {day.isoformat()} 18:00; "
            "you may add to it.",
        ),
    )  # fmt: skip


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


async def warn_of_due() -> int:
    """Tells of inquiries of which half the time is over, each once; how many."""
    now, warned = clock.now(), 0
    async for inquiry in Inquiry.filter(taken_at=None, warned_at=None, due_at__lte=now + timedelta(days=30)):
        if now < inquiry.opened_at + (inquiry.due_at - inquiry.opened_at) / 2:
            continue
        async with db.transaction():
            if await Inquiry.filter(id=inquiry.id, warned_at=None, taken_at=None).update(warned_at=now):
                conversation: UUID = inquiry.conversation_id  # type: ignore[attr-defined]
                await events.publish(
                    chat_events.InquiryDueSoon(conversation, department=inquiry.department_code, due_at=inquiry.due_at)
                )
                warned += 1
    return warned
