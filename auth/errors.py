"""
NotSignedIn             401
├── TokenInvalid            not ours, damaged, or its session has ended
├── TokenExpired            ours, but its time is over
├── RefreshRefused          the refresh token is not good any more
├── LoginCodeInvalid        the platform does not accept the login code
├── PhoneCodeInvalid        the platform does not accept the phone code
├── StaffSignInRefused      user name, password or code is wrong: which one is not told
├── OtpRequired             the password is right, the second factor is missing
└── OtpAlreadyUsed          the code was right, and was used before
Forbidden               403
├── AssuranceTooLow         the item needs a better known person
├── LoginRefusedByPlatform  the platform calls this login high-risk
├── AccountDisabled         the office closed this account
├── FreshSignInRequired     this needs somebody who proved just now, on this device, who they are
├── StepUpRefused           what was to prove it does not
└── BindingProofWrong       the last four characters are not those of the account
NotFound                404
└── NoSuchKey               no key that signs or signed has this id
Conflict                409
├── AccountBoundElsewhere   the phone belongs to an account that another identity of the platform signs in to
├── RealNameHeldElsewhere   the ID number belongs to another account
├── AlreadyVerified         this account is verified as somebody else
├── ScanExpired             the QR code's time is over
├── ScanAlreadyUsed         another phone scanned it, or it was decided already
└── UsernameTaken           another member of staff signs in with this name
InvalidRequest          422
├── IdNumberInvalid         not an ID number that can exist
├── PlatformNotOffered      citizens cannot come from this platform yet
├── UnknownDepartment
└── UnknownRole
Unavailable             503
├── PlatformUnavailable     WeChat or Alipay does not answer as it should
└── RealNameUnavailable     no checking office is connected
TooManyPeopleRead       429  opened the matters of more people than the work of an hour needs
"""

from kit.errors import Conflict, FieldError, Forbidden, HouseError, InvalidRequest, NotFound, NotSignedIn, Unavailable
from kit.texts import text


class TokenInvalid(NotSignedIn):
    code = "token_invalid"
    title = text("登录状态无效，请重新登录", "Your sign-in is not valid any more, please sign in again")


class TokenExpired(NotSignedIn):
    code = "token_expired"
    title = text("登录已过期，请重新登录", "Your sign-in has expired")


class RefreshRefused(NotSignedIn):
    code = "refresh_refused"
    title = text("登录已失效，请重新登录", "This sign-in cannot be continued, please sign in again")


class LoginCodeInvalid(NotSignedIn):
    code = "login_code_invalid"
    title = text("登录凭证无效或已使用，请重试", "The login code is not valid or was used before, please try again")


class PhoneCodeInvalid(NotSignedIn):
    code = "phone_code_invalid"
    title = text("手机号凭证无效或已使用，请重试", "The phone code is not valid or was used before, please try again")


class StaffSignInRefused(NotSignedIn):
    code = "staff_sign_in_refused"
    title = text("用户名、密码或验证码不正确", "User name, password or code is wrong")


class OtpRequired(NotSignedIn):
    code = "otp_required"
    title = text("请输入动态验证码", "Please enter the code of your authenticator")


class OtpAlreadyUsed(NotSignedIn):
    code = "otp_already_used"
    title = text("该动态验证码已使用，请等待下一个", "This code was used already, please wait for the next one")


class AssuranceTooLow(Forbidden):
    code = "assurance_too_low"
    title = text("办理此事项需要更高的身份核验级别", "This needs a higher level of identity verification")

    def __init__(self, required: str) -> None:
        super().__init__(extra={"required": required})


class LoginRefusedByPlatform(Forbidden):
    code = "login_refused_by_platform"
    title = text(
        "平台提示此次登录存在风险，请改用窗口或电话办理",
        "The platform considers this login risky; please come to the counter or call us",
    )


class AccountDisabled(Forbidden):
    code = "account_disabled"
    title = text("该账号已停用，请联系政务服务热线", "This account is disabled, please call the service line")


class FreshSignInRequired(Forbidden):
    code = "fresh_sign_in_required"
    title = text("为了您的账号安全，请重新登录后继续", "To protect your account, please sign in again and go on")


class StepUpRefused(Forbidden):
    """`because` is the code of what was wrong with the proof, where there is one."""

    code = "step_up_refused"
    title = text("身份验证未通过，请重试", "This does not prove who you are, please try again")

    def __init__(self, because: HouseError | None = None) -> None:
        super().__init__(because.detail if because else None, extra={"because": because.code} if because else None)


class BindingProofWrong(Forbidden):
    code = "binding_proof_wrong"
    title = text(
        "后四位与该账号不一致，本次绑定已取消",
        "These are not the last four characters of this account; the binding is cancelled",
    )


class NoSuchKey(NotFound):
    code = "no_such_key"
    title = text("没有这个签名密钥", "There is no such signing key")


class ScanExpired(Conflict):
    code = "scan_expired"
    title = text("二维码已过期，请在原设备上刷新", "This QR code has expired, please show a new one")


class ScanAlreadyUsed(Conflict):
    code = "scan_already_used"
    title = text("二维码已被使用，请在原设备上刷新", "This QR code was used already, please show a new one")


class AccountBoundElsewhere(Conflict):
    code = "account_bound_elsewhere"
    title = text(
        "该手机号已绑定另一个账号；请用原账号登录，或携带身份证到窗口变更",
        "This phone belongs to another account here; sign in with that one, or come to the counter with your ID card",
    )


class RealNameHeldElsewhere(Conflict):
    code = "real_name_held_elsewhere"
    title = text(
        "该身份证号已在另一个账号完成实名核验；请使用原账号，或携带身份证到窗口变更",
        "This ID number is verified in another account; use that one, or come to the counter with your ID card",
    )


class AlreadyVerified(Conflict):
    code = "already_verified"
    title = text(
        "该账号已完成实名核验，不能更换为他人", "This account is verified already and cannot become somebody else"
    )


class IdNumberInvalid(InvalidRequest):
    code = "id_number_invalid"
    title = text("身份证号码不正确", "This is not a valid ID number")

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="id_number", code="id_number_invalid", detail=self.title)])


class PlatformUnavailable(Unavailable):
    code = "platform_unavailable"
    title = text("平台登录暂时不可用，请稍后再试", "Signing in with the platform is not possible just now")
    maybe_done = False  # whether the platform may have acted on the call


class RealNameUnavailable(Unavailable):
    code = "real_name_unavailable"
    title = text(
        "实名核验服务尚未开通，请到窗口办理", "Real-name verification is not connected yet; please come to the counter"
    )


class PlatformNotOffered(InvalidRequest):
    code = "platform_not_offered"
    title = text("暂不支持该平台登录", "Signing in with this platform is not offered yet")


class UnknownDepartment(InvalidRequest):
    code = "unknown_department"
    title = text("没有这个部门", "There is no such department")


class UnknownRole(InvalidRequest):
    code = "unknown_role"
    title = text("没有这个角色", "There is no such role")


class UsernameTaken(Conflict):
    code = "username_taken"
    title = text("该用户名已被使用", "This user name is taken")


class TooManyPeopleRead(HouseError):
    code, status, retry = "too_many_people_read", 429, True
    title = text(
        "一小时内查看的办事人过多，已暂停并报告督办与审计",
        "The matters of too many people were opened within an hour; this is paused and reported",
    )

    def __init__(self, retry_after_s: int) -> None:
        wait = text(
            f"本小时可查看的人数已满，约 {-(-retry_after_s // 60)} 分钟后可继续；已查看过的仍可打开。",
            f"This hour's number is reached; go on in about {-(-retry_after_s // 60)} minutes. Those opened stay open.",
        )
        super().__init__(wait, extra={"retry_after_s": retry_after_s})
