"""Finance's work-list: differences and exceptions, proposed about by one person and decided by another."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from auth.callers import who_is
from auth.rights import Thing, may
from kit import audit, clock
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.web import Call, get, post
from payments.closing import sheets
from payments.desk import matters, proposals
from payments.desk.matters import Wish
from payments.desk.schemas import (
    BoardView,
    Decide,
    MatterDetail,
    MatterExport,
    MatterPage,
    MatterQuery,
    Nothing,
    Propose,
)
from payments.desk.views import board_shown, matter_shown, matters_shown, people_named
from payments.desk.words import class_text

READERS = {"finance", "auditor"}
MOST_ROWS = 20_000  # of one file
HEAD = (
    "id", "source", "class", "class_text", "channel", "day", "reference", "out_trade_no", "transaction_id", "ours_yuan",
    "ours_fen", "theirs_yuan", "theirs_fen", "ours", "theirs", "opened_at", "expected_by", "state", "settled_at",
    "owner",
)  # fmt: skip


async def list_matters(call: Call, query: MatterQuery) -> MatterPage:
    """Differences and exceptions, those that wait longest first."""
    after = place_in("matters", query.cursor, datetime, UUID)
    found = await matters.listed(_wish(query), reader=call.actor.id, limit=query.limit + 1, after=after)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = end_of("matters", page[-1]["opened_at"], page[-1]["id"]) if more else None
    return MatterPage(items=await matters_shown(page, reader=call.actor.id), next_cursor=cursor)


def _wish(query: MatterExport | MatterQuery) -> Wish:
    return Wish(query.state, query.channel, query.day, query.kind, query.source)


async def read_board(call: Call) -> BoardView:  # noqa: ARG001 - finance sees the whole office
    """What is open, by kind and age."""
    return await board_shown()


async def read_matter(call: Call) -> MatterDetail:
    """One difference or exception, with everything that was proposed about it."""
    return await matter_shown(await _seen(call), actor=call.actor)


async def _seen(call: Call) -> UUID:
    """The matter of the path. Absent and forbidden look alike."""
    subject = call.path_id("id")
    if not may(await who_is(call.actor), Thing("reconciliation")):
        raise NotFound
    await matters.one(subject)
    return subject


async def take(call: Call, body: Nothing) -> MatterDetail:  # noqa: ARG001 - an empty object is expected
    """Makes it the caller's."""
    subject = await _seen(call)
    await proposals.take(subject, by=call.actor.id)
    return await matter_shown(subject, actor=call.actor)


async def propose(call: Call, body: Propose) -> MatterDetail:
    """Proposes what is done about it."""
    subject = await _seen(call)
    new = proposals.NewProposal(body.action, body.note, body.expected_by)
    await proposals.propose(subject, new, by=call.actor.id)
    return await matter_shown(subject, actor=call.actor)


async def decide(call: Call, body: Decide) -> MatterDetail:
    """Agrees to the proposal that waits, or refuses it; who proposed may only take it back."""
    subject = await _seen(call)
    await proposals.decide(subject, body.proposal, approve=body.approve, note=body.note, by=call.actor.id)
    return await matter_shown(subject, actor=call.actor)


async def export_csv(call: Call, query: MatterExport) -> Response:
    return await _export(call, query, form="csv")


async def export_xlsx(call: Call, query: MatterExport) -> Response:
    return await _export(call, query, form="xlsx")


async def _export(call: Call, query: MatterExport, *, form: sheets.Format) -> Response:
    """What was found, the same rows as the list; at most twenty thousand."""
    found = await matters.listed(_wish(query), reader=call.actor.id, limit=MOST_ROWS)
    names = await people_named(row["owner"] for row in found)
    head = tuple(sheets.zoned(name) if name.endswith("_at") else name for name in HEAD)
    rows: list[tuple[sheets.Cell, ...]] = [
        (
            str(m["id"]), m["source"], m["kind"], class_text(m["kind"]).in_language(call.language), m["channel"],
            m["day"].isoformat(), m["reference"], m["number"], m["transaction_id"], sheets.yuan(m["ours_fen"]),
            m["ours_fen"], sheets.yuan(m["theirs_fen"]), m["theirs_fen"], m["ours"], m["theirs"], m["opened_at"],
            m["expected_by"].isoformat() if m["expected_by"] else None, m["state"], m["settled_at"],
            names.get(m["owner"]),
        )
        for m in found
    ]  # fmt: skip
    asked = query.model_dump(mode="json", exclude_none=True)
    await audit.record(
        actor=call.actor.name, action="difference.exported", subject="differences", listed=len(rows), asked=asked
    )
    return await sheets.answer(head, rows, form=form, name=f"differences-{clock.today().isoformat()}")


ROUTES = [
    get("/differences", list_matters, roles=READERS, reach="all"),
    get("/differences/board", read_board, roles=READERS, reach="all", cost=5),
    get("/differences.csv", export_csv, roles=READERS, reach="all", cost=20, media=sheets.CSV_MEDIA.split(";")[0]),
    get("/differences.xlsx", export_xlsx, roles=READERS, reach="all", cost=20, media=sheets.XLSX_MEDIA),
    get("/differences/{id}", read_matter, roles=READERS, reach="all", cost=2),
    post("/differences/{id}/owner", take, roles={"finance"}, reach="all", cost=2),
    post("/differences/{id}/proposal", propose, roles={"finance"}, reach="all", cost=5, idempotent=True),
    post("/differences/{id}/approval", decide, roles={"finance"}, reach="all", cost=10, idempotent=True),
]
