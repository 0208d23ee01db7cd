"""
What a late payer owes on top: 加处罚款 under administrative penalty law art. 72.

Pure arithmetic in whole fen. A rule belongs to a bill by its code, because the decision must have told it beforehand
(1997 separation measures art. 9); a bill without a rule never grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kit.money import yuan_text
from kit.texts import Text, text
from kit.workdays import Calendar

PERIOD_DAYS = 15  # administrative penalty law art. 67: calendar days from receiving the decision


@dataclass(frozen=True)
class Rule:
    """`per_cent` of the principal a day, never above `cap_per_cent` of it."""

    code: str
    per_cent: int
    cap_per_cent: int
    name: Text
    basis: Text


RULES = {
    "": Rule("", 0, 0, text("不加处罚款", "No daily surcharge"), text("无", "None")),
    "penalty_law_72": Rule(
        "penalty_law_72",
        3,
        100,
        text("每日按罚款数额的百分之三加处罚款", "3 % of the fine for every day overdue"),
        text(
            "《中华人民共和国行政处罚法》第七十二条：加处罚款的数额不得超出罚款的数额",
            "Administrative Penalty Law art. 72: the surcharge never exceeds the fine",
        ),
    ),
}

Stays = Sequence[Sequence[str]]


def due_date(received_on: date, *, calendar: Calendar) -> date:
    """The last day to pay: 15 calendar days after receipt, moved to the next working day (civil code art. 203)."""
    return calendar.next_workday(received_on + timedelta(days=PERIOD_DAYS))


def overdue_days(due_on: date, *, paid_on: date, stays: Stays = ()) -> int:
    """Days after the due date up to and including the day of payment, without stayed days (penalty law art. 73)."""
    late = {due_on + timedelta(days=n) for n in range(1, (paid_on - due_on).days + 1)}
    for first, last in stays:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        late -= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return len(late)


def surcharge_fen(principal_fen: int, *, days: int, rule: str = "penalty_law_72") -> int:
    """The surcharge in fen: rounded down once, in the payer's favour, and capped."""
    terms = RULES[rule]
    return min(principal_fen * terms.cap_per_cent // 100, principal_fen * terms.per_cent * days // 100)


def is_capped(rule: str, *, days: int) -> bool:
    terms = RULES[rule]
    return terms.per_cent > 0 and terms.per_cent * days >= terms.cap_per_cent


def explanation(principal_fen: int, *, days: int, rule: str) -> Text:
    """One sentence a payer can check with a pocket calculator."""
    terms, amount = RULES[rule], surcharge_fen(principal_fen, days=days, rule=rule)
    zh = f"逾期 {days} 天：{yuan_text(principal_fen)} 元 × {terms.per_cent}% × {days} = {yuan_text(amount)} 元"
    en = f"{days} days overdue: {yuan_text(principal_fen)} × {terms.per_cent} % × {days} = {yuan_text(amount)} yuan"
    if is_capped(rule, days=days):
        zh = f"逾期 {days} 天：加处罚款以罚款本数为限，计 {yuan_text(amount)} 元"
        en = f"{days} days overdue: the surcharge stops at the fine itself, {yuan_text(amount)} yuan"
    return text(zh, en)
