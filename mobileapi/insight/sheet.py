"""The board as a table for spreadsheets: what it is about, what, how much. Too little to be told stays empty."""

import csv
import io
from collections.abc import Iterator

from auth.auditing.acts import as_text
from mobileapi.insight.schemas import BoardView

Row = tuple[str, str, str, object]


def as_csv(board: BoardView) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it; what a spreadsheet would take for a formula is told as text."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(("about", "of", "figure", "value"))
    for row in _rows(board):
        writer.writerow([as_text("" if cell is None else str(cell)) for cell in row])
    return ("\ufeff" + sheet.getvalue()).encode()


def _rows(board: BoardView) -> Iterator[Row]:
    yield "board", "", "at", board.at.isoformat(timespec="seconds")
    for about, told in (("now", board.now), ("today", board.today), ("yesterday", board.yesterday),
                        ("cases", board.cases), ("bad_ratings", board.bad_ratings)):  # fmt: skip
        yield from ((about, "", figure, value) for figure, value in told.model_dump().items())
    yield from (("desks", "", status, count) for status, count in board.desks.items())
    for hour in board.hours:
        yield "hour", f"{hour.hour:02}", "opened", hour.opened
        yield "hour", f"{hour.hour:02}", "taken", hour.taken
    for step in board.first_answers:
        yield "first_answer", "", f"within_{step.within_s}_s" if step.within_s else "later", step.count
    yield from _things(board)


def _things(board: BoardView) -> Iterator[Row]:
    for item in board.items:
        told = item.model_dump(exclude={"item", "name"})
        yield from (("item", item.name.zh if item.name else "", figure, value) for figure, value in told.items())
    for clerk in board.clerks:
        told = clerk.model_dump(exclude={"id", "name"})
        yield from (("clerk", clerk.name, figure, value) for figure, value in told.items())
    for case in board.red:
        yield "red_case", case.case_number, "days_over", case.days_over
