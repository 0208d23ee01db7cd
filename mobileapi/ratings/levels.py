"""
The five levels of a rating and the reasons offered with each (State Council General Office, document 51 of 2019; levels
1 and 2 count as bad). Reasons are codes of this table: what is stored does not change when a sentence is mended.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.texts import Text, text

BAD = 2  # this level and below


@dataclass(frozen=True)
class Reason:
    code: str
    text: Text


@dataclass(frozen=True)
class Level:
    level: int
    name: Text
    reasons: tuple[Reason, ...]


PRAISE = (
    Reason("patient", text("耐心细致", "Patient and careful")),
    Reason("quick", text("回复快", "Quick to answer")),
    Reason("clear", text("讲得清楚", "Explained clearly")),
    Reason("solved", text("问题解决了", "It was solved")),
    Reason("easy", text("办理方便", "Easy to do")),
)
MIDDLING = (
    Reason("slow", text("有点慢", "Somewhat slow")),
    Reason("unclear", text("讲得不够清楚", "Not quite clear")),
    Reason("many_papers", text("材料偏多", "Many papers")),
    Reason("hard_pages", text("页面不好用", "Pages are hard to use")),
)
BLAME = (
    Reason("rude", text("态度不好", "Unfriendly")),
    Reason("too_slow", text("等得太久", "Waited too long")),
    Reason("wrong_answer", text("答复不准确", "The answer was wrong")),
    Reason("not_told_once", text("没有一次告知清楚", "Was not told everything at once")),
    Reason("extra_papers", text("要求了指南以外的材料", "Papers beyond the guide were asked for")),
    Reason("over_time", text("超过承诺时限", "Later than promised")),
    Reason("unsolved", text("问题没有解决", "It was not solved")),
    Reason("guide_wrong", text("指南与实际不符", "The guide does not fit what happens")),
)
LEVELS = (
    Level(5, text("非常满意", "Very satisfied"), PRAISE),
    Level(4, text("满意", "Satisfied"), PRAISE),
    Level(3, text("基本满意", "Fairly satisfied"), MIDDLING),
    Level(2, text("不满意", "Dissatisfied"), BLAME),
    Level(1, text("非常不满意", "Very dissatisfied"), BLAME),
)
NAMES = {level.level: level.name for level in LEVELS}
_WORDS = {reason.code: reason.text for level in LEVELS for reason in level.reasons}


def strange(level: int, reasons: Sequence[str]) -> list[str]:
    """The reasons that are not offered with this level."""
    offered = {reason.code for known in LEVELS if known.level == level for reason in known.reasons}
    return [code for code in reasons if code not in offered]


def words_of(reasons: Sequence[str]) -> list[Text]:
    """The sentences of reasons; one from before this table is told as it is."""
    return [_WORDS.get(code) or text(code) for code in reasons]
