"""
Forbidden               403
├── SmsCodeWrong            wrong, used, too late, or of another flow, number or purpose: which is not told
└── LastFourNeeded          the account is verified: its document's last four characters are asked for as well
InvalidRequest          422
└── SmsNotOffered           no text message service is set
Unavailable             503
├── SmsUnavailable          the service does not take messages just now
└── SmsBudgetSpent          the hour's codes are used up
"""

from kit.errors import Forbidden, InvalidRequest, Unavailable
from kit.texts import text


class SmsCodeWrong(Forbidden):
    code = "sms_code_wrong"
    title = text(
        "验证码不正确或已失效，请核对或重新获取", "The code is wrong or no longer valid; check it or ask for a new one"
    )


class LastFourNeeded(Forbidden):
    code = "last_four_needed"
    title = text(
        "该账号已实名，请再输入证件号码后四位",
        "This account is verified; please also enter the last four of its document",
    )


class SmsNotOffered(InvalidRequest):
    code = "sms_not_offered"
    title = text("暂未开通短信验证码", "Codes by text message are not offered yet")


class SmsUnavailable(Unavailable):
    code = "sms_unavailable"
    title = text("短信暂时无法发送，请稍后再试", "Text messages cannot be sent just now, please try again shortly")


class SmsBudgetSpent(Unavailable):
    code = "sms_budget_spent"
    title = text(
        "短信发送量已达上限，请稍后再试或用其他方式", "Too many codes were sent this hour; try later or another way"
    )
