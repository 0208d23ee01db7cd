"""
Conflict                409
├── ConversationClosed      nothing more is written into it
├── ClientIdConflict        the same client_id was used for another message
├── TooLateToChange         the time for editing or recalling a message is over
├── MessageRecalled         nothing is left of the message that could be changed
├── AlreadyRated            a conversation is rated once
├── NotClosedYet            only a closed conversation is rated
├── ClerkNotAvailable       the colleague is not at the desk, or has no room left
├── TransferGoesRound       handed on too often: a supervisor decides
├── DeclinedBefore          the colleague said no to this conversation: a supervisor decides
├── OfferGone               somebody else has it, or its time ran out
├── NotWaiting              a clerk has it already: there is no place in a queue to give up
├── DeskFull                the clerk holds as many as they chose to
├── NobodyWaits             nobody is in the queue for a matter of theirs
└── TooManyConversations    the citizen has too many open already
InvalidRequest          422
├── UnknownSubject          no such item, department or application
├── ImageUnknown            not an image the sender uploaded
├── CardUnknown             no such thing, or not one this sender may show this citizen
├── CardNotForSender        this side does not send this kind of card
├── NotChangeable           only texts are edited; only what a person sent is recalled
├── WrongRecipient          the colleague does not answer for this matter
└── FrameInvalid            a frame the protocol does not know
Unreadable              400
└── FrameUnreadable         not one JSON object
Forbidden               403
└── NotYourMessage          only the sender edits or recalls a message
NotSignedIn             401
├── HelloExpected           the first frame is hello
└── SessionEnded            signed out, expired or disabled while connected
TooLarge                413
└── FrameTooLarge           over 64 KiB
Unavailable             503
└── NotStored               the message is not known to be stored; send it again with the same client_id
"""

from kit.errors import Conflict, Forbidden, InvalidRequest, NotSignedIn, TooLarge, Unavailable, Unreadable
from kit.texts import text


class ConversationClosed(Conflict):
    code = "conversation_closed"
    title = text("咨询已结束，请重新发起咨询", "This consultation is closed, please open a new one")


class ClientIdConflict(Conflict):
    code = "client_id_conflict"
    title = text("该消息编号已用于另一条消息", "This client_id was used for another message")


class TooLateToChange(Conflict):
    code = "too_late_to_change"
    title = text("已超过可编辑或撤回的时间", "The time for editing or recalling this message is over")


class MessageRecalled(Conflict):
    code = "message_recalled"
    title = text("该消息已撤回", "This message has been recalled")


class NotYourMessage(Forbidden):
    code = "not_your_message"
    title = text("只能编辑或撤回自己发送的消息", "Only your own messages can be edited or recalled")


class NotChangeable(InvalidRequest):
    code = "not_changeable"
    title = text("该消息不能编辑或撤回", "This message cannot be edited or recalled")


class AlreadyRated(Conflict):
    code = "already_rated"
    title = text("您已评价过本次咨询", "You have rated this consultation already")


class NotClosedYet(Conflict):
    code = "not_closed_yet"
    title = text("咨询结束后才能评价", "A consultation is rated once it is closed")


class ClerkNotAvailable(Conflict):
    code = "clerk_not_available"
    title = text("该同事当前不在岗或已满负荷", "This colleague is not at the desk or has no room left")


class TransferGoesRound(Conflict):
    code = "transfer_goes_round"
    title = text("转接次数过多，请联系主管处理", "Handed on too often; please ask a supervisor to decide")


class DeclinedBefore(Conflict):
    code = "declined_before"
    title = text(
        "该同事已谢绝过本次咨询，再次转接请联系主管",
        "This colleague has declined this consultation before; please ask a supervisor to decide",
    )


class OfferGone(Conflict):
    code = "offer_gone"
    title = text("该咨询已由他人接入或已超时", "Somebody else has this consultation, or its time ran out")


class NotWaiting(Conflict):
    code = "not_waiting"
    title = text("您的咨询已有工作人员接待或已结束", "A clerk has your consultation already, or it is closed")


class DeskFull(Conflict):
    code = "desk_full"
    title = text(
        "您手上的咨询已达接待上限，请先结束一些或调高上限",
        "You hold as many consultations as you chose to; close some, or raise the number",
    )


class NobodyWaits(Conflict):
    code = "nobody_waits"
    title = text("现在没有人在等您负责的事项", "Nobody is waiting for a matter of yours now")


class TooManyConversations(Conflict):
    code = "too_many_conversations"
    title = text(
        "您有太多未结束的咨询，请先结束其中一些", "You have too many open consultations; please close some first"
    )


class UnknownSubject(InvalidRequest):
    code = "unknown_subject"
    title = text("没有这个事项、部门或办件", "There is no such item, department or application")


class ImageUnknown(InvalidRequest):
    code = "image_unknown"
    title = text("没有找到您上传的这张图片", "This is not an image you uploaded")


class CardUnknown(InvalidRequest):
    code = "card_unknown"
    title = text("没有找到可发送的这项内容", "There is nothing of that kind you can send here")


class CardNotForSender(InvalidRequest):
    code = "card_not_for_sender"
    title = text("此类卡片不能由您发送", "This kind of card is not yours to send")


class WrongRecipient(InvalidRequest):
    code = "wrong_recipient"
    title = text("该同事不负责此事项", "This colleague does not answer for this matter")


class FrameInvalid(InvalidRequest):
    code = "invalid_frame"
    title = text("消息格式不正确", "The frame is not valid")


class FrameUnreadable(Unreadable):
    code = "unreadable_frame"
    title = text("无法读取该帧：应为一个 JSON 对象", "The frame cannot be read: one JSON object is expected")


class HelloExpected(NotSignedIn):
    code = "hello_expected"
    title = text("第一帧应为 hello", "The first frame is hello")


class SessionEnded(NotSignedIn):
    code = "session_ended"
    title = text("登录已结束，请重新登录", "Your sign-in has ended, please sign in again")


class FrameTooLarge(TooLarge):
    code = "frame_too_large"
    title = text("单帧不得超过 64 KiB", "A frame takes at most 64 KiB")


class NotStored(Unavailable):
    code = "not_stored"
    title = text("消息尚未确认保存，请重发", "The message is not known to be stored; please send it again")
