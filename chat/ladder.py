"""
The ladder: an answer that does not come goes to the backup, then to a supervisor, then to the head of the department.

Every rung is an event with the people who are told, and an honest word to the citizen. Above the last rung nothing new
is said: whoever is there has been told, and the timer goes on running.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from auth.staff import staff_member
from chat import assignment, inquiries, presence, responsible
from chat import events as chat_events
from chat.assignment import serve_now, snapshot_of
from chat.config import ChatSettings
from chat.conversations import locked
from chat.messages import announce
from chat.models import Conversation, Inquiry
from chat.routing import Reason, choose_clerk
from chat.states import ConversationState as S
from kit import clock, db, events
from kit.config import current
from kit.texts import Text, text

TOP = 3
WHO = {2: text("主管", "a supervisor"), 3: text("部门负责人", "the head of the department")}


async def escalate(conversation_id: UUID) -> None:
    """
    The answer is overdue: the backup is asked, then a supervisor. When nobody else is there it stays where it is, and
    the next higher is told. A clerk whose hours are over is not waited for: the conversation is handed on, or becomes
    an inquiry with a date.
    """
    async with db.transaction():
        conversation = await locked(conversation_id)
        overdue = conversation.state == S.assigned and conversation.awaiting == "clerk"
        if not overdue or conversation.answer_due_at is None or conversation.answer_due_at > clock.now():
            return
        clerk: UUID = conversation.clerk_id  # type: ignore[attr-defined]
        conversation.tried = list({*conversation.tried, str(clerk)})
        if clerk not in await serve_now([clerk]):
            await conversation.save(update_fields=["tried"])
            await assignment.route(conversation, actor="system", note="shift ended", otherwise=Reason.shift_ended)
            return
        conversation.escalation += 1
        await conversation.save(update_fields=["tried", "escalation"])
        await _climb(conversation, clerk)


async def _climb(conversation: Conversation, clerk: UUID) -> None:
    choice = choose_clerk(await snapshot_of(conversation))
    seat = await presence.hold_free(choice.staff) if choice.staff else None
    rung = min(conversation.escalation, TOP)
    told = await _told(conversation, clerk, rung=rung)
    if seat is None:
        await _keep(conversation)
    if conversation.escalation <= TOP:
        await announce(
            conversation.id, "answer_overdue", await _words(clerk, seat.staff if seat else None, rung if told else 1)
        )
    await events.publish(
        chat_events.AnswerOverdue(
            conversation.id, clerk=clerk, escalation=conversation.escalation,
            told=[str(person) for person in told],
        )
    )  # fmt: skip
    if seat is not None:
        await assignment.give(conversation, seat, reason=choice.reason, actor="system", note="answer overdue")


async def _keep(conversation: Conversation) -> None:
    """Nobody else is there: the clerk's timer begins again."""
    conversation.answer_due_at = clock.now() + timedelta(seconds=current(ChatSettings).chat_answer_s)
    await conversation.save(update_fields=["answer_due_at"])


async def _told(conversation: Conversation, clerk: UUID | None, *, rung: int) -> Sequence[UUID]:
    """The clerk; above the first rung supervisors, then the head of the department."""
    if rung == 1:
        return [clerk] if clerk else []
    above = await responsible.chiefs_of(conversation)
    if rung >= TOP:
        above = await responsible.heads_of(conversation, above=clerk) or above
    return [person for person in above if person != clerk]


async def _words(clerk: UUID, other: UUID | None, rung: int) -> Text:
    late = (await staff_member(clerk)).name
    sorry_zh, sorry_en = f"抱歉让您久等：{late}还没有答复", f"We are sorry: {late} has not answered yet"
    if other is not None:
        name = (await staff_member(other)).name
        return text(f"{sorry_zh}，正在请{name}接手。", f"{sorry_en}; {name} is asked to take over.")
    if rung == 1:
        return text(f"{sorry_zh}，已提醒。", f"{sorry_en} and has been reminded.")
    who = WHO[rung]
    return text(f"{sorry_zh}，已告知{who.zh}。", f"{sorry_en}; {who.en} has been told.")


OVERDUE = "SELECT id FROM chat_conversation WHERE state = 'assigned' AND awaiting = 'clerk' AND answer_due_at <= $1 "


async def overdue_answers() -> list[UUID]:
    return [r["id"] for r in await db.fetch(f"{OVERDUE} ORDER BY answer_due_at LIMIT 200", clock.now())]


MISSED = """
SELECT i.id, i.conversation_id FROM chat_inquiry i WHERE i.taken_at IS NULL AND i.due_at <= $1 AND i.rung < 2
  AND (i.rung_at IS NULL OR i.rung_at <= $2) ORDER BY i.due_at LIMIT 200
"""


async def missed_dates() -> int:
    """Inquiries whose date has passed: their supervisors, and some hours later the head of the department; how many."""
    now = clock.now()
    rows = await db.fetch(MISSED, now, now - timedelta(hours=current(ChatSettings).chat_inquiry_rung_h))
    return sum([await _miss(row["conversation_id"]) for row in rows])


async def _miss(id_: UUID) -> bool:
    async with db.transaction():
        conversation = await locked(id_)
        inquiry = await Inquiry.filter(conversation_id=id_, taken_at=None).first()
        if conversation.state != S.inquiry or inquiry is None:
            return False
        rung = inquiry.rung + 1
        await Inquiry.filter(id=inquiry.id).update(rung=rung, rung_at=clock.now())
        if inquiry.owner is None:
            await inquiries.give_to(id_, await responsible.answerer_of(conversation))
        told = [*await _told(conversation, inquiry.owner, rung=rung + 1), *filter(None, [inquiry.owner])]
        who = WHO[rung + 1]
        await announce(
            id_, "inquiry_overdue",
            text(
                f"很抱歉，我们没有在约定的时间前答复您，已告知{who.zh}督办。",
                f"We are sorry: you were not answered by the date you were given; {who.en} has been told.",
            ),
        )  # fmt: skip
        await events.publish(
            chat_events.InquiryOverdue(
                id_, department=conversation.department_code, due_at=inquiry.due_at, rung=rung,
                told=[str(person) for person in dict.fromkeys(told)],
            )
        )  # fmt: skip
    return True
