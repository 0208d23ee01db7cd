"""Who is asked, as a table."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.routing import DUTY, REASONS, Candidate, Choice, Reason, Snapshot, choose_clerk

OWNER, BACKUP, OTHER, BOSS, DESK = (UUID(int=n) for n in range(1, 6))
ROLES = {OWNER: "owner", BACKUP: "backup", OTHER: "other", BOSS: "supervisor", DESK: "department"}


def team(*, speaks: tuple[str, ...] = (), **states: str) -> tuple[Candidate, ...]:
    """owner="online", backup="full", boss="busy", … ; "off" is online outside their hours."""
    names = {"owner": OWNER, "backup": BACKUP, "other": OTHER, "boss": BOSS, "desk": DESK}
    return tuple(
        Candidate(
            names[name],
            ROLES[names[name]],
            order=n,
            within_hours=state != "off",
            status={"full": "online", "off": "online"}.get(state, state),
            load=5 if state == "full" else 0,
            speaks=name in speaks,
        )
        for n, (name, state) in enumerate(states.items())
    )


QUEUE = Choice("queue", Reason.department_queue)
NOBODY = Choice("inquiry", Reason.nobody_on_duty)


def staff(reason: Reason, who: UUID) -> Choice:
    return Choice("staff", reason, who)


CASES = [
    ("the owner comes first", Snapshot(team(owner="online", backup="online")), staff(Reason.owner_on_duty, OWNER)),
    ("a busy owner is passed over", Snapshot(team(owner="busy", backup="online")), staff(Reason.backup_on_duty, BACKUP)),
    ("an absent owner is passed over", Snapshot(team(owner="away", backup="online")), staff(Reason.backup_on_duty, BACKUP)),
    ("an owner outside hours is passed over", Snapshot(team(owner="off", backup="online")), staff(Reason.backup_on_duty, BACKUP)),
    ("an owner without room is passed over", Snapshot(team(owner="full", backup="online")), staff(Reason.backup_on_duty, BACKUP)),
    ("then others with the duty", Snapshot(team(owner="gone", backup="gone", other="online")), staff(Reason.other_on_duty, OTHER)),
    ("then the queue of the department", Snapshot(team(owner="gone", backup="gone", desk="online")), QUEUE),
    ("the queue while everybody is busy", Snapshot(team(owner="busy", backup="full")), QUEUE),
    ("a supervisor keeps the queue open", Snapshot(team(owner="gone", boss="online")), QUEUE),
    ("nobody there: a dated inquiry", Snapshot(team(owner="gone", backup="away", desk="off")), NOBODY),
    ("nobody at all: a dated inquiry", Snapshot(()), NOBODY),
    ("the holder of the case before the owner", Snapshot(team(owner="online", other="online"), sticky=OTHER), staff(Reason.sticky_case, OTHER)),
    ("an absent holder is not waited for", Snapshot(team(owner="online", other="gone"), sticky=OTHER), staff(Reason.owner_on_duty, OWNER)),
    ("who spoke with them last before the owner", Snapshot(team(owner="online", other="online"), talked=OTHER), staff(Reason.sticky_talk, OTHER)),
    ("who holds the case before who spoke last", Snapshot(team(owner="online", backup="online", other="online"), sticky=BACKUP, talked=OTHER), staff(Reason.sticky_case, BACKUP)),
    ("who spoke last, of the department alone", Snapshot(team(owner="online", desk="online"), talked=DESK), staff(Reason.sticky_talk, DESK)),
    ("a supervisor who helped once does not keep it", Snapshot(team(owner="online", boss="online"), talked=BOSS), staff(Reason.owner_on_duty, OWNER)),
    ("who spoke last but does not answer for it", Snapshot(team(owner="online"), talked=DESK), staff(Reason.owner_on_duty, OWNER)),
    ("who spoke last and is away is not waited for", Snapshot(team(owner="online", other="away"), talked=OTHER), staff(Reason.owner_on_duty, OWNER)),
    ("an overdue answer does not go back to who spoke last", Snapshot(team(backup="online", other="online"), talked=OTHER, escalation=1), staff(Reason.backup_on_duty, BACKUP)),
    ("who speaks the language before the owner", Snapshot(team(owner="online", other="online", speaks=("other",))), staff(Reason.speaks_language, OTHER)),
    ("an owner who speaks it is the owner", Snapshot(team(owner="online", backup="online", speaks=("owner", "backup"))), staff(Reason.owner_on_duty, OWNER)),
    ("nobody free speaks it: answered all the same", Snapshot(team(owner="online", other="busy", speaks=("other",))), staff(Reason.owner_on_duty, OWNER)),
    ("a speaker without the duty is not asked at once", Snapshot(team(owner="online", desk="online", speaks=("desk",))), staff(Reason.owner_on_duty, OWNER)),
    ("on the ladder the tier comes before the language", Snapshot(team(backup="online", boss="online", speaks=("backup",)), escalation=2), staff(Reason.supervisor_on_duty, BOSS)),
    ("who did not take it is not asked again", Snapshot(team(owner="online", backup="online"), tried=frozenset({OWNER})), staff(Reason.backup_on_duty, BACKUP)),
    ("all tried: the queue", Snapshot(team(owner="online"), tried=frozenset({OWNER})), QUEUE),
    ("a holder who did not take it is not asked again", Snapshot(team(other="online"), sticky=OTHER, tried=frozenset({OTHER})), QUEUE),
    ("long in the queue: any clerk of the department", Snapshot(team(owner="busy", desk="online"), waited_long=True), staff(Reason.department_queue, DESK)),
    ("long in the queue: the owner still first", Snapshot(team(desk="online", owner="online"), waited_long=True), staff(Reason.owner_on_duty, OWNER)),
    ("long in the queue: at last the supervisor", Snapshot(team(owner="busy", boss="online"), waited_long=True), staff(Reason.supervisor_on_duty, BOSS)),
    ("overdue once: the backup", Snapshot(team(owner="online", backup="online", boss="online"), tried=frozenset({OWNER}), escalation=1), staff(Reason.backup_on_duty, BACKUP)),
    ("overdue twice: the supervisor", Snapshot(team(owner="online", backup="online", boss="online"), tried=frozenset({OWNER, BACKUP}), escalation=2), staff(Reason.supervisor_on_duty, BOSS)),
]  # fmt: skip


@pytest.mark.parametrize(("snapshot", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_choice(snapshot: Snapshot, expected: Choice) -> None:
    assert choose_clerk(snapshot) == expected


def test_of_equals_the_one_with_less_to_do_is_asked() -> None:
    two = (
        Candidate(OWNER, "other", 0, status="online", load=3),
        Candidate(BACKUP, "other", 1, status="online", load=1),
    )
    assert choose_clerk(Snapshot(two)).staff == BACKUP


def test_every_reason_is_told_in_both_languages() -> None:
    assert set(REASONS) == set(Reason)
    assert all(reason.zh and reason.en for reason in REASONS.values())


people = st.builds(
    Candidate,
    staff=st.sampled_from([OWNER, BACKUP, OTHER, BOSS, DESK]), role=st.sampled_from(["owner", "backup", "other", "supervisor", "department"]),
    order=st.integers(0, 9), within_hours=st.booleans(), status=st.sampled_from(["online", "busy", "away", "gone"]),
    load=st.integers(0, 6), capacity=st.integers(1, 5), speaks=st.booleans(),
)  # fmt: skip
somebody = st.none() | st.sampled_from([OWNER, BACKUP, OTHER, BOSS, DESK])
snapshots = st.builds(
    Snapshot,
    candidates=st.lists(people, unique_by=lambda c: c.staff, max_size=5).map(tuple), sticky=somebody, talked=somebody,
    tried=st.frozensets(st.sampled_from([OWNER, BACKUP, OTHER, BOSS, DESK]), max_size=3),
    escalation=st.integers(0, 4), waited_long=st.booleans(),
)  # fmt: skip


@given(snapshots)
def test_nobody_is_asked_who_has_no_room_is_not_there_or_said_no(snapshot: Snapshot) -> None:
    choice = choose_clerk(snapshot)
    if choice.staff is not None:
        chosen = next(c for c in snapshot.candidates if c.staff == choice.staff)
        assert chosen.free
        assert choice.staff not in snapshot.tried
        assert choice.role == chosen.role


@given(snapshots)
def test_nobody_waits_while_somebody_with_the_duty_is_free(snapshot: Snapshot) -> None:
    fitting = [c for c in snapshot.candidates if c.free and c.role in DUTY and c.staff not in snapshot.tried]
    assert (choose_clerk(snapshot).to == "staff") or not fitting


@given(snapshots)
def test_there_is_always_an_answer_and_never_a_queue_nobody_works_off(snapshot: Snapshot) -> None:
    choice = choose_clerk(snapshot)
    there = any(c.present for c in snapshot.candidates)
    assert choice.to in ({"staff", "queue"} if there else {"inquiry"})
    assert (choice.staff is not None) == (choice.to == "staff")
    assert choice.reason in REASONS


@given(snapshots)
def test_a_language_never_costs_an_answer(snapshot: Snapshot) -> None:
    deaf = replace(snapshot, candidates=tuple(replace(c, speaks=False) for c in snapshot.candidates))
    assert choose_clerk(snapshot).to == choose_clerk(deaf).to


@given(snapshots)
def test_the_order_in_which_people_are_listed_does_not_matter(snapshot: Snapshot) -> None:
    turned = replace(snapshot, candidates=snapshot.candidates[::-1])
    distinct = len({(c.role, c.load, c.order, c.speaks) for c in snapshot.candidates}) == len(snapshot.candidates)
    assert not distinct or choose_clerk(snapshot) == choose_clerk(turned)
