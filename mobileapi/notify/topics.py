"""
What citizens can be told about outside the app, each a topic with its own template, wishes and one-time grants; and the
words a template may hold.

No word says more than a lock screen may show: names of matters, numbers of cases, states, days. Never what was written.
"""

from dataclasses import dataclass
from enum import StrEnum

from auth.platforms.wechat_messages import rule_of
from kit.config import BadConfiguration, current
from kit.texts import Text, text
from mobileapi.notify.config import NotifySettings

PLATFORMS = ("wechat", "alipay")
WORDS = ("subject", "hint", "number", "state", "at", "day")


class Topic(StrEnum):
    ANSWERS = "answers"
    CASES = "cases"
    BILLS = "bills"


TITLES: dict[Topic, Text] = {
    Topic.ANSWERS: text("咨询回复", "Answers to your questions"),
    Topic.CASES: text("办件进度", "Progress of your cases"),
    Topic.BILLS: text("缴费", "Payments"),
}
NOTES: dict[Topic, Text] = {
    Topic.ANSWERS: text("您离开时工作人员回复了咨询", "Somebody answered while you were away"),
    Topic.CASES: text("受理、补正、办结等进展", "Accepted, to be corrected, decided"),
    Topic.BILLS: text("待缴费和缴费结果", "What is to be paid, and what has arrived"),
}


@dataclass(frozen=True)
class Template:
    """`fields`: the template's field → the word that stands there."""

    id: str
    fields: dict[str, str]


def template(platform: str, topic: Topic) -> Template | None:
    """The template the office uses; None when it has none. Raises BadConfiguration naming the setting."""
    name = f"{platform}_message_{topic.value}"
    parts = str(getattr(current(NotifySettings), name)).split()
    if not parts:
        return None
    pairs = [part.partition("=")[::2] for part in parts[1:]]
    for field, word in pairs:
        if word not in WORDS or (platform == "wechat" and rule_of(field) is None) or not field:
            raise BadConfiguration(
                f"HANDHELD_{name.upper()}: `{field}={word}` is not field=word; words are {', '.join(WORDS)}"
            )
    if not pairs or len(dict(pairs)) != len(pairs) or len(parts[0]) > 64:
        raise BadConfiguration(f"HANDHELD_{name.upper()} must be a template id and its fields, each once")
    return Template(parts[0], dict(pairs))


def refuse_half_set() -> None:
    """Raises BadConfiguration for a template that cannot be filled."""
    for platform in PLATFORMS:
        for topic in Topic:
            template(platform, topic)
