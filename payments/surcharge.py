"""
What a late payer owes on top: 加处罚款 under administrative penalty law art. 72, and its kin.

Pure arithmetic in whole fen. A bill keeps the terms of the version that held when its decision was received, because
the decision must have told them beforehand (1997 separation measures art. 9); a bill without terms never grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kit.money import yuan_text
from kit.texts import Text, text
from kit.workdays import Calendar

PERIOD_DAYS = 15  # administrative penalty law art. 67: calendar days from receiving the decision
PER_MYRIAD = 10_000

Stays = Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class Terms:
    """One version of a rule: so much of the principal a day, never above `cap_per_cent` of it when there is a cap."""

    code: str
    since: date
    per_myriad_a_day: int
    cap_per_cent: int | None
    name: Text
    basis: Text

    def kept(self) -> dict[str, Any]:
        """As a bill keeps them."""
        return {
            "code": self.code, "since": self.since.isoformat(), "per_myriad_a_day": self.per_myriad_a_day,
            "cap_per_cent": self.cap_per_cent, "name": self.name.model_dump(), "basis": self.basis.model_dump(),
        }  # fmt: skip

    @property
    def per_cent(self) -> str:
        """300 of 10,000 → `3%`; 5 → `0.05%`."""
        whole, part = divmod(self.per_myriad_a_day, 100)
        return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%"


def terms_of(kept: dict[str, Any] | None) -> Terms | None:
    """What a bill keeps, read again."""
    if kept is None:
        return None
    return Terms(
        kept["code"], date.fromisoformat(kept["since"]), kept["per_myriad_a_day"], kept["cap_per_cent"],
        Text.model_validate(kept["name"]), Text.model_validate(kept["basis"]),
    )  # fmt: skip


def due_date(received_on: date, *, calendar: Calendar) -> date:
    """The last day to pay: 15 calendar days after receipt, moved to the next working day (civil code art. 203)."""
    return calendar.next_workday(received_on + timedelta(days=PERIOD_DAYS))


def overdue_days(due_on: date, *, paid_on: date, stays: Stays = ()) -> int:
    """
    Days after the due date up to and including the day of payment, without stayed days (penalty law art. 73).

    A stay without a last day goes on. Stays may overlap; no day is taken off twice.
    """
    first, days = due_on + timedelta(days=1), max(0, (paid_on - due_on).days)
    for begun, ended in sorted(
        (date.fromisoformat(s[0] or ""), date.fromisoformat(s[1] or "9999-12-31")) for s in stays
    ):
        start, end = max(begun, first), min(ended, paid_on)
        if start <= end:
            days -= (end - start).days + 1
            first = end + timedelta(days=1)
    return days


def surcharge_fen(principal_fen: int, *, days: int, terms: Terms | None) -> int:
    """The surcharge in fen: rounded down once, in the payer's favour, and capped."""
    if terms is None:
        return 0
    grown = principal_fen * terms.per_myriad_a_day * days // PER_MYRIAD
    return min(grown, cap_fen(principal_fen, terms=terms))


def cap_fen(principal_fen: int, *, terms: Terms) -> int:
    """Where the surcharge stops."""
    return 1 << 62 if terms.cap_per_cent is None else principal_fen * terms.cap_per_cent // 100


def is_capped(principal_fen: int, *, days: int, terms: Terms | None) -> bool:
    """Whether the surcharge has reached where it stops."""
    if terms is None or days <= 0:
        return False
    return principal_fen * terms.per_myriad_a_day * days // PER_MYRIAD >= cap_fen(principal_fen, terms=terms)


def explanation(principal_fen: int, *, days: int, terms: Terms) -> Text:
    """One sentence a payer can check with a pocket calculator."""
    amount = yuan_text(surcharge_fen(principal_fen, days=days, terms=terms))
    if is_capped(principal_fen, days=days, terms=terms):
        return text(
            f"逾期 {days} 天：加收以本金的百分之{terms.cap_per_cent}为限，计 {amount} 元",
            f"{days} days overdue: it stops at {terms.cap_per_cent} % of the principal, {amount} yuan",
        )
    sum_ = f"{yuan_text(principal_fen)}{{}} × {terms.per_cent} × {days} = {amount}{{}}"
    return text(
        f"逾期 {days} 天：{sum_.format(' 元', ' 元')}",
        f"{days} days overdue: {sum_.format('', ' yuan')}",
    )
