"""What payers are told of money on its way back, and when to expect it."""

from kit.config import current
from kit.money import yuan_text
from kit.texts import Text, text
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic
from payments.events import RefundMoved

WAYS = {
    "channel": text("将原路退回", "goes back the way it came"),
    "treasury": text("将由国库退付", "is paid back by the treasury"),
    "counter": text("请到窗口领取", "can be collected at the counter"),
}


async def refund_moved(event: RefundMoved) -> None:
    """Decided, through, or come to nothing; told once each."""
    if event.citizen is None:
        return  # paid at a window by somebody without an account
    told, state = _told(event)
    await tell(
        event.citizen, kind="bill.refund", text=told, once=f"refund:{event.refund}:{event.state}",
        link=f"sub/bill/detail?id={event.bill}" if event.bill else "sub/bill/list", refund=event.refund,
        reaching=Reaching(
            Topic.BILLS, {"subject": "政务退费", "state": state},
            patience_s=current(NotifySettings).notice_patience_s,
        ),
    )  # fmt: skip


def _told(event: RefundMoved) -> tuple[Text, str]:
    """The sentence, and the state in at most five Chinese characters, as templates take it."""
    amount = yuan_text(event.amount_fen)
    if event.state == "succeeded":
        return text(f"退款 {amount} 元已到账", f"Your refund of ¥{amount} has arrived"), "退款成功"
    if event.state in {"abnormal", "closed"}:
        zh = f"退款 {amount} 元未能到账，工作人员会联系您，您无需重复申请"
        return text(zh, f"Your refund of ¥{amount} could not be made; our staff will see to it"), "退款异常"
    way = WAYS[event.route]
    by = f"{event.expected_by:%Y-%m-%d}" if event.expected_by else ""
    zh, en = (f"，预计 {by} 前到账", f", expected by {by}") if by else ("", "")
    return text(f"退款 {amount} 元已批准，{way.zh}{zh}", f"Your refund of ¥{amount} {way.en}{en}"), "退款处理"
