"""
Who gives receipts their numbers: this office itself, or the fiscal e-receipt platform of the region, by one Protocol.

A receipt is written in the transaction that settles its bill. An issuer that is `inside` numbers it there; any other
is asked afterwards, under the receipt's own id, as often as it takes: the same id gets the same number.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson

from kit import clock, crypto, db
from kit.config import current
from kit.ids import READABLE
from kit.outbound import OutsideUnreachable, outside
from payments.config import PaymentSettings

ANSWER_CAP = 64 * 1024


class IssuerUnknown(Exception):
    """No answer that can be trusted: the same receipt is asked for again."""


class IssuerRefused(Exception):
    """The platform will not number this receipt. `code` is its own word, for logs and people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Numbers:
    code: str  # 8 digits
    number: str  # 10 digits
    check_code: str  # 6 characters


@dataclass(frozen=True)
class Ask:
    """What is to be numbered. A red-letter receipt has a negative amount and names the blue one it takes back."""

    receipt: UUID
    amount_fen: int
    issued_at: datetime
    lines: Sequence[dict[str, Any]] = ()
    payer: str = ""
    payment_code: str = ""
    department: str = ""
    income_item: str = ""
    reverses: tuple[str, str] | None = None  # code and number


class ReceiptIssuer(Protocol):
    name: str
    inside: bool  # whether it is asked in the transaction that settles, and touches nothing outside the database

    async def number(self, ask: Ask) -> Numbers:
        """The same ask again gives the same numbers, unless it is `inside`. Raises IssuerUnknown, IssuerRefused."""
        ...


def check_code(code: str, number: str, *, amount_fen: int) -> str:
    """Six characters that a forged code, number or amount does not have."""
    digest = crypto.sign(f"{code}{number}:{amount_fen}", purpose="receipt.check").encode()
    return "".join(READABLE[byte % len(READABLE)] for byte in digest[:6])


class OwnIssuer:
    """
    This office numbers them itself: 8 digits of division, class, kind and year, then a rising number. A number that a
    rolled-back transaction took is not used again.
    """

    name, inside = "own", True

    async def number(self, ask: Ask) -> Numbers:
        code = f"{current(PaymentSettings).receipt_class_code}{clock.city_time(ask.issued_at):%y}"
        sequence: int = await db.fetch_value("SELECT nextval('payments_receipt_number')")
        number = f"{sequence:010d}"
        return Numbers(code, number, check_code(code, number, amount_fen=ask.amount_fen))


class PlatformIssuer:
    """
    The region's platform over HTTP: `POST {url}/receipts`, JSON, both directions signed by HMAC-SHA256 over the raw
    body with the agreed secret. An adapter for a platform that speaks otherwise is another class like this one.
    """

    name, inside = "platform", False

    async def number(self, ask: Ask) -> Numbers:
        settings = current(PaymentSettings)
        content = orjson.dumps(_sheet(ask, settings=settings))
        headers = {
            "content-type": "application/json", "x-app-id": settings.receipt_platform_app_id,
            "x-signature": _signature(content, settings=settings),
        }  # fmt: skip
        url = f"{settings.receipt_platform_url.rstrip('/')}/receipts"
        try:
            answer = await outside().call("POST", url, headers=headers, content=content, cap=ANSWER_CAP)
        except OutsideUnreachable as error:
            raise IssuerUnknown(str(error)) from error
        if not hmac.compare_digest(answer.headers.get("x-signature", ""), _signature(answer.body, settings=settings)):
            raise IssuerUnknown("the answer is not signed by the platform")
        return _read(answer.status, answer.body)


def _sheet(ask: Ask, *, settings: PaymentSettings) -> dict[str, Any]:
    return {
        "request_id": str(ask.receipt), "kind": "red" if ask.reverses else "blue",
        "reverses": {"code": ask.reverses[0], "number": ask.reverses[1]} if ask.reverses else None,
        "class_code": settings.receipt_class_code, "payer": ask.payer, "payment_code": ask.payment_code,
        "department": ask.department, "income_item": ask.income_item, "amount_fen": ask.amount_fen,
        "lines": [{"name": line["name"]["zh"], "amount_fen": line["amount_fen"]} for line in ask.lines],
        "issued_at": ask.issued_at.isoformat(),
    }  # fmt: skip


def _signature(body: bytes, *, settings: PaymentSettings) -> str:
    secret = settings.receipt_platform_key.get_secret_value().encode()
    return hmac.new(secret, body, sha256).hexdigest()


def _read(status: int, body: bytes) -> Numbers:
    try:
        said = orjson.loads(body)
        if status == 422:
            raise IssuerRefused(str(said["code"])[:64])
        numbers = Numbers(str(said["code"]), str(said["number"]), str(said["check_code"]))
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise IssuerUnknown("the answer cannot be read") from error
    sound = (len(numbers.code), len(numbers.number), len(numbers.check_code)) == (8, 10, 6)
    if status != 200 or not sound or not (numbers.code + numbers.number).isdigit():
        raise IssuerUnknown(f"answered {status}")
    return numbers


def issuer() -> ReceiptIssuer:
    """The issuer the settings name: the region's platform when it has an address, or else this office."""
    return PlatformIssuer() if current(PaymentSettings).receipt_platform_url else OwnIssuer()
