"""The lives of a leave and of a change of roles, as data."""

from enum import StrEnum


class LeaveState(StrEnum):
    requested = "requested"  # waits for the supervisor
    approved = "approved"  # begins by itself
    running = "running"  # the work is with who covers
    ended = "ended"
    refused = "refused"
    cancelled = "cancelled"  # taken back before it began


L = LeaveState

LEAVE_MOVES: dict[LeaveState, frozenset[LeaveState]] = {
    L.requested: frozenset({L.approved, L.refused, L.cancelled}),
    L.approved: frozenset({L.running, L.cancelled}),
    L.running: frozenset({L.ended}),
    L.ended: frozenset(),
    L.refused: frozenset(),
    L.cancelled: frozenset(),
}

AWAY = (L.approved, L.running)  # who is away is told by the hours of the leave, not by whether the job ran already


class RoleChangeState(StrEnum):
    proposed = "proposed"
    done = "done"
    refused = "refused"
    withdrawn = "withdrawn"


R = RoleChangeState

ROLE_MOVES: dict[RoleChangeState, frozenset[RoleChangeState]] = {
    R.proposed: frozenset({R.done, R.refused, R.withdrawn}),
    R.done: frozenset(),
    R.refused: frozenset(),
    R.withdrawn: frozenset(),
}
