"""
Receipts (财政电子票据): issued in the transaction that settles a bill, a snapshot nobody edits afterwards.

Code 8 digits = division, class, kind and year; number 10 digits, rising; a check code of 6 characters over both and the
amount. A number that a rolled-back transaction took is not used again.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from asyncpg import Record

from kit import clock, crypto, db, documents
from kit.config import current
from kit.ids import READABLE, new_id, readable_code
from kit.money import yuan_text
from kit.texts import Text, text
from payments.bills import masked_payer, open_payer
from payments.config import PaymentSettings
from payments.models import Receipt

SURCHARGE = text("加处罚款", "Daily surcharge")
TEMPLATE = Path(__file__).parent.joinpath("templates", "receipt.typ")


def check_code(code: str, number: str, *, amount_fen: int) -> str:
    """Six characters that a forged code, number or amount does not have."""
    digest = crypto.sign(f"{code}{number}:{amount_fen}", purpose="receipt.check").encode()
    return "".join(READABLE[byte % len(READABLE)] for byte in digest[:6])


async def issue(bill: UUID, *, order: UUID, part: Record) -> UUID:
    """Issues the receipt of a bill that was just settled by `part` of the order. Joins the open transaction."""
    settings, now = current(PaymentSettings), clock.now()
    code = f"{settings.receipt_class_code}{clock.city_time(now):%y}"
    sequence: int = await db.fetch_value("SELECT nextval('payments_receipt_number')")
    number, amount = f"{sequence:010d}", part["principal_fen"] + part["surcharge_fen"]
    lines = await db.fetch("SELECT name, amount_fen FROM payments_bill_line WHERE bill_id = $1 ORDER BY place", bill)
    snapshot = [{"name": json.loads(row["name"]), "amount_fen": row["amount_fen"]} for row in lines]
    if part["surcharge_fen"]:
        snapshot.append({"name": SURCHARGE.model_dump(), "amount_fen": part["surcharge_fen"]})
    receipt = new_id()
    await db.execute(
        "INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen, "
        "lines, issuer, status, issued_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9::jsonb,$10,'issued',$11)",
        receipt, code, number, check_code(code, number, amount_fen=amount), readable_code(26), bill, order, amount,
        json.dumps(snapshot, ensure_ascii=False), settings.receipt_issuer, now,
    )  # fmt: skip
    return receipt


@dataclass(frozen=True)
class Proof:
    """What anybody holding a receipt's verify code may see."""

    number: str
    title: Text
    holder_masked: str
    amount_fen: int
    issued_at: datetime
    issuer: Text
    status: str  # valid | reversed


async def proven(verify_code: str) -> Proof | None:
    """The receipt behind a verify code, or None."""
    found = await Receipt.get_or_none(verify_code=verify_code[:32]).select_related("bill")
    if found is None:
        return None
    title = Text.model_validate(found.bill.title)
    return Proof(
        f"{found.code}-{found.number}", title, masked_payer(found.bill), found.amount_fen, found.issued_at,
        text(found.issuer), "valid" if found.status == "issued" else found.status,
    )  # fmt: skip


def verify_url(receipt: Receipt) -> str:
    return f"{current(PaymentSettings).public_url.rstrip('/')}/verify/{receipt.verify_code}"


async def pdf(receipt: Receipt) -> bytes:
    """The paper (PDF/A), with the payer's name in full: it is handed to payer and bill holder only."""
    await receipt.fetch_related("bill__department", "order")
    bill, url = receipt.bill, verify_url(receipt)
    values = {
        "code": receipt.code, "number": receipt.number, "check_code": receipt.check_code,
        "status": receipt.status, "payer": open_payer(bill), "payment_code": bill.payment_code,
        "title": bill.title, "department": bill.department.name, "issuer": receipt.issuer,
        "lines": [{"name": line["name"], "amount": yuan_text(line["amount_fen"])} for line in receipt.lines],
        "total": yuan_text(receipt.amount_fen), "total_words": in_capital_words(receipt.amount_fen),
        "issued_on": f"{clock.city_time(receipt.issued_at):%Y-%m-%d}", "income_item": bill.income_item_code,
        "transaction": receipt.order.transaction_id or "", "url": url, "qr": documents.qr_svg(url),
        "demo": current(PaymentSettings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=receipt.issued_at.replace(microsecond=0))


DIGITS, UNITS, GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def in_capital_words(fen: int) -> str:
    """12345 → 壹佰贰拾叁元肆角伍分, as money is written on receipts so that nobody adds a stroke."""
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_yuan_words(yuan)}元" if yuan else ""
    if not jiao and not cent:
        return (words or "零元") + "整"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return words + (f"{DIGITS[cent]}分" if cent else "整")


def _yuan_words(yuan: int) -> str:
    groups = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    words = ""
    for place, group in reversed(list(enumerate(groups))):
        gap = words and (group < 1000) and group and not words.endswith("零")
        words += ("零" if gap else "") + (_group_words(group) + GROUPS[place] if group else "")
    return words


def _group_words(group: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + DIGITS[digit] + UNITS[place]
        zero = digit == 0
    return words
