"""
WeChat Pay API v3: JSAPI and Native orders, queries, closing, refunds, bills, notices.

Every answer with status 2xx is proven before it is believed; an answer that cannot be proven counts as none. Errors are
told apart by `code`, with and without underscores (older pages leave them out), never by HTTP status alone.
"""

import json
import secrets
import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cryptography.x509 import load_pem_x509_certificate

from kit import clock, strictjson
from kit.errors import Unreadable
from kit.log import logger
from kit.outbound import BILL_CAP, Answer
from payments.channels import wechatpay_wire as wire
from payments.channels.base import (
    BEIJING,
    ChannelError,
    ChannelRefused,
    ChannelUnknown,
    NoStatement,
    NoSuchThing,
    NotAuthentic,
    NotEnoughMoney,
    NoticeEnvelope,
    OutOfOrder,
    PaymentFact,
    PrepayAsk,
    RefundAsk,
    RefundFact,
    RefundStanding,
    Standing,
    StatementBytes,
    StatementNotReady,
    Unintelligible,
)
from payments.channels.bill import BillReader
from payments.channels.line import Line, saw_clock, wire_time
from payments.channels.wechatpay_bill import FundBill, TradeBill
from payments.config import PaymentSettings

log = logger("wechatpay")

STANDINGS = {
    "SUCCESS": Standing.PAID,
    "REFUND": Standing.PAID,  # has a refund, and still was paid
    "NOTPAY": Standing.NOT_PAID,
    "PAYERROR": Standing.NOT_PAID,
    "USERPAYING": Standing.PAYING,
    "ACCEPT": Standing.PAYING,
    "CLOSED": Standing.CLOSED,
    "REVOKED": Standing.CLOSED,
}
REFUND_STANDINGS = {
    "PROCESSING": RefundStanding.PROCESSING,
    "SUCCESS": RefundStanding.SUCCEEDED,
    "CLOSED": RefundStanding.CLOSED,
    "ABNORMAL": RefundStanding.ABNORMAL,
}
REFUSALS: dict[str, type[ChannelRefused]] = {
    "ORDERNOTEXIST": NoSuchThing,
    "RESOURCENOTEXISTS": NoSuchThing,
    "ORDERPAID": OutOfOrder,
    "ORDERCLOSED": OutOfOrder,
    "OUTTRADENOUSED": OutOfOrder,
    "NOTENOUGH": NotEnoughMoney,
    "NOSTATEMENTEXIST": NoStatement,
}
BUSY = frozenset({"SYSTEMERROR", "BANKERROR", "INTERNALERROR"})  # it may or may not have been done
TOO_OFTEN = frozenset({"FREQUENCYLIMITED", "FREQUENCYLIMITEXCEED"})  # it was not done
FUND, TRADE = "/v3/bill/fundflowbill", "/v3/bill/tradebill"


class WechatPay:
    """PaymentChannel over WeChat Pay."""

    name = "wechat"
    callback_path = "/callbacks/wechatpay"

    def __init__(self, settings: PaymentSettings) -> None:
        """Raises BadConfiguration when a key cannot be read."""
        self.fee_basis_points = settings.wechatpay_fee_basis_points
        self.merchant = settings.wechatpay_mch_id
        self.app = settings.wechat_app_id
        self._url = settings.wechatpay_api_url.rstrip("/")
        self._v3_key = settings.wechatpay_api_v3_key.get_secret_value().encode()
        key = wire.private_key(settings.wechatpay_private_key_file)
        self._credentials = wire.Credentials(self.merchant, settings.wechatpay_serial_no, key)
        self.keys = wire.PlatformKeys()
        self._line = Line(self.name)
        self._asks_for = settings.wechatpay_platform_key_id
        if settings.wechatpay_platform_key_file is not None:
            self.keys.add(wire.platform_key(settings.wechatpay_platform_key_file, key_id=self._asks_for))
        for former in wire.former_keys(settings.wechatpay_former_platform_keys):
            self.keys.add(former)

    # --- orders

    async def prepay(self, ask: PrepayAsk) -> dict[str, str]:
        """`prepay_id` for the mini program, `code_url` for a QR code. The same ask again gives a fresh one."""
        miniapp = ask.scene == "miniapp"
        body: dict[str, Any] = {
            "appid": self.app,
            "mchid": self.merchant,
            "description": ask.description,
            "out_trade_no": ask.number,
            "time_expire": ask.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            "notify_url": ask.notify_url,
            "amount": {"total": ask.amount_fen, "currency": "CNY"},
        }
        if miniapp:
            body["payer"] = {"openid": ask.open_id}
        said = await self._ask("POST", f"/v3/pay/transactions/{'jsapi' if miniapp else 'native'}", body=body)
        wanted = "prepay_id" if miniapp else "code_url"
        if not isinstance(said.get(wanted), str) or not said[wanted]:
            raise ChannelUnknown(f"an answer without {wanted}", maybe_done=True)
        return {wanted: said[wanted], "made_at": clock.now().isoformat()}

    def client_parameters(self, prepay: Mapping[str, str]) -> dict[str, str]:
        """What `wx.requestPayment` takes, or the `code_url` to draw."""
        if "code_url" in prepay:
            return {"code_url": prepay["code_url"]}
        return self.signed_parameters(prepay["prepay_id"], int(wire_time().timestamp()), secrets.token_hex(16))

    def signed_parameters(self, prepay_id: str, timestamp: int, nonce: str) -> dict[str, str]:
        package = f"prepay_id={prepay_id}"
        pay_sign = wire.sign(self._credentials.key, wire.lines(self.app, str(timestamp), nonce, package))
        return {
            "timeStamp": str(timestamp),
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": pay_sign,
        }

    async def query(self, number: str) -> PaymentFact:
        target = f"/v3/pay/transactions/out-trade-no/{quote(number)}?{urlencode({'mchid': self.merchant})}"
        try:
            return self._payment(await self._ask("GET", target))
        except NoSuchThing:
            return PaymentFact(self.name, number, Standing.ABSENT)

    async def query_transaction(self, transaction_id: str) -> PaymentFact:
        """By the channel's own number. Raises NoSuchThing."""
        target = f"/v3/pay/transactions/id/{quote(transaction_id)}?{urlencode({'mchid': self.merchant})}"
        return self._payment(await self._ask("GET", target))

    async def close(self, number: str) -> None:
        await self._ask(
            "POST", f"/v3/pay/transactions/out-trade-no/{quote(number)}/close", body={"mchid": self.merchant}
        )

    # --- refunds

    async def refund(self, ask: RefundAsk) -> RefundFact:
        body = {
            "transaction_id": ask.transaction_id,
            "out_refund_no": ask.refund_number,
            "reason": ask.reason[:80],
            "amount": {"refund": ask.amount_fen, "total": ask.total_fen, "currency": "CNY"},
        }
        return self._refund(await self._ask("POST", "/v3/refund/domestic/refunds", body=body), state="status")

    async def query_refund(self, refund_number: str, *, number: str = "") -> RefundFact:
        del number  # the refund's own number is enough here
        try:
            said = await self._ask("GET", f"/v3/refund/domestic/refunds/{quote(refund_number)}")
        except NoSuchThing:
            return RefundFact(self.name, refund_number, RefundStanding.ABSENT)
        return self._refund(said, state="status")

    # --- bills

    async def statement(self, day: date, *, kind: str) -> StatementBytes:
        query = {"bill_date": day.isoformat(), "tar_type": "GZIP"}
        query |= {"account_type": "BASIC"} if kind == "fund" else {"bill_type": "ALL"}
        said = await self._ask("GET", f"{FUND if kind == 'fund' else TRADE}?{urlencode(query)}")
        if said.get("hash_type") != "SHA1" or not isinstance(said.get("download_url"), str):
            raise ChannelUnknown("a bill without address or hash", maybe_done=False)
        parts = urlsplit(said["download_url"])
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = await self._send("GET", said["download_url"], target, body=b"", deadline_s=300.0, cap=BILL_CAP)
        if answer.status != 200:  # answers of the download are not signed; the hash proves the file
            raise ChannelUnknown("the bill was not handed out", maybe_done=False)
        return StatementBytes(answer.body, str(said.get("hash_value", "")).lower())

    def reader(self, kind: str, *, closely: bool = False) -> BillReader:
        return FundBill() if kind == "fund" else TradeBill(closely=closely)

    # --- notices

    async def authentic(self, headers: Mapping[str, str], content: bytes) -> NoticeEnvelope:
        """Raises NotAuthentic, Unintelligible."""
        proof = wire.Proof.of(headers, of_any_time=True)
        kind = headers.get("wechatpay-signature-type", wire.SCHEME)
        key = await self._key(proof.serial)
        if kind != wire.SCHEME or key is None or not proof.holds(key.key, content):
            raise NotAuthentic("unknown key" if key is None else "the signature does not hold")
        if not proof.is_in_time:
            if proof.ahead_s > 0:  # one from behind may be an old one, sent again by anybody
                saw_clock(self.name, ahead_s=proof.ahead_s)
            raise NotAuthentic("outside the time window")
        envelope = _object(content)
        sender_id, event = envelope.get("id"), envelope.get("event_type")
        if not isinstance(sender_id, str) or not isinstance(event, str) or not 0 < len(sender_id) <= 128:
            raise Unintelligible("a notice without id or type")
        return NoticeEnvelope(sender_id, event[:64], content)

    def opened(self, content: bytes) -> PaymentFact | RefundFact:
        """Raises Unintelligible."""
        envelope = _object(content)
        resource, event = envelope.get("resource"), str(envelope.get("event_type", ""))
        if not isinstance(resource, dict):
            raise Unintelligible("a notice without resource")
        said = _object(wire.open_sealed(resource, api_v3_key=self._v3_key))
        try:
            if event.startswith("REFUND."):
                return self._refund(said, state="refund_status")
            return self._payment(said)
        except ChannelUnknown as error:
            raise Unintelligible(str(error)) from error

    # --- reading

    def _payment(self, said: Mapping[str, Any]) -> PaymentFact:
        standing, amount = STANDINGS.get(str(said.get("trade_state"))), said.get("amount")
        total = amount.get("total") if isinstance(amount, dict) else None
        number, paid_at = said.get("out_trade_no"), wire.instant(said.get("success_time"))
        if standing is None or not isinstance(number, str):
            raise ChannelUnknown("an order without number or known state", maybe_done=True)
        if standing is not Standing.PAID:
            return PaymentFact(self.name, number, standing, str(said.get("mchid", "")), str(said.get("appid", "")))
        if type(total) is not int or paid_at is None or not said.get("transaction_id"):
            raise ChannelUnknown("a payment without amount, time or number", maybe_done=True)
        assert isinstance(amount, dict)
        return PaymentFact(
            self.name, number, standing, merchant=str(said.get("mchid", "")), app=str(said.get("appid", "")),
            transaction_id=str(said["transaction_id"])[:64], amount_fen=total,
            currency=str(amount.get("currency") or "CNY"), paid_at=paid_at,
        )  # fmt: skip

    def _refund(self, said: Mapping[str, Any], *, state: str) -> RefundFact:
        standing, amount = REFUND_STANDINGS.get(str(said.get(state))), said.get("amount")
        number = said.get("out_refund_no")
        refunded = amount.get("refund") if isinstance(amount, dict) else None
        if standing is None or not isinstance(number, str) or type(refunded) is not int:
            raise ChannelUnknown("a refund without number, amount or known state", maybe_done=True)
        return RefundFact(
            self.name, number, standing, merchant=str(said.get("mchid", self.merchant)),
            channel_refund_id=str(said.get("refund_id", ""))[:64], amount_fen=refunded,
            accepted_at=wire.instant(said.get("create_time")), finished_at=wire.instant(said.get("success_time")),
        )  # fmt: skip

    # --- the wire

    async def _ask(self, method: str, target: str, *, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        answer = await self._send(method, self._url + target, target, body=content)
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        await self._prove(answer)
        try:
            return _object(answer.body) if answer.body else {}
        except Unintelligible as error:
            raise ChannelUnknown("an answer that cannot be read", maybe_done=True) from error

    async def _send(
        self, method: str, url: str, target: str, *, body: bytes, deadline_s: float = 8.0, cap: int = 1 << 20
    ) -> Answer:
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "user-agent": "handheld-office",
            "authorization": self._credentials.authorization(method, target, body=body),
        }
        if self._asks_for:
            headers["wechatpay-serial"] = self._asks_for
        return await self._line.call(method, url, headers=headers, content=body or None, deadline_s=deadline_s, cap=cap)

    async def _prove(self, answer: Answer) -> None:
        """An answer without a good signature is no answer; what was asked may still have been done."""
        try:
            proof = wire.Proof.of(answer.headers, of_any_time=True)
            key = await self._key(proof.serial)
            if key is None or not proof.holds(key.key, answer.body):
                raise NotAuthentic("the signature of an answer does not hold")
            saw_clock(self.name, ahead_s=proof.ahead_s)
            if not proof.is_in_time:
                raise NotAuthentic("outside the time window")
        except NotAuthentic as error:
            log.warning("answer_not_authentic", why=error.why)
            raise ChannelUnknown(error.why, maybe_done=True) from error

    def _error(self, answer: Answer) -> ChannelError:
        try:
            code = str(_object(answer.body).get("code", ""))
        except Unintelligible:
            code = ""
        word = code.upper().replace("_", "")
        log.warning("channel_refused", status=answer.status, channel_code=code[:40])
        if word in REFUSALS:
            return REFUSALS[word](code)
        if word == "STATEMENTCREATING":
            return StatementNotReady(code)
        if word in TOO_OFTEN and answer.status != 429:
            self._line.rest()
        if word in TOO_OFTEN or answer.status == 429:
            return ChannelUnknown(code, maybe_done=False)
        if word in BUSY or not word or answer.status >= 500:
            return ChannelUnknown(code or str(answer.status), maybe_done=True)
        return ChannelRefused(code)

    # --- the platform's keys

    async def _key(self, serial: str) -> wire.PlatformKey | None:
        found = self.keys.find(serial)
        if found is not None and self.keys.are_stale() and not self.keys.lock.locked():
            async with self.keys.lock:
                await self._refresh()
        if found is not None or serial in self.keys.known:  # known but past its end: no refresh makes it good
            return found
        async with self.keys.lock:
            if serial not in self.keys.known and not serial.startswith("PUB_KEY_ID_") and self.keys.may_ask():
                await self._refresh()
        return self.keys.find(serial)

    async def _refresh(self) -> None:
        """
        Downloads the platform's certificates. The first answer is proven by the certificates it brings, which only
        who knows our API v3 key could have sealed.
        """
        self.keys.asked_at = self.keys.renewed_at = time.monotonic()
        target = "/v3/certificates"
        try:
            answer = await self._send("GET", self._url + target, target, body=b"")
            if answer.status != 200:
                raise self._error(answer)
            fresh = {key.serial: key for key in self._certificates(_object(answer.body))}
            proof = wire.Proof.of(answer.headers)
            prover = self.keys.find(proof.serial) or fresh.get(proof.serial)
            if prover is None or not prover.is_good_at(wire_time()) or not proof.holds(prover.key, answer.body):
                raise NotAuthentic("the list of certificates is not proven")
        except (ChannelError, NotAuthentic, ValueError) as error:
            log.warning("platform_keys_not_refreshed", why=type(error).__name__)
            return
        for key in fresh.values():
            self.keys.add(key)
        log.info("platform_keys_refreshed", serials=sorted(self.keys.known))

    def _certificates(self, said: Mapping[str, Any]) -> list[wire.PlatformKey]:
        sealed = [entry["encrypt_certificate"] for entry in said.get("data", []) if isinstance(entry, dict)]
        pems = [wire.open_sealed(part, api_v3_key=self._v3_key) for part in sealed]
        return [wire.key_of_certificate(load_pem_x509_certificate(pem)) for pem in pems]


def _object(content: bytes) -> dict[str, Any]:
    """Raises Unintelligible for anything but one JSON object."""
    try:
        value = strictjson.loads(content)
    except Unreadable as error:
        raise Unintelligible("not JSON") from error
    if not isinstance(value, dict):
        raise Unintelligible("not an object")
    return value
