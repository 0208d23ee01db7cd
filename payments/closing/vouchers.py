"""The books as accountants import them: every posting of a span of days, in the order of booking."""

from datetime import date, timedelta

from kit.errors import FieldError, InvalidRequest
from kit.texts import text
from payments.closing import sheets
from payments.closing.figures import Span, postings, span_of

LONGEST = timedelta(days=31)
MOST_ROWS = 200_000
HEAD = ("entry", "booked_at", "kind", "reference", "account", "debit_yuan", "credit_yuan", "amount_fen")


def span(since: date, until: date) -> Span:
    """Both days included. Raises InvalidRequest for none or more than 31 days."""
    if not timedelta() <= until - since < LONGEST:
        words = text("起止日须为 31 日以内", "At most 31 days, the first before the last")
        raise InvalidRequest(errors=[FieldError(field="until", code="out_of_range", detail=words)])
    return Span(since, span_of(since).since, span_of(until).until)


async def rows(found: Span) -> tuple[tuple[str, ...], list[tuple[sheets.Cell, ...]]]:
    """Head and rows. Raises InvalidRequest when there are more than one file can take."""
    head = tuple(sheets.zoned(name) if name == "booked_at" else name for name in HEAD)
    told: list[tuple[sheets.Cell, ...]] = []
    async for row in postings(found, ""):
        fen = row["amount_fen"]
        told.append(
            (
                str(row["id"]), row["at"], row["kind"], row["reference"], row["account"],
                sheets.yuan(fen) if fen > 0 else None, sheets.yuan(-fen) if fen < 0 else None, fen,
            )
        )  # fmt: skip
        if len(told) > MOST_ROWS:
            words = text("记录过多，请缩短起止日", "Too many rows for one file; choose fewer days")
            raise InvalidRequest(errors=[FieldError(field="until", code="too_many", detail=words)])
    return head, told
