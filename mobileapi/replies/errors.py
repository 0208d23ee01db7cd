"""
InvalidRequest          422
├── ParagraphUnknown        the guide has no such paragraph
└── ReplyWithoutPlace       a reply of an item needs the item, of a department none
Forbidden               403
└── NotYoursToWrite         replies of a department are written by its supervisors
Conflict                409
├── OwnReply                who wrote it does not review it
├── RevisionDecided         somebody has decided it already, or it was replaced
├── TalkNotInHand           the conversation it is filled for is not the clerk's
├── ReplyChanged            it says something else by now: look again
└── ReplyWithdrawn          it is not used any more
"""

from kit.errors import Conflict, Forbidden, InvalidRequest
from kit.texts import text


class ParagraphUnknown(InvalidRequest):
    code = "paragraph_unknown"
    title = text("指南中没有这一段", "The guide has no such paragraph")


class ReplyWithoutPlace(InvalidRequest):
    code = "reply_without_place"
    title = text("请选择事项；部门回复和个人回复不选事项也可以", "Choose the item this reply belongs to")


class NotYoursToWrite(Forbidden):
    code = "not_yours_to_write"
    title = text(
        "事项和部门的快捷回复由本部门主管编写", "Replies of an item or department are written by its supervisors"
    )


class OwnReply(Conflict):
    code = "own_reply"
    title = text("不能复核自己写的内容，请由他人复核", "Somebody else has to review what you wrote")


class RevisionDecided(Conflict):
    code = "revision_decided"
    title = text("该内容已有复核结果或已被替换", "This text has been decided or replaced already")


class TalkNotInHand(Conflict):
    code = "talk_not_in_hand"
    title = text("该咨询不在您手上", "This consultation is not in your hands")


class ReplyChanged(Conflict):
    code = "reply_changed"
    title = text("内容已变化，请刷新后再操作", "It has changed; please look again")


class ReplyWithdrawn(Conflict):
    code = "reply_withdrawn"
    title = text("该快捷回复已停用", "This reply is not in use any more")
