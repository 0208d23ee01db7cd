"""What citizens are told of cases and payments, and in which words: one function an occasion."""

from kit import clock
from kit.config import current
from kit.texts import text
from mobileapi.applications.events import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationNotAccepted,
    CorrectionRequested,
    HolderChanged,
)
from mobileapi.catalogue.items import names_of
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic
from mobileapi.ratings.events import RectificationConfirmed
from payments.events import BillPaid, ReceiptAskedFor


async def bill_paid(event: BillPaid) -> None:
    if event.citizen is None:
        return  # paid at a window by somebody without an account
    await tell(
        event.citizen, kind="bill.paid", link=f"sub/bill/detail?id={event.bill}", bill=event.bill,
        once=f"paid:{event.bill}:{event.order}",
        reaching=_reaching(Topic.BILLS, subject="政务缴费", state="缴费成功"),
        text=text("缴款成功，电子票据已开具", "Your payment has arrived, the receipt is ready"),
    )  # fmt: skip


async def receipt_asked_for(event: ReceiptAskedFor) -> None:
    """Told again as often as it is asked for, once a minute at most."""
    await tell(
        event.citizen, kind="receipt.sent", link=f"sub/bill/receipt?id={event.receipt}", receipt=event.receipt,
        once=f"receipt:{event.receipt}:{clock.now():%Y%m%d%H%M}",
        reaching=_reaching(Topic.BILLS, subject="电子票据", state="已开具"),
        text=text(f"电子票据 {event.number} 可查看和下载", f"Your receipt {event.number} is here to see and keep"),
    )  # fmt: skip


async def rectification_confirmed(event: RectificationConfirmed) -> None:
    await tell(
        event.citizen, kind="rating.rectified", link=f"sub/rating/result?id={event.rectification}",
        once=f"rectified:{event.rectification}", rectification=event.rectification,
        text=text("您的差评已整改，可查看并评价结果", "Your rating was followed up: see and rate the result"),
    )  # fmt: skip


async def case_accepted(event: ApplicationAccepted) -> None:
    due = f"{event.promised_due:%Y-%m-%d}"
    await _case(
        event, kind="case.accepted", state="受理成功",
        zh=f"已受理，预计 {due} 前办结", en=f"is accepted and expected to be done by {due}",
    )  # fmt: skip


async def correction_requested(event: CorrectionRequested) -> None:
    by = f"{event.deadline:%Y-%m-%d}"
    await _case(
        event, kind="case.correction", once=f"{event.application}:{by}", state="补正材料",
        zh=f"需要补正材料，请在 {by} 前提交", en=f"needs corrected materials by {by}",
    )  # fmt: skip


async def case_decided(event: ApplicationDecided) -> None:
    if event.outcome == "approved":
        await _case(event, kind="case.decided", state="审核通过", zh="已办结：准予", en="is decided: approved")
    else:
        zh = "已办结：不予许可，可查看理由与救济途径"
        await _case(event, kind="case.decided", state="不予许可", zh=zh, en="is decided: refused")


async def case_not_accepted(event: ApplicationNotAccepted) -> None:
    await _case(event, kind="case.not_accepted", state="不予受理", zh="不予受理，可查看理由", en="is not accepted")


async def holder_changed(event: HolderChanged) -> None:
    """The citizen is told who is responsible now (a clerk is named as on paper)."""
    zh = f"现由{event.holder}负责办理" if event.holder else "现由所属部门负责办理"
    en = f"is now handled by {event.holder}" if event.holder else "is now handled by the department"
    await _case(event, kind="case.holder", once=f"{event.application}:{event.at:%Y%m%d%H%M%S%f}", zh=zh, en=en)


CaseEvent = HolderChanged | ApplicationAccepted | CorrectionRequested | ApplicationDecided | ApplicationNotAccepted


def _reaching(topic: Topic, **brief: str) -> Reaching:
    return Reaching(topic, brief, patience_s=current(NotifySettings).notice_patience_s)


async def _case(event: CaseEvent, *, kind: str, zh: str, en: str, once: str = "", state: str = "") -> None:
    """With a `state` (at most five Chinese characters, as templates take them) it also goes outside the app."""
    item = (await names_of({event.item})).get(event.item) or text(event.item)
    await tell(
        event.citizen, kind=kind, link=f"sub/case/detail?id={event.application}",
        once=f"{kind}:{once or event.application}", application=event.application,
        reaching=_reaching(Topic.CASES, subject=item.zh, number=event.case_number, state=state) if state else None,
        text=text(f"「{item.zh}」{event.case_number} {zh}", f"{item.en or item.zh} {event.case_number} {en}"),
    )  # fmt: skip
