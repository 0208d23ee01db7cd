"""
Conflict                409
├── LastWayIn               without it nobody could sign in to the account any more
├── PhoneMoveOver           answered, too late, or the number has gone on
├── MergeConflict           both hold what cannot be together; what is listed in `conflicts`
└── MergeWithItself         the code is of the account it was typed in
Forbidden               403
└── MergeCodeWrong          wrong, used, or too late
"""

from typing import Any

from kit.errors import Conflict, Forbidden
from kit.texts import text


class LastWayIn(Conflict):
    code = "last_way_in"
    title = text(
        "这是该账号唯一的登录方式，请先绑定手机号", "This is the only way in to the account; add a phone number first"
    )


class PhoneMoveOver(Conflict):
    code = "phone_move_over"
    title = text("该请求已处理或已失效", "This request was answered or is over")


class MergeConflict(Conflict):
    code = "merge_conflict"
    title = text(
        "两个账号有不能合并的内容，请先处理", "The accounts hold things that cannot be joined; settle those first"
    )

    def __init__(self, conflicts: list[dict[str, Any]]) -> None:
        super().__init__(extra={"conflicts": conflicts})


class MergeWithItself(Conflict):
    code = "merge_with_itself"
    title = text("这是同一个账号", "This is one and the same account")


class MergeCodeWrong(Forbidden):
    code = "merge_code_wrong"
    title = text("合并码不正确或已失效", "The code is wrong or no longer valid")
