"""The fee of a case as it is shown. Amounts are whole fen."""

from datetime import datetime
from uuid import UUID

from kit.texts import Text
from kit.web import View


class CaseFeeView(View):
    state: str
    state_text: Text
    amount_fen: int
    bill: UUID
    raised_at: datetime
    moved_at: datetime


class FeeOfCase(View):
    """`fee`: null of a case that has none, or has none yet."""

    fee: CaseFeeView | None
