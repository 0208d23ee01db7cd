"""Looking through the audit log. Who looks leaves a row there too."""

from starlette.responses import Response

from auth.auditing import acts
from auth.auditing.schemas import ActList, ActQuery, ActView, Nothing, ProofView, Wanted
from auth.step_up import require_fresh
from kit import audit, clock
from kit.cursors import end_of, place_in
from kit.errors import NotFound
from kit.reach import Reach
from kit.web import Call, get, post

READERS = {"auditor", "admin"}
REACH: dict[str, Reach] = {"auditor": "all", "admin": "privileges"}
MOST_ROWS = 10_000  # of one file


async def list_acts(call: Call, query: ActQuery) -> ActList:
    """The latest first: all acts for auditors, those about rights, accounts and keys for administrators."""
    (before,) = place_in("audit", query.cursor, int) or (None,)
    rows = await acts.found(call.actor, query, before=before, limit=query.limit + 1)
    page = rows[: query.limit]
    await _looked(call, "audit.read", query, listed=len(page))
    cursor = end_of("audit", page[-1]["seq"]) if len(rows) > query.limit else None
    return ActList(items=await acts.shown(page), next_cursor=cursor, proof=await acts.last_proof())


async def read_act(call: Call) -> ActView:
    seq = call.path("seq")
    row = await acts.one(call.actor, int(seq)) if seq.isdecimal() and seq.isascii() and len(seq) < 19 else None
    if row is None:
        raise NotFound
    await audit.record(actor=call.actor.name, action="audit.read", subject=f"audit:{row['seq']}", purpose="audit")
    (shown,) = await acts.shown([row])
    return shown


async def export_acts(call: Call, query: Wanted) -> Response:
    """What was found as CSV, at most ten thousand rows; needs fresh proof of who asks."""
    await require_fresh(call.actor)
    rows = await acts.found(call.actor, query, before=None, limit=MOST_ROWS)
    await _looked(call, "audit.exported", query, listed=len(rows))
    headers = {
        "content-disposition": f'attachment; filename="audit-{clock.today().isoformat()}.csv"',
        "cache-control": "no-store", "x-content-type-options": "nosniff",
    }  # fmt: skip
    return Response(acts.as_csv(await acts.shown(rows)), media_type="text/csv; charset=utf-8", headers=headers)


async def prove(call: Call, body: Nothing) -> ProofView:  # noqa: ARG001 - an empty object is expected
    """Walks the whole chain now."""
    return await acts.prove(call.actor)


async def _looked(call: Call, action: str, wanted: Wanted, *, listed: int) -> None:
    asked = wanted.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"})
    await audit.record(
        actor=call.actor.name, action=action, subject="audit", purpose="audit", listed=listed, asked=asked
    )


ROUTES = [
    get("/audit", list_acts, roles=READERS, reach=REACH),
    get("/audit.csv", export_acts, cost=20, roles={"auditor"}, reach="all", media="text/csv"),
    post("/audit/proof", prove, cost=20, roles={"auditor"}, reach="all"),
    get("/audit/{seq}", read_act, roles=READERS, reach=REACH, examples={"seq": "1"}),
]
