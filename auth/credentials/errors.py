"""
Forbidden               403
├── PasswordChangeRequired  the password was given by somebody else, or is too old: nothing goes on before a new one
└── SecondFactorMissing     nothing goes on before an authenticator is enrolled
NotSignedIn             401
└── SignedInElsewhere       another sign-in of the same person ended this session
Conflict                409
├── SignedInAlready         the office lets in one session of a kind, and there is one
├── NothingOffered          no second factor was begun, or too long ago
└── ChangedMeanwhile        somebody else changed it in the same moment
InvalidRequest          422
├── PasswordUnfit           the rules it breaks, each as an error of `new`
├── PasswordWrong           the present password is not right
└── CodeWrong               the code is not the new authenticator's
"""

from kit.errors import Conflict, FieldError, Forbidden, InvalidRequest, NotSignedIn
from kit.texts import text


class PasswordChangeRequired(Forbidden):
    code = "password_change_required"
    title = text("请先修改密码，再继续使用", "Please choose a new password before you go on")


class SecondFactorMissing(Forbidden):
    code = "second_factor_missing"
    title = text("请先绑定动态验证码，再继续使用", "Please set up your authenticator before you go on")


class SignedInElsewhere(NotSignedIn):
    code = "signed_in_elsewhere"
    title = text(
        "该账号已在另一台设备登录，此处已退出；如非本人操作，请立即修改密码",
        "This account signed in on another device, which ended the session here; if that was not you, change your "
        "password at once",
    )


class SignedInAlready(Conflict):
    code = "signed_in_already"
    title = text(
        "该账号已在另一台同类设备登录，请先在那里退出",
        "This account is signed in on another device of this kind; please sign out there first",
    )

    def __init__(self, device: str) -> None:
        super().__init__(extra={"device": device})


class NothingOffered(Conflict):
    code = "second_factor_not_begun"
    title = text("请重新开始绑定动态验证码", "Please begin setting up your authenticator again")


class ChangedMeanwhile(Conflict):
    code = "password_changed_meanwhile"
    title = text("密码刚刚被修改，请重新登录", "The password was changed a moment ago, please sign in again")


class PasswordUnfit(InvalidRequest):
    code = "password_unfit"
    title = text("新密码不符合要求", "The new password does not fit the rules")


class PasswordWrong(InvalidRequest):
    code = "password_wrong"
    title = text("当前密码不正确", "The present password is not right")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="current", code="password_wrong", detail=self.title)])


class CodeWrong(InvalidRequest):
    code = "otp_wrong"
    title = text(
        "验证码不正确，请核对手机时间后输入当前的验证码",
        "This is not the right code; check your phone's clock and type the present one",
    )

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="otp", code="otp_wrong", detail=self.title)])
