"""
NotSignedIn             401
├── WorkplaceCodeInvalid    the workplace does not accept the code: used, too old, or another app's
└── WorkplaceStateInvalid   not begun by this browser, begun too long ago, or used already
Forbidden               403
├── WorkplaceOutsider       known to the workplace, but not of our organisation
├── WorkplaceNotBound       of our organisation, and no account here is theirs; none is ever made
└── SecondFactorNotShown    the session was begun without a second factor, so it cannot vouch for anybody
Conflict                409
├── WorkplaceBoundElsewhere this identity is another account's, or the account has another
└── WorkplaceNotThere       nothing of this kind is bound
InvalidRequest          422
└── WorkplaceNotOffered     the office is not connected to this workplace
Unavailable             503
└── WorkplaceUnavailable    DingTalk or WeCom does not answer as it should
"""

from kit.errors import Conflict, Forbidden, InvalidRequest, NotSignedIn, Unavailable
from kit.texts import text


class WorkplaceCodeInvalid(NotSignedIn):
    code = "workplace_code_invalid"
    title = text("授权码无效或已使用，请重新扫码", "This code is not valid or was used before, please scan again")


class WorkplaceStateInvalid(NotSignedIn):
    code = "workplace_state_invalid"
    title = text(
        "此次登录不是由当前浏览器发起，或已超过五分钟，请重新扫码",
        "This sign-in was not begun in this browser, or too long ago; please scan again",
    )


class WorkplaceOutsider(Forbidden):
    code = "workplace_outsider"
    title = text("该账号不是本单位成员，不能登录", "This person is not a member of our organisation")


class WorkplaceNotBound(Forbidden):
    code = "workplace_not_bound"
    title = text(
        "尚未绑定工作人员账号：请先用密码和动态验证码登录，再在“我的”中绑定",
        "No account is bound to it yet: sign in with password and code first, then bind it on your own page",
    )


class SecondFactorNotShown(Forbidden):
    code = "second_factor_not_shown"
    title = text(
        "请用密码和动态验证码登录后再绑定", "Please sign in with password and authenticator code before binding"
    )


class WorkplaceBoundElsewhere(Conflict):
    code = "workplace_bound_elsewhere"
    title = text(
        "该钉钉或企业微信成员已绑定另一个账号，或本账号已绑定另一位成员",
        "This member is bound to another account, or this account to another member",
    )


class WorkplaceNotThere(Conflict):
    code = "workplace_not_there"
    title = text("没有绑定，无需解除", "Nothing of this kind is bound")


class WorkplaceNotOffered(InvalidRequest):
    code = "workplace_not_offered"
    title = text("未开通此登录方式", "This way of signing in is not offered here")


class WorkplaceUnavailable(Unavailable):
    code = "workplace_unavailable"
    title = text(
        "钉钉或企业微信登录暂时不可用，请用密码登录",
        "Signing in there is not possible just now, please use your password",
    )
    maybe_done = False  # whether the workplace may have acted on the call
