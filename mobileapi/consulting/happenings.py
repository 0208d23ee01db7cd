"""
What happens to a thing while people talk about it comes back into the conversation, once, as a word of the office.

Conversations are found by their cards. A card that was recalled stands for nothing any more.
"""

from collections.abc import Sequence
from uuid import UUID

from chat.messages import Draft, append
from kit import clock, db
from kit.texts import Text, text
from mobileapi.applications.events import ApplicationDecided, ApplicationSubmitted
from mobileapi.consulting import outcomes
from payments.events import BillPaid, BillWithdrawn

TALKED_OF = """
SELECT DISTINCT m.conversation_id FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
WHERE m.kind = 'card' AND m.body->>'ref' = $1 AND m.body->>'card' = ANY ($2) AND c.state <> 'closed'
  AND NOT EXISTS (SELECT 1 FROM chat_message r WHERE r.conversation_id = m.conversation_id AND r.kind = 'recall'
                  AND (r.body->>'of')::bigint = m.seq)
"""
ONCE = """
INSERT INTO consulting_told (conversation, ref, event, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (conversation, ref, event) DO NOTHING
"""


async def bill_paid(event: BillPaid) -> None:
    await _tell(
        ["bill"],
        event.bill,
        "bill_paid",
        text("该笔缴款已缴清，票据已开具。", "This bill is paid; the receipt is ready."),
    )


async def bill_withdrawn(event: BillWithdrawn) -> None:
    await outcomes.undo("bill", event.bill)
    await _tell(["bill"], event.bill, "bill_withdrawn", text("该笔缴款已撤销，无需缴纳。", "This bill was withdrawn."))


async def case_handed_in(event: ApplicationSubmitted) -> None:
    if event.completed:
        words = text("补正材料已提交，等待审查。", "The corrected materials were handed in.")
        await _tell(["correction", "application"], event.application, "corrected", words)
    else:
        number = event.case_number
        words = text(f"申请已由本人提交，办件编号 {number}。", f"The application was handed in: case {number}.")
        await _tell(["application"], event.application, "submitted", words)


async def case_decided(event: ApplicationDecided) -> None:
    words = text("该办件已办结，可查看结果。", "The case is decided; the result can be seen.")
    await _tell(["application", "correction"], event.application, "decided", words)


async def _tell(cards: Sequence[str], ref: UUID, event: str, words: Text) -> None:
    """Faces look their cards up again when they hear of it."""
    for row in await db.fetch(TALKED_OF, str(ref), list(cards)):
        async with db.transaction():
            if not await db.execute(ONCE, row["conversation_id"], str(ref), event, clock.now()):
                continue
            body = {"event": event, "text": words.model_dump(), "ref": str(ref)}
            await append(Draft(row["conversation_id"], "system", "system", body, name="系统"))
