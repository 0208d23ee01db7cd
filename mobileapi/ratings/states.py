"""The life of a rectification, as data. What is void stays in the log and counts apart."""

from enum import StrEnum

from kit.texts import Text, text


class RectificationState(StrEnum):
    open = "open"  # with its owner, by a date
    answered = "answered"  # another person confirms or returns it
    confirmed = "confirmed"  # the citizen is told
    contested = "contested"  # held to be unfair; another person decides
    void = "void"


S = RectificationState

MOVES: dict[RectificationState, frozenset[RectificationState]] = {
    S.open: frozenset({S.answered, S.contested}),
    S.answered: frozenset({S.confirmed, S.open}),
    S.contested: frozenset({S.void, S.open}),
    S.confirmed: frozenset(),
    S.void: frozenset(),
}

WORDS: dict[RectificationState, Text] = {
    S.open: text("待整改", "To be put right"),
    S.answered: text("待确认", "To be confirmed"),
    S.contested: text("申诉复核中", "Contested"),
    S.confirmed: text("已办结", "Done"),
    S.void: text("不计入", "Not counted"),
}


class Finding(StrEnum):
    justified = "justified"  # put right
    partly = "partly"
    explained = "explained"  # no fault, or no ground in law for what was wished: explained


FOUND: dict[Finding, Text] = {
    Finding.justified: text("反映属实，已整改", "Justified, and put right"),
    Finding.partly: text("部分属实，已改进", "Partly justified, and improved"),
    Finding.explained: text("已核实并说明", "Looked into and explained"),
}


class Way(StrEnum):
    """How who rated was called."""

    phone = "phone"
    chat = "chat"
    visit = "visit"
