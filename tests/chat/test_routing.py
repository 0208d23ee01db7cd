"""Who is asked, as a table."""

from uuid import UUID

import pytest

from chat.routing import REASONS, Candidate, Choice, Reason, Snapshot, choose_clerk

OWNER, BACKUP, OTHER, BOSS, DESK = (UUID(int=n) for n in range(1, 6))
ROLES = {OWNER: "owner", BACKUP: "backup", OTHER: "other", BOSS: "supervisor", DESK: "department"}


def team(**states: str) -> tuple[Candidate, ...]:
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
