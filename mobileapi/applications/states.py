"""
The life of a case. `CaseState` is what the desk works with, `PublicState` what a citizen is shown.

draft → submitted → accepted → approved | refused; before acceptance one correction at most; withdrawn until decided.
"""

from enum import StrEnum

from kit.texts import Text, text


class CaseState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTION = "correction"  # the citizen completes the materials
    RESUBMITTED = "resubmitted"  # completed; a second correction is not possible from here
    ACCEPTED = "accepted"  # the clocks of the law and of the promise run
    APPROVED = "approved"
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


class PublicState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    DECIDED_APPROVED = "decided_approved"
    DECIDED_REFUSED = "decided_refused"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


_S = CaseState
MOVES: dict[CaseState, frozenset[CaseState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.CORRECTION, _S.NOT_ACCEPTED, _S.WITHDRAWN}),
    _S.CORRECTION: frozenset({_S.RESUBMITTED, _S.NOT_ACCEPTED, _S.WITHDRAWN}),
    _S.RESUBMITTED: frozenset({_S.ACCEPTED, _S.NOT_ACCEPTED, _S.WITHDRAWN}),
    _S.ACCEPTED: frozenset({_S.APPROVED, _S.REFUSED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.NOT_ACCEPTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}

SHOWN_AS: dict[CaseState, PublicState] = {
    _S.DRAFT: PublicState.DRAFT,
    _S.SUBMITTED: PublicState.SUBMITTED,
    _S.CORRECTION: PublicState.CORRECTION,
    _S.RESUBMITTED: PublicState.SUBMITTED,
    _S.ACCEPTED: PublicState.ACCEPTED,
    _S.APPROVED: PublicState.DECIDED_APPROVED,
    _S.REFUSED: PublicState.DECIDED_REFUSED,
    _S.NOT_ACCEPTED: PublicState.NOT_ACCEPTED,
    _S.WITHDRAWN: PublicState.WITHDRAWN,
}

WORDS: dict[PublicState, Text] = {
    PublicState.DRAFT: text("草稿", "Draft"),
    PublicState.SUBMITTED: text("已提交，待受理", "Submitted, waiting for acceptance"),
    PublicState.CORRECTION: text("待补正", "Correction needed"),
    PublicState.ACCEPTED: text("已受理，办理中", "Accepted, in review"),
    PublicState.DECIDED_APPROVED: text("已办结：准予", "Decided: approved"),
    PublicState.DECIDED_REFUSED: text("已办结：不予", "Decided: refused"),
    PublicState.NOT_ACCEPTED: text("不予受理", "Not accepted"),
    PublicState.WITHDRAWN: text("已撤回", "Withdrawn"),
}

HAPPENED: dict[CaseState, Text] = {
    _S.DRAFT: text("开始填写", "Draft begun"),
    _S.SUBMITTED: text("提交申请", "Application submitted"),
    _S.CORRECTION: text("一次性告知补正", "Correction requested"),
    _S.RESUBMITTED: text("提交补正材料", "Correction handed in"),
    _S.ACCEPTED: text("受理", "Accepted"),
    _S.APPROVED: text("准予决定", "Approved"),
    _S.REFUSED: text("不予决定", "Refused"),
    _S.NOT_ACCEPTED: text("不予受理", "Not accepted"),
    _S.WITHDRAWN: text("撤回申请", "Withdrawn"),
}

HANDED_OVER = text("经办人变更", "Another clerk is responsible")  # a change row whose state stays the same

WAITING_FOR_US = (_S.SUBMITTED, _S.RESUBMITTED, _S.ACCEPTED)


def internal_states(shown: PublicState) -> list[CaseState]:
    return [state for state, public in SHOWN_AS.items() if public is shown]
