"""加处罚款: vectors of the law's arithmetic."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.texts import Text, text
from kit.workdays import Calendar
from payments.receipts import in_capital_words
from payments.surcharge import Terms, due_date, explanation, is_capped, overdue_days, surcharge_fen, terms_of

HOLIDAYS = (*((9, d) for d in (25, 26, 27)), *((10, d) for d in range(1, 8)))
CALENDAR = Calendar(
    {date(2026, m, d): False for m, d in HOLIDAYS} | {date(2026, 9, 20): True, date(2026, 10, 10): True}
)

PENALTY = Terms("penalty_law_72", date(2021, 7, 15), 300, 100, text("罚"), text("第七十二条"))
UNCAPPED = Terms("penalty_law_72", date(1996, 10, 1), 300, None, text("罚"), text("第五十一条"))
ARREARS = Terms("social_insurance_86", date(2012, 1, 1), 5, 100, text("滞纳金"), text("第八十六条"))


@pytest.mark.parametrize(
    ("principal", "days", "surcharge"),
    [
        (20000, 1, 600),
        (20000, 33, 19800),
        (20000, 34, 20000),
        (12345, 1, 370),
        (12345, 33, 12221),
        (12345, 34, 12345),
        (33, 1, 0),
        (20000, 0, 0),
        (20000, 100_000, 20000),
    ],
)
def test_three_per_cent_a_day_never_above_the_fine(principal: int, days: int, surcharge: int) -> None:
    assert surcharge_fen(principal, days=days, terms=PENALTY) == surcharge


@given(st.integers(1, 10**10), st.integers(1, 400))
def test_the_surcharge_never_falls_and_never_exceeds_the_fine(principal: int, days: int) -> None:
    today = surcharge_fen(principal, days=days, terms=PENALTY)
    tomorrow = surcharge_fen(principal, days=days + 1, terms=PENALTY)
    assert 0 <= today <= tomorrow <= principal
    assert isinstance(today, int)
    assert (today == principal) == is_capped(principal, days=days, terms=PENALTY)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 9, 10), date(2026, 9, 28)),
        (date(2026, 9, 1), date(2026, 9, 16)),
        (date(2026, 9, 17), date(2026, 10, 8)),
    ],
)
def test_the_last_day_moves_over_holidays(received: date, due: date) -> None:
    assert due_date(received, calendar=CALENDAR) == due


def test_days_count_from_the_day_after_up_to_the_day_of_payment() -> None:
    due = date(2026, 9, 28)
    assert overdue_days(due, paid_on=date(2026, 9, 27)) == 0
    assert overdue_days(due, paid_on=due) == 0
    assert overdue_days(due, paid_on=date(2026, 9, 29)) == 1
    assert overdue_days(due, paid_on=date(2026, 10, 28)) == 30


def test_stayed_days_do_not_count_and_overlapping_stays_count_once() -> None:
    due, paid = date(2026, 9, 28), date(2026, 10, 8)
    assert overdue_days(due, paid_on=paid, stays=[["2026-09-29", "2026-10-03"]]) == 5
    assert overdue_days(due, paid_on=paid, stays=[["2026-09-29", "2026-10-03"], ["2026-10-01", "2026-10-04"]]) == 4
    assert overdue_days(due, paid_on=paid, stays=[["2026-01-01", "2026-12-31"]]) == 0


def test_a_bill_without_rule_never_grows() -> None:
    assert surcharge_fen(20000, days=365, terms=None) == 0


def test_a_stay_without_an_end_goes_on_and_one_inside_another_counts_once() -> None:
    due, paid = date(2026, 9, 28), date(2026, 10, 28)
    assert overdue_days(due, paid_on=paid, stays=[["2026-10-09", None]]) == 10
    assert overdue_days(due, paid_on=paid, stays=[["2026-09-29", "2026-10-08"], ["2026-10-01", "2026-10-02"]]) == 20


def test_each_version_has_its_own_rate_and_cap() -> None:
    assert surcharge_fen(20000, days=34, terms=UNCAPPED) == 20400
    assert not is_capped(20000, days=34, terms=UNCAPPED)
    assert surcharge_fen(100000, days=10, terms=ARREARS) == 500
    assert (ARREARS.per_cent, PENALTY.per_cent) == ("0.05%", "3%")
    assert terms_of(ARREARS.kept()) == ARREARS


def test_the_amount_is_explained_in_both_languages() -> None:
    assert explanation(12345, days=1, terms=PENALTY) == Text(
        zh="逾期 1 天：123.45 元 × 3% × 1 = 3.70 元", en="1 days overdue: 123.45 × 3% × 1 = 3.70 yuan"
    )
    assert "20" in explanation(2000, days=50, terms=PENALTY).zh


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (12345, "壹佰贰拾叁元肆角伍分"),
        (20000, "贰佰元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (0, "零元整"),
        (100005, "壹仟元零伍分"),
        (100050, "壹仟元伍角整"),
        (10_000_000, "壹拾万元整"),
        (1_000_010_000, "壹仟万零壹佰元整"),
        (1_010_000_00, "壹佰零壹万元整"),
        (10_005_000_00, "壹仟万伍仟元整"),
        (100_000_001_00, "壹亿零壹元整"),
    ],
)
def test_money_is_written_in_words(fen: int, words: str) -> None:
    assert in_capital_words(fen) == words
