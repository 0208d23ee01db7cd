"""Notices as their citizen sees them, and those of staff."""

import json
from datetime import datetime
from typing import Any

from kit.texts import Text
from kit.web import View


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
