"""Quick replies out of the operator's file: a YAML list `replies`, or CSV. The same text again changes nothing."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from auth.models import Department
from kit.errors import HouseError
from kit.imports import ImportReport, RowAtFault, rows_of, take_rows
from kit.texts import Text
from mobileapi.replies import replies
from mobileapi.replies.models import Reply
from mobileapi.replies.replies import Author, Wording

OPERATOR = Author(None, "系统导入")


class ReplyRow(BaseModel):
    """`code` is what the row is known by; `at` the paragraph of the item's guide it rests on."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")
    item: str | None = None
    department: str | None = None
    title: Text
    words: Text
    at: str | None = None


async def import_replies(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    return await take_rows(
        "replies", rows_of(path, "replies"), shape=ReplyRow, take=_take, dry_run=dry_run, keep_going=keep_going
    )


async def _take(row: ReplyRow) -> bool:
    try:
        return await _taken(row)
    except HouseError as error:
        raise RowAtFault(f"{row.code}: {error.detail.in_language('en')}") from None


async def _taken(row: ReplyRow) -> bool:
    known = await Reply.get_or_none(code=row.code)
    wording = Wording(row.title, row.words, row.at)
    if known is not None:
        said = (known.title, known.words, known.cite_at)
        if said == (row.title.model_dump(), row.words.model_dump(), row.at) and known.stale_since is None:
            return False
        await replies.write(known, wording, by=OPERATOR, seen=known.newest)
        return True
    scope: Literal["item", "department"] = "item" if row.item else "department"
    if scope == "department" and not await Department.exists(code=row.department or ""):
        raise RowAtFault(f"the department {row.department} is not known")
    made = await replies.place_of(scope=scope, item=row.item, department=row.department, by=OPERATOR)
    made.code = row.code
    await replies.write(made, wording, by=OPERATOR)
    return True
