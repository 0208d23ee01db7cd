"""
Conflict                409
├── NothingToCharge         the case costs nothing, or is not one that is charged now
├── PayerNotVerified        a bill needs somebody whose name is known
├── NotByTheSamePerson      what one proposes another confirms
├── AlreadyDecided          the proposal was confirmed or declined before
├── CitizenMayNotFile       who asks here has no mandate to file this for the one they ask for
└── ConversationOver        nothing is made out of a closed conversation
InvalidRequest          422
└── NoSuchIncomeItem        the department does not collect under this code
"""

from kit.errors import Conflict, FieldError, InvalidRequest
from kit.texts import text


class NothingToCharge(Conflict):
    code = "nothing_to_charge"
    title = text("该办件当前没有应缴费用", "There is no fee to charge for this case now")


class PayerNotVerified(Conflict):
    code = "payer_not_verified"
    title = text("缴款人尚未实名，不能开具缴款书", "The payer is not verified by name, so no bill can be issued")


class NotByTheSamePerson(Conflict):
    code = "not_by_the_same_person"
    title = text("须由另一人复核", "Somebody else has to confirm this")


class AlreadyDecided(Conflict):
    code = "proposal_decided"
    title = text("该申请已处理", "This proposal was decided before")


class CitizenMayNotFile(Conflict):
    code = "citizen_may_not_file"
    title = text("该市民没有代办此事项的授权", "This citizen has no mandate to file this for somebody else")


class ConversationOver(Conflict):
    code = "conversation_over"
    title = text("咨询已结束，不能再由此办理", "This consultation is closed: nothing more is made out of it")


class NoSuchIncomeItem(InvalidRequest):
    code = "no_such_income_item"
    title = text("本部门没有该收入项目", "Your department does not collect under this income item")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="income_item", code=self.code, detail=self.title)])
