"""
What is refused about one's own data.

Forbidden               403
└── ConsentNeeded           the person has not agreed to this purpose, or to earlier words; tells which
Conflict                409
├── NoticeChanged           the words that were agreed to are not the present ones
├── ConsentNotAsked         the purpose rests on law: there is nothing to agree to or to withdraw
├── ExportNotReady          there is no file yet, or not any more
├── CorrectionDecided
├── CorrectionWaiting       one correction of a field at a time
├── ClosureBlocked          something is unfinished; tells what
└── ClosureNotAsked
"""

from typing import Any

from kit.errors import Conflict, Forbidden
from kit.texts import text


class ConsentNeeded(Forbidden):
    code = "consent_needed"
    title = text("此操作需要您的单独同意", "This needs your consent first")

    def __init__(self, purpose: str, version: str) -> None:
        super().__init__(extra={"purpose": purpose, "version": version})


class NoticeChanged(Conflict):
    code = "notice_changed"
    title = text("个人信息处理规则已更新，请重新阅读", "The privacy notice has changed, please read it again")


class ConsentNotAsked(Conflict):
    code = "consent_not_asked"
    title = text(
        "此项依照法律履行职责，无需同意，也不能撤回", "This rests on law; there is no consent to give or withdraw"
    )


class ExportNotReady(Conflict):
    code = "export_not_ready"
    title = text("副本尚未生成或已过期", "The copy is not ready yet, or is gone already")


class CorrectionDecided(Conflict):
    code = "correction_decided"
    title = text("该更正申请已办结", "This correction has been decided")


class CorrectionWaiting(Conflict):
    code = "correction_waiting"
    title = text("该项已有更正申请在办理中", "A correction of this is being looked at already")


class ClosureBlocked(Conflict):
    code = "closure_blocked"
    title = text("还有未办完的事项，暂不能注销", "Something is unfinished; the account cannot be closed yet")

    def __init__(self, matters: list[Any]) -> None:
        super().__init__(extra={"matters": matters})


class ClosureNotAsked(Conflict):
    code = "closure_not_asked"
    title = text("没有待生效的注销申请", "No closure is under way")
