"""The board, on a screen and as a sheet."""

from starlette.responses import Response

from auth.callers import who_is
from auth.reading import note_look
from kit import audit, clock
from kit.web import Call, get
from mobileapi.insight import sheet
from mobileapi.insight.board import board, scope_of
from mobileapi.insight.schemas import BoardQuery, BoardView


async def show_board(call: Call, query: BoardQuery) -> BoardView:
    """How it stands in the supervisor's department and those under it; of one of them, of one item."""
    counted = await _counted(call, query)
    await note_look(
        call.actor, "board", purpose="supervision", department=query.department or "", item=query.item or ""
    )
    return counted


async def export_board(call: Call, query: BoardQuery) -> Response:
    """The same as CSV, `about,of,figure,value`. Who took it away is logged each time."""
    counted = await _counted(call, query)
    await audit.record(
        actor=call.actor.name, action="board.exported", subject=f"staff:{call.actor.id}", purpose="supervision",
        department=query.department or "", item=query.item or "",
    )  # fmt: skip
    headers = {
        "content-disposition": f'attachment; filename="board-{clock.today().isoformat()}.csv"',
        "cache-control": "no-store", "x-content-type-options": "nosniff",
    }  # fmt: skip
    return Response(sheet.as_csv(counted), media_type="text/csv; charset=utf-8", headers=headers)


async def _counted(call: Call, query: BoardQuery) -> BoardView:
    who = await who_is(call.actor)
    return await board(who, await scope_of(who, department=query.department, item=query.item))


ROUTES = [
    get("/desk/board", show_board, roles={"supervisor"}, reach="department", cost=5),
    get("/desk/board.csv", export_board, roles={"supervisor"}, reach="department", cost=20, media="text/csv"),
]
