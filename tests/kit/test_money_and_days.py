from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import money
from kit.workdays import Calendar

HOLIDAYS_2026 = {
    **{date(2026, 1, d): False for d in (1, 2, 3)},
    **{date(2026, 2, d): False for d in range(15, 24)},
    **{date(2026, 9, d): False for d in (25, 26, 27)},
    **{date(2026, 10, d): False for d in range(1, 8)},
    **dict.fromkeys(
        (date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)), True
    ),
}


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0.29", 29), ("4.35", 435), ("1.10", 110), ("1234567.89", 123456789), ("-0.05", -5), (" 7 ", 700)],
)
def test_yuan_text_becomes_exact_fen(text: str, fen: int) -> None:
    assert money.fen_from_yuan(text) == fen


@pytest.mark.parametrize("text", ["0.001", "1e400", "NaN", "", "十元", "1,000.00", "Infinity"])
def test_what_is_not_whole_fen_is_refused(text: str) -> None:
    with pytest.raises(money.NotMoney):
        money.fen_from_yuan(text)


@given(st.integers(-(10**12), 10**12))
def test_fen_and_yuan_go_round(fen: int) -> None:
    assert money.fen_from_yuan(money.yuan_text(fen)) == fen


def test_a_split_gives_the_remainder_to_the_largest_fraction() -> None:
    assert money.split_by_ratio(10001, [50, 30, 20]) == [5001, 3000, 2000]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 100), min_size=1, max_size=8))
def test_shares_add_up_exactly(total: int, ratios: list[int]) -> None:
    shares = money.split_by_ratio(total, ratios)
    assert sum(shares) == total
    assert min(shares) >= 0


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 9, 24), 20, date(2026, 10, 29)),
        (date(2026, 2, 10), 20, date(2026, 3, 16)),
        (date(2026, 1, 2), 5, date(2026, 1, 8)),
    ],
)
def test_periods_end_where_the_calendar_of_2026_says(start: date, days: int, due: date) -> None:
    calendar = Calendar(HOLIDAYS_2026)
    assert calendar.add_workdays(start, days) == due
    assert calendar.workdays_between(start, due) == days
    assert calendar.workdays_between(due, start) == -days


def test_a_period_that_ends_on_a_holiday_ends_on_the_next_working_day() -> None:
    calendar = Calendar(HOLIDAYS_2026)
    assert calendar.next_workday(date(2026, 9, 25)) == date(2026, 9, 28)
    assert calendar.next_workday(date(2026, 10, 2)) == date(2026, 10, 8)
    assert calendar.next_workday(date(2026, 9, 16)) == date(2026, 9, 16)
