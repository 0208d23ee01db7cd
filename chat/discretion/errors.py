"""
InvalidRequest          422
├── ReplyNotSure            a reply holds a number or a word one should not send without having looked
└── ReplyRefused            a reply holds a word that is not sent at all
Conflict                409
├── WordAlreadyListed       the word stands in the list like that, or is waiting to
├── WordNotListed           a word that is to be removed is not there
├── OwnWordChange           who wished for a change does not decide it
└── WordChangeDecided       somebody has decided it already
"""

from kit.errors import Conflict, InvalidRequest
from kit.texts import Text, text


class ReplyNotSure(InvalidRequest):
    code = "reply_not_sure"
    title = text("回复中有敏感内容，确认后才能发送", "The reply holds something sensitive; confirm to send it")


class ReplyRefused(InvalidRequest):
    code = "reply_refused"
    title = text("回复中有禁止使用的词语，请修改", "The reply holds a forbidden word; please rephrase it")


class WordAlreadyListed(Conflict):
    code = "word_already_listed"
    title = text("该词已在列表中，或正等待复核", "This word is listed already, or waiting to be")


class WordNotListed(Conflict):
    code = "word_not_listed"
    title = text("列表中没有这个词", "This word is not in the list")


class OwnWordChange(Conflict):
    code = "own_word_change"
    title = text("不能复核自己提出的修改", "Somebody else has to decide this change")


class WordChangeDecided(Conflict):
    code = "word_change_decided"
    title = text("该修改已有处理结果", "This change has been decided already")


# What was found, never where or which.
KINDS: dict[str, Text] = {
    "id_number": text("身份证号码", "an ID number"),
    "bank_card": text("银行卡号", "a bank card number"),
    "forbidden": text("不宜使用的词语", "a word one should not use"),
    "refused": text("禁止使用的词语", "a forbidden word"),
    "variable": text("未填写的变量", "a variable that is not filled in"),
}
