"""
Alipay: trades created for the mini program or pre-created as QR code, queries, closing, refunds, bills, notices.

Every answer is proven before it is believed, refusals too: an unsigned "no such trade" would close an order that is
paid. An answer must name the order that was asked about, because Alipay's signatures know neither time nor question.
What a sub code means is decided here and nowhere else.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

from auth.config import AuthSettings
from auth.platforms import rsa2
from kit import clock
from kit.config import current
from kit.log import logger
from kit.money import yuan_text
from kit.outbound import BILL_CAP
from payments.channels import alipay_wire as wire
from payments.channels.alipay_bill import FundBill, TradeBill
from payments.channels.base import (
    ChannelError,
    ChannelRefused,
    ChannelUnknown,
    NoStatement,
    NoSuchThing,
    NotEnoughMoney,
    NoticeEnvelope,
    OrderNews,
    OutOfOrder,
    PaymentFact,
    PrepayAsk,
    RefundAsk,
    RefundFact,
    RefundStanding,
    Standing,
    StatementBytes,
    Unintelligible,
)
from payments.channels.line import ALARM_S, Line, saw_clock, wire_time
from payments.config import PaymentSettings

log = logger("alipay")
FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8", "accept": "application/json"}
NOT_IN_SUBJECTS = str.maketrans("/=&", "  ，")
PAID_THERE = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})

REFUSALS: dict[str, type[ChannelRefused]] = {
    "ACQ.TRADE_NOT_EXIST": NoSuchThing,
    "ACQ.TRADE_HAS_SUCCESS": OutOfOrder,
    "ACQ.TRADE_HAS_CLOSE": OutOfOrder,
    "ACQ.TRADE_STATUS_ERROR": OutOfOrder,
    "ACQ.REASON_TRADE_STATUS_INVALID": OutOfOrder,
    "ACQ.CONTEXT_INCONSISTENT": OutOfOrder,  # the number was used with other contents
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": NotEnoughMoney,
}
# Names seen for "no bill of that day"; which of them Alipay uses today is nowhere written.
NO_BILL = ("BILL_NOT_EXIST", "NO_BILL_DATA", "bill_not_exist", "no_bill_data")
BUSY = frozenset({"ACQ.SYSTEM_ERROR", "isp.unknow-error", "isp.unknown-error", "SYSTEM_ERROR"})
TOO_OFTEN = frozenset({"isv.app-call-limited", "isp.service-call-limited"})
OTHER_CLOCK = "isv.invalid-timestamp"
AT_FAULT = {
    "isv.invalid-app-id": "HANDHELD_ALIPAY_APP_ID",
    "isv.invalid-signature": "HANDHELD_ALIPAY_PRIVATE_KEY_FILE",
}


class Alipay:
    """PaymentChannel over Alipay's gateway."""

    name = "alipay"
    callback_path = "/callbacks/alipay"

    def __init__(self, settings: PaymentSettings) -> None:
        """Raises BadConfiguration when a key is missing or cannot be read."""
        own = current(AuthSettings)
        self.merchant = settings.alipay_seller_id
        self.app = own.alipay_app_id
        self.fee_basis_points = settings.alipay_fee_basis_points
        self._gateway = own.alipay_gateway_url
        self._key = wire.own_key(own.alipay_private_key_file)
        self._theirs = wire.their_keys(own.alipay_public_key_file, former=settings.alipay_former_public_key_file)
        self._line = Line(self.name)

    # --- orders

    async def prepay(self, ask: PrepayAsk) -> dict[str, str]:
        """`trade_no` for the mini program, `code_url` for a QR code. The same ask again gives the same trade."""
        content = {
            "out_trade_no": ask.number,
            "total_amount": yuan_text(ask.amount_fen),
            "subject": ask.description.translate(NOT_IN_SUBJECTS)[:128],
            "time_expire": wire.beijing_text(ask.expires_at),
        }
        if ask.scene == "miniapp":
            buyer = "buyer_id" if ask.open_id.isdigit() and ask.open_id.startswith("2088") else "buyer_open_id"
            content |= {"product_code": "JSAPI_PAY", "op_app_id": self.app, buyer: ask.open_id}
            method, wanted, kept_as = "alipay.trade.create", "trade_no", "trade_no"
        else:
            method, wanted, kept_as = "alipay.trade.precreate", "qr_code", "code_url"
        said = await self._ask_about(ask.number, method, content, notify_url=ask.notify_url)
        if not isinstance(said.get(wanted), str) or not said[wanted]:
            raise ChannelUnknown(f"an answer without {wanted}", maybe_done=True)
        return {kept_as: said[wanted], "made_at": clock.now().isoformat()}

    def client_parameters(self, prepay: Mapping[str, str]) -> dict[str, str]:
        """What `my.tradePay` takes, or the `code_url` to draw."""
        if "code_url" in prepay:
            return {"code_url": prepay["code_url"]}
        return {"tradeNO": prepay["trade_no"]}

    async def query(self, number: str) -> PaymentFact:
        """A pre-created code that nobody has scanned yet is not known there: ABSENT."""
        try:
            said = await self._ask_about(number, "alipay.trade.query", {"out_trade_no": number})
        except NoSuchThing:
            return PaymentFact(self.name, number, Standing.ABSENT)
        return self._payment(said, paid_at=said.get("send_pay_date"), merchant=self.merchant, app=self.app)

    async def close(self, number: str) -> None:
        await self._ask_about(number, "alipay.trade.close", {"out_trade_no": number})

    # --- refunds

    async def refund(self, ask: RefundAsk) -> RefundFact:
        """
        Asks for the refund, then what became of it: `refund_fee` of the answer is the sum of all refunds of the trade,
        and `fund_change` says only whether this very call moved money.
        """
        content = {
            "out_trade_no": ask.number,
            "trade_no": ask.transaction_id,
            "out_request_no": ask.refund_number,
            "refund_amount": yuan_text(ask.amount_fen),
            "refund_reason": ask.reason[:80],
        }
        await self._ask_about(ask.number, "alipay.trade.refund", content)
        accepted = RefundFact(
            self.name, ask.refund_number, RefundStanding.PROCESSING, merchant=self.merchant,
            amount_fen=ask.amount_fen, accepted_at=clock.now(),
        )  # fmt: skip
        try:
            known = await self.query_refund(ask.refund_number, number=ask.number)
        except ChannelError:
            return accepted  # it is accepted; what became of it is asked again
        return accepted if known.standing is RefundStanding.ABSENT else known

    async def query_refund(self, refund_number: str, *, number: str = "") -> RefundFact:
        """`number` is that of the order, which Alipay wants to know too."""
        content = {"out_trade_no": number, "out_request_no": refund_number, "query_options": ["gmt_refund_pay"]}
        absent = RefundFact(self.name, refund_number, RefundStanding.ABSENT)
        try:
            said = await self._ask_about(number, "alipay.trade.fastpay.refund.query", content)
        except NoSuchThing:
            return absent
        if not said.get("out_request_no") or not said.get("refund_amount"):
            return absent  # an empty success: the trade is known, this refund is not
        return self._refund(said, refund_number=refund_number)

    # --- bills

    async def statement(self, day: date, *, kind: str) -> StatementBytes:
        """A ZIP. Alipay gives no hash of it; its address lives for thirty seconds."""
        content = {"bill_type": "signcustomer" if kind == "fund" else "trade", "bill_date": day.isoformat()}
        said = await self._ask("alipay.data.dataservice.bill.downloadurl.query", content)
        url = said.get("bill_download_url")
        if not isinstance(url, str) or not url:
            raise ChannelUnknown("a bill without address", maybe_done=False)
        answer = await self._line.call(
            "GET", _over_tls(url), headers={}, content=None, deadline_s=300.0, cap=BILL_CAP
        )  # fmt: skip
        if answer.status != 200:
            raise ChannelUnknown("the bill was not handed out", maybe_done=False)
        return StatementBytes(answer.body, None)

    def reader(self, kind: str, *, closely: bool = False) -> TradeBill | FundBill:
        del closely  # every row is looked at anyway
        made = FundBill if kind == "fund" else TradeBill
        return made(merchant=self.merchant, app=self.app)

    # --- notices

    async def authentic(self, headers: Mapping[str, str], content: bytes) -> NoticeEnvelope:
        """By the raw form alone. Raises NotAuthentic, Unintelligible."""
        del headers
        form = wire.NoticeForm(content)
        form.prove(self._theirs)
        said = form.texts()
        sender_id = said.get("notify_id", "")
        if not 0 < len(sender_id) <= 128:
            raise Unintelligible("a notice without id")
        event = f"{said.get('notify_type', '')}:{said.get('trade_status', '')}"
        return NoticeEnvelope(sender_id, event[:64], content)

    def opened(self, content: bytes) -> PaymentFact | RefundFact | OrderNews:
        """
        A payment, or news to ask about: refunds come under the status of their trade and with the sum of all refunds
        so far, which says neither that somebody paid nor how much went back. Raises Unintelligible.
        """
        said = wire.NoticeForm(content).texts()
        number, status = said.get("out_trade_no", ""), said.get("trade_status", "")
        if not number:
            raise Unintelligible("a notice without order number")
        about_refund = bool(said.get("gmt_refund") or wire.fen(said.get("refund_fee")))
        if status in PAID_THERE and not about_refund:
            try:
                return self._payment(
                    said, paid_at=said.get("gmt_payment"), merchant=said.get("seller_id", ""),
                    app=said.get("app_id", ""),
                )  # fmt: skip
            except ChannelUnknown as error:
                raise Unintelligible(str(error)) from error
        if (said.get("seller_id"), said.get("app_id")) != (self.merchant, self.app):
            raise Unintelligible("news of another merchant or app")
        return OrderNews(self.name, number, said.get("out_biz_no", "") if about_refund else "")

    # --- reading

    def _payment(self, said: Mapping[str, Any], *, paid_at: object, merchant: str, app: str) -> PaymentFact:
        """
        TRADE_CLOSED is an order nobody paid in time, or one that was paid and went back whole; the latter has a time
        of payment, and still was paid.
        """
        status, moment = said.get("trade_status"), wire.instant(paid_at)
        number = str(said.get("out_trade_no", ""))
        if status == "WAIT_BUYER_PAY":
            return PaymentFact(self.name, number, Standing.NOT_PAID, merchant, app)
        if status == "TRADE_CLOSED" and moment is None:
            return PaymentFact(self.name, number, Standing.CLOSED, merchant, app)
        amount, trade = wire.fen(said.get("total_amount")), said.get("trade_no")
        if status not in PAID_THERE and status != "TRADE_CLOSED":
            raise ChannelUnknown("an order in no known state", maybe_done=True)
        if amount is None or moment is None or not isinstance(trade, str) or not trade:
            raise ChannelUnknown("a payment without amount, time or number", maybe_done=True)
        return PaymentFact(
            self.name, number, Standing.PAID, merchant=merchant, app=app, transaction_id=trade[:64],
            amount_fen=amount, currency=str(said.get("trans_currency") or "CNY"), paid_at=moment,
        )  # fmt: skip

    def _refund(self, said: Mapping[str, Any], *, refund_number: str) -> RefundFact:
        amount, status = wire.fen(said.get("refund_amount")), said.get("refund_status")
        if said.get("out_request_no") != refund_number or amount is None:
            raise ChannelUnknown("a refund without number or amount", maybe_done=True)
        standing = {
            "REFUND_SUCCESS": RefundStanding.SUCCEEDED,
            "REFUND_FAIL": RefundStanding.ABNORMAL,
        }.get(str(status), RefundStanding.PROCESSING)
        done = wire.instant(said.get("gmt_refund_pay")) if standing is RefundStanding.SUCCEEDED else None
        return RefundFact(
            self.name, refund_number, standing, merchant=self.merchant, amount_fen=amount,
            accepted_at=done, finished_at=done,
        )  # fmt: skip

    # --- the wire

    async def _ask_about(
        self, number: str, method: str, content: Mapping[str, Any], *, notify_url: str = ""
    ) -> dict[str, Any]:
        """An answer about another order is none: an old one could be played again under its good signature."""
        said = await self._ask(method, content, notify_url=notify_url)
        if said.get("out_trade_no", number) != number:
            raise ChannelUnknown("an answer about another order", maybe_done=True)
        return said

    async def _ask(self, method: str, content: Mapping[str, Any], *, notify_url: str = "") -> dict[str, Any]:
        form = urlencode(self.signed_form(method, content, notify_url=notify_url, at=beijing_now())).encode()
        answer = await self._line.call("POST", self._gateway, headers=FORM, content=form)
        if answer.status != 200:
            raise ChannelUnknown(str(answer.status), maybe_done=answer.status != 429)
        said = wire.proven_content(answer.body, method=method, keys=self._theirs)
        if said.get("code") != rsa2.SUCCESS:
            raise self._error(said)
        return said

    def signed_form(
        self, method: str, content: Mapping[str, Any], *, notify_url: str, at: str
    ) -> dict[str, str]:  # fmt: skip
        """The parameters of a request; `at` as `yyyy-MM-dd HH:mm:ss` in Beijing."""
        form = {
            "app_id": self.app, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
            "timestamp": at, "version": "1.0", "notify_url": notify_url,
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        }  # fmt: skip
        form = {name: value for name, value in form.items() if value}
        return form | {"sign": rsa2.signature(rsa2.text_to_sign(form), self._key)}

    def _error(self, said: Mapping[str, Any]) -> ChannelError:
        code, word = str(said.get("code") or ""), wire.word_of(said)
        log.warning("channel_refused", code=code[:8], channel_code=word)
        if word in REFUSALS:
            return REFUSALS[word](word)
        if any(name in word for name in NO_BILL):
            return NoStatement(word)
        if word in TOO_OFTEN:
            self._line.rest()
            return ChannelUnknown(word, maybe_done=False)
        if word == OTHER_CLOCK:
            saw_clock(self.name, ahead_s=ALARM_S)
            return ChannelUnknown(word, maybe_done=False)
        if code in {"20000", "10003"} or word in BUSY or not code:
            return ChannelUnknown(word, maybe_done=True)
        if word in AT_FAULT:
            log.error("alipay_setting_at_fault", sub_code=word, setting=AT_FAULT[word])
        return ChannelRefused(word)


def beijing_now() -> str:
    return wire.beijing_text(wire_time())


def _over_tls(url: str) -> str:
    """Bill addresses are told with http and answer over https; only a sandbox on this machine stays as it is."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return parts._replace(scheme="https").geturl()
    return url
