"""The day close, signed statements, and the books as files."""

from datetime import date, timedelta

from starlette.responses import Response

from auth.callers import who_is
from auth.rights import Thing, may
from kit import audit, clock
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.web import Call, get, post
from payments.closing import closes, keys, sheets, statements, vouchers
from payments.closing.models import Statement
from payments.closing.schemas import (
    DayPage,
    DayQuery,
    DayView,
    DecideReopening,
    KeysView,
    Nothing,
    Reopen,
    VoucherQuery,
)
from payments.closing.views import day_shown, days_shown

READERS = {"finance", "auditor"}
FIRST = date(2000, 1, 1)  # no day before it can be asked for
A_DAY = {"day": "2026-09-01"}


async def list_days(call: Call, query: DayQuery) -> DayPage:  # noqa: ARG001 - finance sees every day
    """Office days, the latest first, each with its close or with what stands in the way."""
    (before,) = place_in("days", query.cursor, date) or (min(query.before or clock.today(), clock.today()),)
    limit = max(0, min(query.limit, (before - FIRST).days + 1))
    rows = await closes.days(before=before, count=limit) if limit else []
    last = rows[-1]["day"] - timedelta(days=1) if rows else FIRST
    return DayPage(items=await days_shown(rows), next_cursor=end_of("days", last) if last > FIRST else None)


async def read_day(call: Call) -> DayView:
    """One day in figures, with its closes and statements."""
    return await day_shown(await _day(call), actor=call.actor)


async def _day(call: Call) -> date:
    """The day of the path. Raises NotFound for what is no day, or one to come."""
    try:
        day = date.fromisoformat(call.path("day"))
    except ValueError:
        raise NotFound from None
    if not FIRST <= day <= clock.today() or not may(await who_is(call.actor), Thing("reconciliation")):
        raise NotFound
    return day


async def close_day(call: Call, body: Nothing) -> DayView:  # noqa: ARG001 - an empty object is expected
    """Closes a day that is over and settled, and signs its statements."""
    day = await _day(call)
    await closes.close(day, by=call.actor.name)
    return await day_shown(day, actor=call.actor)


async def ask_reopening(call: Call, body: Reopen) -> DayView:
    """Asks to open a closed day; another person decides."""
    day = await _day(call)
    await closes.ask_reopening(day, reason=body.reason, by=call.actor.name)
    return await day_shown(day, actor=call.actor)


async def decide_reopening(call: Call, body: DecideReopening) -> DayView:
    """Opens the day again, or leaves it closed."""
    day = await _day(call)
    await closes.decide_reopening(day, approve=body.approve, by=call.actor.name)
    return await day_shown(day, actor=call.actor)


async def _statement(call: Call) -> Statement:
    if not may(await who_is(call.actor), Thing("reconciliation")):
        raise NotFound
    return await statements.statement(call.path_id("id"))


async def read_pdf(call: Call) -> Response:
    """The statement as PDF/A."""
    found = await _statement(call)
    name = f"{statements.number_of(found)}.pdf"
    return sheets.attachment(await statements.pdf(found), name=name, media="application/pdf")


async def read_jws(call: Call) -> Response:
    """The statement as a compact JWS (RFC 7515): its text and the signature, for whoever proves it elsewhere."""
    found = await _statement(call)
    return sheets.attachment(
        statements.jws(found).encode(), name=f"{statements.number_of(found)}.jws", media="application/jose"
    )


async def entries_csv(call: Call) -> Response:
    return await _entries(call, form="csv")


async def entries_xlsx(call: Call) -> Response:
    return await _entries(call, form="xlsx")


async def _entries(call: Call, *, form: sheets.Format) -> Response:
    """The entries a statement sums up; of the CSV the statement tells the SHA-256."""
    found = await _statement(call)
    await _handed_out(call, f"statement:{found.id}", form)
    content = await statements.entries_file(found, form=form)
    media = sheets.CSV_MEDIA if form == "csv" else sheets.XLSX_MEDIA
    return sheets.attachment(content, name=f"{statements.number_of(found)}.{form}", media=media)


async def vouchers_csv(call: Call, query: VoucherQuery) -> Response:
    return await _vouchers(call, query, form="csv")


async def vouchers_xlsx(call: Call, query: VoucherQuery) -> Response:
    return await _vouchers(call, query, form="xlsx")


async def _vouchers(call: Call, query: VoucherQuery, *, form: sheets.Format) -> Response:
    """Every posting of the days, for the accounting program."""
    head, rows = await vouchers.rows(vouchers.span(query.since, query.until))
    await _handed_out(call, f"books:{query.since}:{query.until}", form)
    return await sheets.answer(head, rows, form=form, name=f"vouchers-{query.since}-{query.until}")


async def _handed_out(call: Call, subject: str, form: str) -> None:
    await audit.record(actor=call.actor.name, action="books.exported", subject=subject, form=form)


async def read_keys(_: Call) -> KeysView:
    """The public halves of all keys that ever signed a statement (RFC 7517)."""
    return KeysView(keys=await keys.public_keys())


CSV = sheets.CSV_MEDIA.split(";")[0]
ROUTES = [
    get("/days", list_days, roles=READERS, reach="all", cost=5),
    get("/days/{day}", read_day, roles=READERS, reach="all", cost=5, examples=A_DAY),
    post("/days/{day}/close", close_day, roles={"finance"}, reach="all", cost=20, idempotent=True, examples=A_DAY),
    post(
        "/days/{day}/reopening", ask_reopening, roles={"finance"}, reach="all", cost=5, idempotent=True, examples=A_DAY
    ),
    post(
        "/days/{day}/reopening-approval", decide_reopening, roles={"finance"}, reach="all", cost=5, idempotent=True,
        examples=A_DAY,
    ),
    get("/statements/{id}.pdf", read_pdf, roles=READERS, reach="all", cost=10, media="application/pdf"),
    get("/statements/{id}.jws", read_jws, roles=READERS, reach="all", cost=2, media="application/jose"),
    get("/statements/{id}/entries.csv", entries_csv, roles=READERS, reach="all", cost=20, media=CSV),
    get("/statements/{id}/entries.xlsx", entries_xlsx, roles=READERS, reach="all", cost=20, media=sheets.XLSX_MEDIA),
    get("/vouchers.csv", vouchers_csv, roles=READERS, reach="all", cost=20, media=CSV),
    get("/vouchers.xlsx", vouchers_xlsx, roles=READERS, reach="all", cost=20, media=sheets.XLSX_MEDIA),
]  # fmt: skip
OUTSIDE = [get("/.well-known/statement-keys.json", read_keys, public=True)]
