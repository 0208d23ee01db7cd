"""The receipt on paper (PDF/A), the same bytes every time."""

from pathlib import Path

from kit import clock, documents
from kit.config import current
from kit.money import yuan_text
from payments.bills import open_payer
from payments.config import PaymentSettings
from payments.errors import ReceiptNotNumbered
from payments.models import Receipt
from payments.receipts.proof import number_of, verify_url

TEMPLATE = Path(__file__).parent.parent.joinpath("templates", "receipt.typ")


async def pdf(receipt: Receipt) -> bytes:
    """
    The paper, with the payer's name in full: it is handed to payer and bill holder only.

    Raises: ReceiptNotNumbered.
    """
    if receipt.number is None:
        raise ReceiptNotNumbered
    await receipt.fetch_related("bill__department", "order")
    bill, url = receipt.bill, verify_url(receipt)
    blue = await Receipt.get_or_none(id=receipt.reverses) if receipt.reverses else None
    values = {
        "code": receipt.code, "number": receipt.number, "check_code": receipt.check_code,
        "status": receipt.status, "payer": open_payer(bill), "payment_code": bill.payment_code,
        "title": bill.title, "department": bill.department.name, "issuer": receipt.issuer,
        "lines": [{"name": line["name"], "amount": yuan_text(line["amount_fen"])} for line in receipt.lines],
        "total": yuan_text(receipt.amount_fen), "total_words": in_capital_words(receipt.amount_fen),
        "issued_on": f"{clock.city_time(receipt.issued_at):%Y-%m-%d}", "income_item": bill.income_item_code,
        "transaction": receipt.order.transaction_id or "", "url": url, "qr": documents.qr_svg(url),
        "reverses": number_of(blue) if blue else "", "demo": current(PaymentSettings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=receipt.issued_at.replace(microsecond=0))


DIGITS, UNITS, GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def in_capital_words(fen: int) -> str:
    """12345 → 壹佰贰拾叁元肆角伍分, as money is written on receipts so that nobody adds a stroke."""
    if fen < 0:
        return "负" + in_capital_words(-fen)
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
