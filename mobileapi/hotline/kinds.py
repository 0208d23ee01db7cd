"""The kinds of work orders, and in how many working days each is answered: settings, as cities promise differently."""

from dataclasses import dataclass
from typing import Literal

from kit.config import current
from kit.texts import Text, text
from mobileapi.hotline.config import HotlineSettings

Kind = Literal["help", "question", "complaint", "suggestion", "report"]


@dataclass(frozen=True)
class About:
    name: Text
    days: str  # the setting


KINDS: dict[Kind, About] = {
    "help": About(text("求助", "Help"), "order_days_help"),
    "question": About(text("咨询", "Question"), "order_days_question"),
    "complaint": About(text("投诉", "Complaint"), "order_days_complaint"),
    "suggestion": About(text("建议", "Suggestion"), "order_days_suggestion"),
    "report": About(text("举报", "Report"), "order_days_report"),
}


def workdays_for(kind: str) -> int:
    days: int = getattr(current(HotlineSettings), KINDS[kind].days)  # type: ignore[index]
    return days
