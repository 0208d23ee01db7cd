"""The life of a conversation, as data."""

from enum import StrEnum


class ConversationState(StrEnum):
    queued = "queued"  # a place in the department's queue
    offered = "offered"  # a clerk has some seconds to accept
    assigned = "assigned"  # a clerk with a running answer timer
    inquiry = "inquiry"  # nobody is on duty: answered by a date
    closed = "closed"


S = ConversationState

# Routing may begin a conversation in any open state.
BEGINNINGS = frozenset({S.queued, S.offered, S.assigned, S.inquiry})

MOVES: dict[ConversationState, frozenset[ConversationState]] = {
    S.queued: frozenset({S.queued, S.offered, S.assigned, S.inquiry, S.closed}),
    S.offered: frozenset({S.offered, S.assigned, S.queued, S.inquiry, S.closed}),
    S.assigned: frozenset({S.assigned, S.offered, S.queued, S.inquiry, S.closed}),
    S.inquiry: frozenset({S.assigned, S.offered, S.queued, S.inquiry, S.closed}),
    S.closed: frozenset(),
}
