"""
Tables for spreadsheets, CSV (RFC 4180) and XLSX: stable columns, every time with its offset and the zone in the head.

The same rows give the same bytes. Text that a spreadsheet would take for a formula is told as text (OWASP: CSV
injection); in XLSX text is written as text, and gets the same mark, for it may be saved as CSV later.
"""

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

import xlsxwriter
from starlette.responses import Response

from kit import clock
from kit.money import yuan_text

CSV_MEDIA = "text/csv; charset=utf-8"
XLSX_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Format = Literal["csv", "xlsx"]
Cell = str | int | datetime | None
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # a file tells of its rows, not of when it was asked for
STARTS_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def zoned(name: str) -> str:
    """The head of a column of times: `booked_at (Asia/Shanghai)`."""
    return f"{name} ({clock.city_zone().key})"


def neutral(text: str) -> str:
    """A cell no spreadsheet takes for a formula, also when it trims what stands in front; U+0000 is left out."""
    text = text.replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0\u3000\ufeff")[:1] in STARTS_A_FORMULA or text[:1] in "\t\r\n" else text


def yuan(fen: int | None) -> str:
    """Yuan as exact text; amounts are told in fen as well, as whole numbers."""
    return "" if fen is None else yuan_text(fen)


def shown(cell: Cell) -> str | int:
    """Times in the city's zone to the millisecond, with their offset."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return clock.city_time(cell).isoformat(timespec="milliseconds")
    return cell if isinstance(cell, int) else _amount_or_text(cell)


def _amount_or_text(text: str) -> str:
    """`-12.00` is an amount and stays one."""
    bare = text.removeprefix("-")
    return text if bare.replace(".", "", 1).isdecimal() and bare.isascii() else neutral(text)


def csv_line(cells: Sequence[Cell]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([shown(cell) for cell in cells])
    return line.getvalue()


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it."""
    return ("\ufeff" + csv_line(head) + "".join(map(csv_line, rows))).encode()


def as_xlsx(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """One sheet with a frozen head; whole numbers are numbers, everything else is text."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "created": MADE})
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True})
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, max(12, len(name) + 2))
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(map(shown, row)):
            if isinstance(cell, int):
                sheet.write_number(line, column, cell)
            else:
                sheet.write_string(line, column, cell)
    book.close()
    return file.getvalue()


async def answer(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, form: Format, name: str) -> Response:
    """The table as a file to be kept, made beside the other requests."""
    if form == "csv":
        content = await asyncio.to_thread(as_csv, head, rows)
    else:
        content = await asyncio.to_thread(as_xlsx, head, rows, title=name)
    return attachment(content, name=f"{name}.{form}", media=CSV_MEDIA if form == "csv" else XLSX_MEDIA)


def attachment(content: bytes, *, name: str, media: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }  # fmt: skip
    return Response(content, media_type=media, headers=headers)
