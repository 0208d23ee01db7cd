"""
Conflict                409
├── AmendmentOpen           one is waiting to be decided already
├── AmendmentDecided        it waits for nobody's word any more
├── BillChangedMeanwhile    the bill is not what the proposer saw
└── ProposedAnew            the proposal is not the one that was read
InvalidRequest          422
├── TermsNotPossible        they do not fit what is due, or the days
├── NoSuchFee               the department charges nothing of that name on that day
└── ReplacesNothing         only a withdrawn bill of the same department is replaced, once
"""

from kit.errors import Conflict, InvalidRequest
from kit.texts import text


class AmendmentOpen(Conflict):
    code = "amendment_open"
    title = text("该缴款书已有一项申请在办理", "An application about this bill is already being handled")


class AmendmentDecided(Conflict):
    code = "amendment_decided"
    title = text("该申请已经办结", "This application has been decided already")


class BillChangedMeanwhile(Conflict):
    code = "bill_changed_meanwhile"
    title = text("缴款书在审查后有变动，请重新审查", "The bill has changed since it was examined; examine it again")


class ProposedAnew(Conflict):
    code = "proposed_anew"
    title = text("方案已重新提出，请重新查看后决定", "It was proposed anew since; read it again before you decide")


class TermsNotPossible(InvalidRequest):
    code = "terms_not_possible"
    title = text("金额、期数或日期与应缴款不符", "The amounts, parts or days do not fit what is due")


class NoSuchFee(InvalidRequest):
    code = "no_such_fee"
    title = text("收费目录中没有该日有效的这一项", "The fee table has no such fee on that day")


class ReplacesNothing(InvalidRequest):
    code = "replaces_nothing"
    title = text(
        "只能更正本单位已撤回的缴款书，且只能更正一次", "Only a withdrawn bill of your department can be replaced, once"
    )
