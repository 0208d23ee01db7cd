"""The graph of amendments, as data. What is not listed here is refused."""

from enum import StrEnum

from kit.texts import Text, text


class AmendmentKind(StrEnum):
    WAIVER = "waiver"  # 减免
    DEFERRAL = "deferral"  # 延期
    INSTALMENTS = "instalments"  # 分期
    STAY = "stay"  # 复议、诉讼期间不加处
    WITHDRAWAL = "withdrawal"  # 撤回


class AmendmentState(StrEnum):
    ASKED = "asked"  # by the payer; a clerk has to examine it
    PROPOSED = "proposed"  # with its terms; another person has to decide
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


_S = AmendmentState
AMENDMENT_MOVES: dict[AmendmentState, frozenset[AmendmentState]] = {
    _S.ASKED: frozenset({_S.PROPOSED, _S.REFUSED, _S.TAKEN_BACK}),
    _S.PROPOSED: frozenset({_S.APPROVED, _S.REFUSED, _S.TAKEN_BACK}),
    _S.APPROVED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.TAKEN_BACK: frozenset(),
}
OPEN = (_S.ASKED, _S.PROPOSED)

KIND_WORDS: dict[AmendmentKind, Text] = {
    AmendmentKind.WAIVER: text("减免", "Waiver"),
    AmendmentKind.DEFERRAL: text("延期缴纳", "Deferral"),
    AmendmentKind.INSTALMENTS: text("分期缴纳", "Payment in instalments"),
    AmendmentKind.STAY: text("停止加处罚款", "Stay of the surcharge"),
    AmendmentKind.WITHDRAWAL: text("撤回缴款书", "Withdrawal of the bill"),
}
STATE_WORDS: dict[AmendmentState, Text] = {
    _S.ASKED: text("已申请，待审查", "Asked for, to be examined"),
    _S.PROPOSED: text("审查中，待批准", "Examined, to be decided"),
    _S.APPROVED: text("已批准", "Approved"),
    _S.REFUSED: text("未批准", "Refused"),
    _S.TAKEN_BACK: text("已撤回申请", "Taken back"),
}
