"""What payers are told of their bills, and the department of what waits for a second person."""

from auth.models import StaffMember
from kit.config import current
from kit.money import yuan_text
from kit.texts import Text, text
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.desks import tell_staff
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic
from payments.dues.states import KIND_WORDS, AmendmentKind
from payments.events import AmendmentDecided, AmendmentProposed, BillFallsDue, BillPartPaid

FALLS_DUE: dict[str, tuple[str, str, str]] = {
    "soon": ("即将到期", "请在 {day} 前缴纳", "is due by {day}"),
    "today": ("今日到期", "今天（{day}）是最后一天", "is due today, {day}"),
    "overdue": ("已经逾期", "已于 {day} 到期，逾期可能加收", "was due on {day}; late days may cost more"),
}
DECIDES = frozenset({"supervisor", "finance"})


def _reaching(state: str, *, day: str = "") -> Reaching:
    brief = {"subject": "政务缴费", "state": state} | ({"day": day} if day else {})
    return Reaching(Topic.BILLS, brief, patience_s=current(NotifySettings).notice_patience_s)


async def bill_falls_due(event: BillFallsDue) -> None:
    state, zh, en = FALLS_DUE[event.occasion]
    day, sum_ = f"{event.due_on:%Y-%m-%d}", yuan_text(event.amount_fen)
    await tell(
        event.citizen, kind=f"bill.{event.occasion}", link=f"sub/bill/detail?id={event.bill}", bill=event.bill,
        once=f"due:{event.bill}:{event.occasion}:{day}", reaching=_reaching(state, day=day),
        text=text(f"一张缴款书{state}：{sum_} 元，{zh.format(day=day)}", f"A bill of {sum_} yuan {en.format(day=day)}"),
    )  # fmt: skip


async def part_paid(event: BillPartPaid) -> None:
    if event.citizen is None:  # paid at a window: told there
        return
    coming = f"{event.next_due_on:%Y-%m-%d}"
    await tell(
        event.citizen, kind="bill.part_paid", link=f"sub/bill/detail?id={event.bill}", bill=event.bill,
        once=f"part:{event.bill}:{event.place}", reaching=_reaching("缴费成功"),
        text=text(
            f"第 {event.place} 期已缴 {yuan_text(event.amount_fen)} 元，下一期请在 {coming} 前缴纳",
            f"Instalment {event.place} of {yuan_text(event.amount_fen)} yuan has arrived; the next is due by {coming}",
        ),
    )  # fmt: skip


async def amendment_decided(event: AmendmentDecided) -> None:
    kind: Text = KIND_WORDS[AmendmentKind(event.kind)]
    said = text("已获批准", "was approved") if event.outcome == "approved" else text("未获批准", "was refused")
    await tell(
        event.citizen, kind="bill.amendment", link=f"sub/bill/detail?id={event.bill}", bill=event.bill,
        once=f"amendment:{event.amendment}:{event.outcome}", reaching=_reaching("申请办结"),
        text=text(f"您的{kind.zh}申请{said.zh}", f"Your application ({kind.en}) {said.en}"),
    )  # fmt: skip


async def amendment_proposed(event: AmendmentProposed) -> None:
    """Those of the department who may decide, but not who proposed it."""
    kind: Text = KIND_WORDS[AmendmentKind(event.kind)]
    there = await StaffMember.filter(department_id=event.department, disabled_at=None).exclude(id=event.proposed_by)
    for person in there:
        if DECIDES & set(person.roles):
            await tell_staff(
                person.id, kind="bill.amendment", link="/console/#/bills/amendments", amendment=event.amendment,
                once=f"amendment:{event.amendment}:{event.proposed_by}:{person.id}",
                text=text(f"一项{kind.zh}待您审批", f"A change of a bill waits for your decision ({kind.en})"),
            )  # fmt: skip
