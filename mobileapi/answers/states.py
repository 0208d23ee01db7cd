"""The life of a public answer, as data."""

from enum import StrEnum

from kit.texts import Text, text


class AnswerState(StrEnum):
    proposed = "proposed"
    published = "published"
    refused = "refused"
    withdrawn = "withdrawn"


S = AnswerState

MOVES: dict[AnswerState, frozenset[AnswerState]] = {
    S.proposed: frozenset({S.published, S.refused}),
    S.published: frozenset({S.published, S.withdrawn}),  # reviewed anew when the guide changed
    S.refused: frozenset(),
    S.withdrawn: frozenset(),
}

WORDS: dict[AnswerState, Text] = {
    S.proposed: text("待审核", "To be reviewed"),
    S.published: text("已发布", "Published"),
    S.refused: text("未采用", "Not used"),
    S.withdrawn: text("已下线", "Withdrawn"),
}
