"""The pure rules of a case, by tables."""

from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest

from auth.duties import DutyHolder
from kit.errors import InvalidRequest
from kit.workdays import Calendar
from mobileapi.applications.clocks import check_due, due, expected_date, standing
from mobileapi.applications.forms import fault_of, masked_form, saved_form
from mobileapi.applications.holders import choose_holder
from mobileapi.applications.missing import missing_things
from mobileapi.applications.numbers import case_number, holds
from mobileapi.applications.states import HAPPENED, MOVES, SHOWN_AS, WORDS, CaseState, PublicState, internal_states
from mobileapi.catalogue.guide import TimeLimit
from tests.applications.office import guide

# The State Council's notice for 2026: days off, and days worked at weekends.
OFF_2026 = [
    *(date(2026, 1, d) for d in (1, 2, 3)), *(date(2026, 2, d) for d in range(15, 24)),
    *(date(2026, 9, d) for d in (25, 26, 27)), *(date(2026, 10, d) for d in range(1, 8)),
]  # fmt: skip
WORKED_2026 = [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)]
CALENDAR = Calendar(dict.fromkeys(OFF_2026, False) | dict.fromkeys(WORKED_2026, True))


def days(count: int, unit: str = "working_days") -> TimeLimit:
    return TimeLimit.model_validate({"days": count, "unit": unit})


@pytest.mark.parametrize(
    ("start", "limit", "ends"),
    [
        (date(2026, 9, 24), days(20), date(2026, 10, 29)),  # over the Mid-Autumn and National Day holidays
        (date(2026, 2, 10), days(20), date(2026, 3, 16)),  # over the Spring Festival, with two worked Saturdays
        (date(2026, 1, 2), days(5), date(2026, 1, 8)),
        (date(2026, 11, 20), days(1), date(2026, 11, 23)),  # Friday → Monday
        (date(2026, 11, 20), days(0), date(2026, 11, 20)),
        (date(2026, 11, 20), days(60, "natural_days"), date(2027, 1, 19)),
        (date(2026, 9, 18), days(15, "natural_days"), date(2026, 10, 8)),  # ends in the holiday: the next working day
        (date(2026, 11, 20), days(1, "natural_days"), date(2026, 11, 23)),  # ends on a Saturday
    ],
)
def test_a_limit_ends_on_the_day_the_law_says(start: date, limit: TimeLimit, ends: date) -> None:
    assert due(start, limit, CALENDAR) == ends


def test_the_desk_has_five_working_days_to_check() -> None:
    assert check_due(date(2026, 9, 24), CALENDAR) == date(2026, 10, 9)
    assert check_due(date(2026, 11, 21), CALENDAR) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("today", "left", "light"),
    [
        (date(2026, 11, 20), 15, "green"), (date(2026, 12, 7), 4, "green"), (date(2026, 12, 8), 3, "yellow"),
        (date(2026, 12, 11), 0, "yellow"), (date(2026, 12, 12), 0, "red"), (date(2026, 12, 14), -1, "red"),
    ],
)  # fmt: skip
def test_the_light_of_a_fifteen_day_promise(today: date, left: int, light: str) -> None:
    stands = standing(date(2026, 11, 20), due_on=date(2026, 12, 11), today=today, calendar=CALENDAR)
    assert (stands.left, stands.light) == (left, light)


@pytest.mark.parametrize(
    ("today", "light"), [(date(2026, 11, 20), "green"), (date(2026, 11, 23), "yellow"), (date(2026, 11, 24), "red")]
)
def test_a_promise_of_one_day_is_green_on_the_day_it_begins(today: date, light: str) -> None:
    assert standing(date(2026, 11, 20), due_on=date(2026, 11, 23), today=today, calendar=CALENDAR).light == light


def test_the_expected_date_is_the_promise_and_never_later_than_the_law() -> None:
    promised, statutory = date(2026, 12, 11), date(2026, 12, 1)
    known = {"promise": days(15), "calendar": CALENDAR}
    assert expected_date(check_due_on=None, promised_due=promised, statutory_due=statutory, **known) == statutory  # type: ignore[arg-type]
    before = expected_date(check_due_on=date(2026, 11, 27), promised_due=None, statutory_due=None, **known)  # type: ignore[arg-type]
    assert before == date(2026, 12, 18)
    assert expected_date(check_due_on=None, promised_due=None, statutory_due=None, **known) is None  # type: ignore[arg-type]


def test_a_case_number_has_prefix_day_running_number_and_check() -> None:
    number = case_number("HZ", day=date(2026, 11, 21), running=12)
    assert number[:-1] == "HZ2026112100012"
    assert holds(number)
    assert case_number("HZ", day=date(2026, 11, 21), running=123456)[:-1] == "HZ20261121123456"


def test_every_wrong_digit_and_every_swap_of_neighbours_is_noticed() -> None:
    for running in (1, 12, 9876, 54321):
        number = case_number("HZ", day=date(2026, 11, 21), running=running)
        for n in range(2, len(number) - 1):
            for digit in "0123456789":
                assert holds(number[:n] + digit + number[n + 1 :]) is (digit == number[n])
        for n, (a, b) in enumerate(pairwise(number[2:-1]), start=2):
            assert holds(number[:n] + b + a + number[n + 2 :]) is (a == b)


def test_every_state_is_reachable_shown_and_told() -> None:
    reached, todo = {CaseState.DRAFT}, [CaseState.DRAFT]
    while todo:
        fresh = MOVES[todo.pop()] - reached
        reached |= fresh
        todo += fresh
    assert reached == set(CaseState) == set(MOVES) == set(SHOWN_AS) == set(HAPPENED)
    assert set(SHOWN_AS.values()) == set(PublicState) == set(WORDS)
    assert internal_states(PublicState.SUBMITTED) == [CaseState.SUBMITTED, CaseState.RESUBMITTED]


def test_nothing_leads_out_of_an_end_and_nobody_corrects_twice() -> None:
    ends = {state for state, onwards in MOVES.items() if not onwards}
    assert ends == {CaseState.APPROVED, CaseState.REFUSED, CaseState.NOT_ACCEPTED, CaseState.WITHDRAWN}
    assert CaseState.CORRECTION not in MOVES[CaseState.RESUBMITTED] | MOVES[CaseState.ACCEPTED]


def holder(role: str) -> DutyHolder:
    return DutyHolder(uuid4(), role, "", "GA", role, 0)


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        (["backup", "owner"], "owner"),
        (["supervisor", "backup"], "backup"),
        (["supervisor", "other"], "department"),
        ([], "department"),
    ],
)
def test_the_owner_holds_a_case_else_the_backup_else_the_department(roles: list[str], reason: str) -> None:
    chosen = choose_holder([holder(role) for role in roles])
    assert (chosen.reason, chosen.name) == (reason, reason if reason != "department" else "")


COMPLETE = {"contact": "020-12345678", "delivery": "mail"}


@pytest.mark.parametrize(
    ("answers", "form", "attached", "found"),
    [
        ({"lost_how": "lost"}, COMPLETE, {"photo": [True]}, []),
        (
            {},
            {},
            {},
            ["answers.lost_how missing", "form.contact missing", "form.delivery missing", "materials.photo missing"],
        ),
        ({"lost_how": "damaged"}, COMPLETE, {"photo": [True]}, ["materials.old_card missing"]),
        ({"lost_how": "lost"}, COMPLETE, {"photo": [True, False]}, ["materials.photo unusable"]),
        ({"lost_how": "lost"}, COMPLETE, {"photo": [True], "police_note": [False]}, ["materials.police_note unusable"]),
        ({"lost_how": "lost"}, COMPLETE, {"photo": [True], "old_card": [False]}, []),
        ({"lost_how": "lost"}, COMPLETE | {"contact": "1380013800"}, {"photo": [True]}, ["form.contact invalid"]),
    ],
)
def test_what_is_missing_follows_from_the_guide(answers, form, attached, found: list[str]) -> None:
    assert [
        f"{m.field} {m.code}" for m in missing_things(guide(), answers, form, attached, today=date(2026, 11, 21))
    ] == found


@pytest.mark.parametrize(
    ("code", "value", "good"),
    [
        ("contact", "13800138000", True), ("contact", "12800138000", False), ("contact", "020-1234567", True),
        ("lost_on", "2026-02-28", True), ("lost_on", "2026-02-29", False), ("lost_on", "0000-01-01", False),
        ("lost_on", "2026-1-1", False), ("lost_on", "9999-01-01", False), ("guardian", "11010519491231002X", True),
        ("guardian", "11010519491231002x", True), ("guardian", "110105194912310021", False),
        ("guardian", "11010120000230001X", False), ("address", "任何文字", True),
    ],
)  # fmt: skip
def test_a_value_is_judged_when_it_is_handed_in(code: str, value: str, good: bool) -> None:
    field = next(f for f in guide().form if f.code == code)
    assert (fault_of(field, value, today=date(2026, 11, 21)) is None) is good


def test_saving_merges_takes_back_and_keeps_half_typed_values() -> None:
    saved = saved_form(
        guide(), {"contact": "138", "address": "x"}, {"contact": "1380", "address": None, "lost_on": " "}
    )
    assert saved == {"contact": "1380"}


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"salary": "1"}, "extra_forbidden"), ({"contact": ["1"]}, "string_type"), ({"contact": True}, "string_type"),
        ({"address": "长" * 41}, "string_too_long"), ({"address": "a\x00b"}, "string_too_long"),
        ({"delivery": "drone"}, "literal_error"),
    ],
)  # fmt: skip
def test_saving_refuses_what_the_form_cannot_hold(patch: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        saved_form(guide(), {}, patch)
    assert [e.code for e in refused.value.errors] == [code]


def test_the_desk_sees_telephone_and_id_numbers_masked() -> None:
    shown = masked_form(guide(), {"contact": "13800138000", "guardian": "11010519491231002X", "address": "路"})
    assert shown == {"contact": "138****8000", "guardian": "110***********002X", "address": "路"}
