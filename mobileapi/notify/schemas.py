"""Notices as their citizen sees them, and those of staff."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from kit.texts import Text
from kit.web import Shape, View
from mobileapi.notify.topics import Topic


class NoticeView(View):
    """`link` is a page of the citizen app (to staff: of the console), or empty."""

    id: str
    kind: str
    text: Text
    link: str
    at: datetime
    read: bool

    @classmethod
    def of(cls, row: Any) -> "NoticeView":
        return cls(
            id=str(row["id"]), kind=row["kind"], text=Text.model_validate(json.loads(row["text"])), link=row["link"],
            at=row["created_at"], read=row["read_at"] is not None,
        )  # fmt: skip


class NoticePage(View):
    items: list[NoticeView]
    unread: int
    next_cursor: str | None


class GrantView(View):
    """`left`: messages that may still be sent by this template. `ask`: the app may ask for more at the right moment."""

    platform: str
    topic: Topic
    title: Text
    template: str
    left: int
    ask: bool


class GrantList(View):
    items: list[GrantView]


class GrantsTapped(Shape):
    """What the person answered on the platform's sheet, by topic."""

    platform: Literal["wechat", "alipay"]
    answers: dict[Topic, Literal["accept", "reject", "ban", "filter"]] = Field(min_length=1, max_length=3)


class WishView(View):
    """`texts_allowed`: the consent to be reminded by text message is given; without it `texts` has no effect."""

    topic: Topic
    title: Text
    note: Text
    messages: bool
    texts: bool
    left: int


class WishList(View):
    items: list[WishView]
    texts_allowed: bool
    texts_possible: bool


class WishSaid(Shape):
    messages: bool
    texts: bool
