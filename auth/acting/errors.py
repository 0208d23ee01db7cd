"""
Conflict                 409
├── MandateExists            the same is asked for, or stands, already
├── MandateClosed            the mandate is in no state for this, or somebody was quicker
├── GuardianshipStands       guardianship is ended by an office
├── ClaimDiffers             the account of the number has another name: not the person of the papers
├── AppointmentExists        the department has appointed this agent already
└── TooManyAsks              so many unanswered mandates one person may have
Forbidden                403
└── NotAppointed             only village agents a department appointed act as such
InvalidRequest           422
├── MandateScopeWrong        a field of the wish does not fit its kind
├── CreditCodeInvalid        not a unified social credit code that could exist
├── RegistryDisagrees        the company registry knows it otherwise
└── UnknownAgent             no verified citizen with this phone
Unavailable              503
└── RegistryUnavailable      no company registry is connected, or it does not answer as it should
"""

from kit.errors import Conflict, FieldError, Forbidden, InvalidRequest, Unavailable
from kit.texts import Text, text


class MandateExists(Conflict):
    code = "mandate_exists"
    title = text("已有相同的代办关系或申请", "The same mandate stands, or was asked for, already")


class MandateClosed(Conflict):
    code = "mandate_closed"
    title = text("代办关系当前状态不能进行此操作，请刷新", "The mandate is in no state for this, please reload")


class GuardianshipStands(Conflict):
    code = "guardianship_stands"
    title = text("监护关系须到窗口解除", "Guardianship is ended at the counter")


class ClaimDiffers(Conflict):
    code = "claim_differs"
    title = text(
        "该证件号对应的账号姓名与申请不一致，只能驳回",
        "The account of this number has another name; this can only be refused",
    )


class AppointmentExists(Conflict):
    code = "appointment_exists"
    title = text("本部门已聘任该代办员", "Your department has appointed this agent already")


class TooManyAsks(Conflict):
    code = "too_many_asks"
    title = text("待处理的代办申请太多，请等待处理", "Too many mandates wait for an answer")


class NotAppointed(Forbidden):
    code = "not_appointed"
    title = text("您没有在聘的代办员资格", "You are not an appointed village agent")


class MandateScopeWrong(InvalidRequest):
    code = "mandate_scope_wrong"
    title = text("代办申请的内容不符合要求", "Some of this mandate cannot be asked for")

    def __init__(self, field: str, detail: Text) -> None:
        super().__init__(errors=[FieldError(field=field, code=self.code, detail=detail)])


class CreditCodeInvalid(InvalidRequest):
    code = "credit_code_invalid"
    title = text("统一社会信用代码不正确", "This is not a unified social credit code")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="credit_code", code=self.code, detail=self.title)])


class RegistryDisagrees(InvalidRequest):
    code = "registry_disagrees"
    title = text(
        "与企业登记信息不一致：请核对企业名称和代码，法定代表人须为本人",
        "The company registry knows this otherwise: check name and code; you must be the legal representative",
    )


class UnknownAgent(InvalidRequest):
    code = "unknown_agent"
    title = text("没有用该手机号实名的用户", "No verified citizen has this phone number")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="phone", code=self.code, detail=self.title)])


class RegistryUnavailable(Unavailable):
    code = "registry_unavailable"
    title = text("企业登记核验暂时不可用，请稍后再试", "The company registry cannot be asked just now")
