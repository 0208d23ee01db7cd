"""
What happens to a thing while people talk about it comes back into the conversation, once, as a word of the office.

Conversations are found by their cards. A card that was recalled stands for nothing any more.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from chat.messages import Draft, append
from kit import clock, db
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications.events import ApplicationDecided, ApplicationSubmitted
from mobileapi.consulting import outcomes
from mobileapi.consulting.errors import ConversationOver
from mobileapi.consulting.outcomes import Wanted
from mobileapi.hotline.events import OrderMoved
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.states import OrderState
from payments.events import BillPaid, BillWithdrawn

TALKED_OF = """
SELECT DISTINCT m.conversation_id FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
WHERE m.kind = 'card' AND m.body->>'ref' = $1 AND m.body->>'card' = ANY ($2) AND c.state <> 'closed'
  AND NOT m.recalled
"""
ONCE = """
INSERT INTO consulting_told (conversation, ref, event, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (conversation, ref, event) DO NOTHING
"""


async def bill_paid(event: BillPaid) -> None:
    words = text("该笔缴款已缴清，票据已开具。", "This bill is paid; the receipt is ready.")
    await _tell(["bill"], event.bill, event="bill_paid", words=words)


async def bill_withdrawn(event: BillWithdrawn) -> None:
    await outcomes.undo("bill", event.bill)
    words = text("该笔缴款已撤销，无需缴纳。", "This bill was withdrawn.")
    await _tell(["bill"], event.bill, event="bill_withdrawn", words=words)


async def case_handed_in(event: ApplicationSubmitted) -> None:
    if event.completed:
        words = text("补正材料已提交，等待审查。", "The corrected materials were handed in.")
        await _tell(["correction", "application"], event.application, event="corrected", words=words)
    else:
        number = event.case_number
        words = text(f"申请已由本人提交，办件编号 {number}。", f"The application was handed in: case {number}.")
        await _tell(["application"], event.application, event="submitted", words=words)


async def case_decided(event: ApplicationDecided) -> None:
    words = text("该办件已办结，可查看结果。", "The case is decided; the result can be seen.")
    await _tell(["application", "correction"], event.application, event="decided", words=words)


async def work_order_moved(event: OrderMoved) -> None:
    """A new one that came up in a conversation is joined to it, with its card; an answer is told."""
    if event.origin is None:
        await _join(event.order)
    elif event.state in {OrderState.ANSWERED, OrderState.CLOSED}:
        words = text(f"工单 {event.number} 已有答复，可查看。", f"Work order {event.number} has an answer.")
        await _tell(["order"], event.order, event=f"order_{event.state}", words=words)


async def _join(id: UUID) -> None:  # noqa: A002 - the id of the order
    """One that complains of a person is not: that person may be the one who answers here."""
    order = await WorkOrder.get_or_none(id=id)
    if order is None or order.conversation is None or order.about_staff is not None:
        return
    opener = Actor(order.opened_by_staff, "staff", frozenset({"clerk"}))
    wanted = Wanted("order", f"order:{order.id}", {"number": order.number})
    with suppress(NotFound, ConversationOver):
        await outcomes.note_made(opener, order.conversation, wanted=wanted, ref=order.id)


async def _tell(cards: Sequence[str], ref: UUID, *, event: str, words: Text) -> None:
    """Faces look their cards up again when they hear of it."""
    for row in await db.fetch(TALKED_OF, str(ref), list(cards)):
        async with db.transaction():
            if not await db.execute(ONCE, row["conversation_id"], str(ref), event, clock.now()):
                continue
            body = {"event": event, "text": words.model_dump(), "ref": str(ref)}
            await append(Draft(row["conversation_id"], "system", "system", body, name="系统"))
