"""Words out of the operator's file: `word, use, strict` in CSV, or a YAML list `words`."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chat.discretion import lists
from chat.discretion.schemas import Word
from kit import audit
from kit.imports import ImportReport, rows_of, take_rows


class WordRow(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    word: Word
    use: Literal["citizens", "clerks", "both", "harmless"]
    strict: bool = False


async def import_words(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """The same words again change nothing. What is not in the file stays in the list."""
    return await take_rows(
        "words", rows_of(path, "words"), shape=WordRow, take=_take, dry_run=dry_run, keep_going=keep_going
    )


async def _take(row: WordRow) -> bool:
    changed = await lists.put_in(lists.Wish("put", row.word, use=row.use, strict=row.strict))
    if changed:
        await audit.record(
            actor="system", action="words.imported", subject="words:list", use=row.use, strict=row.strict
        )
    return changed
