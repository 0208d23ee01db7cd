"""Who is told of a question that waits: staff on each rung of the ladder, and the citizen whose inquiry is answered."""

from datetime import datetime
from uuid import UUID

from chat.events import AnswerOverdue, InquiryAnswered, InquiryDueSoon, InquiryOverdue
from chat.inquiries import away_since
from kit import clock
from kit.texts import text
from mobileapi.notify import missed
from mobileapi.notify.desks import tell_staff
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic


def desk(conversation: UUID) -> str:
    return f"/console/consultations/{conversation}"


async def answer_overdue(event: AnswerOverdue) -> None:
    """The clerk, then supervisors, then the head of the department: each once for each rung of an hour."""
    hour = f"{clock.now():%Y%m%d%H}"
    for person in map(UUID, event.told):
        mine = person == event.clerk
        await tell_staff(
            person, kind="consultation.overdue", link=desk(event.conversation), conversation=event.conversation,
            once=f"overdue:{event.conversation}:{min(event.escalation, 3)}:{hour}",
            text=text("市民在等您答复，已超时", "A citizen is waiting for your answer: it is overdue") if mine
            else text("有咨询超时未答复，请督促或接手", "A consultation is overdue: see to it, or take it over"),
        )  # fmt: skip


async def inquiry_due_soon(event: InquiryDueSoon) -> None:
    """Whoever answers for it, at half of its time and shortly before its date."""
    if event.owner is None:
        return
    by = _moment(event.due_at)
    await tell_staff(
        event.owner, kind="inquiry.due", link=desk(event.conversation), conversation=event.conversation,
        once=f"inquiry:{event.conversation}:{event.stage}:{event.due_at:%Y%m%d%H%M}",
        text=text(f"留言待答复，时限已过半：{by} 前答复", f"Half of the time is over: answer an inquiry by {by}")
        if event.stage == "half"
        else text(f"留言即将到期：{by} 前答复", f"An inquiry is due soon: answer it by {by}"),
    )  # fmt: skip


async def inquiry_overdue(event: InquiryOverdue) -> None:
    for person in map(UUID, event.told):
        await tell_staff(
            person, kind="inquiry.overdue", link=desk(event.conversation), conversation=event.conversation,
            once=f"inquiry:{event.conversation}:overdue:{event.rung}:{event.due_at:%Y%m%d%H%M}",
            text=text("留言已超过约定答复时间，请立即处理", "An inquiry has passed its date: please see to it now"),
        )  # fmt: skip


def _moment(at: datetime) -> str:
    return f"{clock.city_time(at):%Y-%m-%d %H:%M}"


BRIEF = {"subject": "您的留言", "hint": "留言已答复，请点击查看", "state": "已答复"}
PATIENCE_S = 60  # who reads it in the room is not disturbed elsewhere


async def inquiry_answered(event: InquiryAnswered) -> None:
    """
    The citizen, with the way to the very conversation, by the name of the burst of absence it falls into: whoever is
    away is told once, by this notice or by that of missed messages.
    """
    burst = await away_since(event.conversation)
    brief = {"subject": "留言", "hint": "工作人员已答复，请点击查看", "state": "已答复"}
    await tell(
        event.citizen, kind=missed.KIND, link=f"{missed.ROOM}?id={event.conversation}",
        once=f"{missed.NAME}:{event.conversation}:{burst}", conversation=event.conversation, seq=event.seq,
        reaching=Reaching(Topic.ANSWERS, brief, patience_s=PATIENCE_S),
        text=text("您的留言已答复，点击查看", "Your inquiry has been answered"),
    )  # fmt: skip
