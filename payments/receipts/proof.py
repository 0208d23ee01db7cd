"""What anybody may see of a receipt who holds its verify code."""

from dataclasses import dataclass
from datetime import datetime

from kit.config import current
from kit.texts import Text, text
from payments.bills import masked_payer
from payments.config import PaymentSettings
from payments.models import Receipt

STATUSES = {"issued": "valid", "reversed": "reversed", "red": "red_letter"}


@dataclass(frozen=True)
class Proof:
    """What anybody holding a receipt's verify code may see."""

    number: str
    title: Text
    holder_masked: str
    amount_fen: int
    issued_at: datetime
    issuer: Text
    status: str  # valid | reversed | red_letter


async def proven(verify_code: str) -> Proof | None:
    """The receipt behind a verify code, or None; one that has no number yet proves nothing."""
    found = await Receipt.get_or_none(verify_code=verify_code[:32], number__not_isnull=True).select_related("bill")
    if found is None:
        return None
    return Proof(
        number_of(found), Text.model_validate(found.bill.title), masked_payer(found.bill), found.amount_fen,
        found.issued_at, text(found.issuer), STATUSES[found.status],
    )  # fmt: skip


def number_of(receipt: Receipt) -> str:
    """Code and number, as people read it."""
    return f"{receipt.code}-{receipt.number}"


def verify_url(receipt: Receipt) -> str:
    return f"{current(PaymentSettings).public_url.rstrip('/')}/verify/{receipt.verify_code}"
