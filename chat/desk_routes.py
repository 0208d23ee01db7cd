"""The desk's side of waiting: the next one, inquiries and their dates, and how the work is shared out."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from auth.callers import who_is
from auth.reading import note_look
from auth.rights import Values, condition
from chat import access, workload
from chat.dispatching import take_next
from chat.schemas import Code, ConversationPage, ConversationView
from chat.views import view_of, views_of
from kit import db
from kit.cursors import end_of, place_in
from kit.reach import Reach
from kit.texts import Text
from kit.web import Call, PageQuery, Shape, View, get, post

STAFF = {"clerk", "supervisor"}
AT_DESKS: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}


class InquiryQuery(PageQuery):
    scope: Literal["mine", "department"] = "department"


class WorkloadQuery(Shape):
    item: Code | None = None
    days: int = Field(28, ge=1, le=366)


class ClerkLoadView(View):
    id: UUID
    name: str
    title: str
    department: str
    taken: int
    share: float | None
    first_answer_s: int | None
    held: int
    inquiries: int
    capacity: int | None
    duties: int


class ItemLoadView(View):
    item: str | None
    name: Text | None
    opened: int
    waiting: int
    inquiries: int
    abandoned: int
    messages: int
    waited_s: int | None
    longest_s: int | None


class HourView(View):
    day: int
    hour: int
    expected: float
    low: int
    high: int


class ForecastView(View):
    weeks: int
    enough: bool
    hours: list[HourView]


class WorkloadView(View):
    """`evenness`: 1 where everybody took as many, 1/n where one took all."""

    since: datetime
    evenness: float | None
    clerks: list[ClerkLoadView]
    items: list[ItemLoadView]
    forecast: ForecastView


DATED = """
SELECT c.id, i.due_at FROM chat_conversation c JOIN chat_inquiry i ON i.conversation_id = c.id AND i.taken_at IS NULL
WHERE c.state = 'inquiry' AND ({seen}) AND ({scope}) AND ({me}::uuid IS NOT NULL)
  AND ({after}::timestamptz IS NULL OR (i.due_at, c.id) > ({after}, {last}::uuid))
ORDER BY i.due_at, c.id LIMIT {limit}
"""


async def list_inquiries(call: Call, query: InquiryQuery) -> ConversationPage:
    """Dated inquiries, the one that is due first on top: those I answer for by name, or all of my matters."""
    who, values = await who_is(call.actor), Values()
    seen = condition(who, "conversation", access.COLUMNS, values=values)
    after, last = place_in("inquiries", query.cursor, datetime, UUID) or (None, None)
    me = values.add(call.actor.id)
    scope = f"i.owner = {me}" if query.scope == "mine" else "true"
    sql = DATED.format(
        seen=seen, scope=scope, me=me, after=values.add(after), last=values.add(last), limit=values.add(query.limit + 1)
    )
    rows = await db.fetch(sql, *values.given)
    page = rows[: query.limit]
    await note_look(call.actor, "inquiries", purpose="consultation", scope=query.scope)
    shown = {view.id: view for view in await views_of([row["id"] for row in page], side="clerk")}
    more = len(rows) > query.limit
    return ConversationPage(
        items=[shown[row["id"]] for row in page if row["id"] in shown],
        next_cursor=end_of("inquiries", page[-1]["due_at"], page[-1]["id"]) if more else None,
    )


async def next_please(call: Call) -> ConversationView:
    """The longest waiting of my matters is mine. Refused with `nobody_waits` and `desk_full`."""
    view = await view_of(await take_next(call.actor), side="clerk")
    assert view is not None, "it was taken a moment ago"
    return view


async def show_workload(call: Call, query: WorkloadQuery) -> WorkloadView:
    """Figures of the supervisor's department and those under it."""
    who = await who_is(call.actor)
    departments, since = sorted(who.below), workload.span(query.days)
    clerks = await workload.clerks(departments, since=since, item=query.item)
    items = await workload.items(departments, since=since, item=query.item)
    expected = await workload.forecast(departments, item=query.item)
    total = sum(clerk.taken for clerk in clerks)
    with_duty = [clerk.taken for clerk in clerks if clerk.duties or clerk.taken]
    return WorkloadView(
        since=since, evenness=workload.evenness(with_duty),
        clerks=[_clerk(clerk, total) for clerk in clerks], items=[_item(item) for item in items],
        forecast=ForecastView(
            weeks=expected.weeks, enough=expected.enough, hours=[HourView(**asdict(hour)) for hour in expected.hours]
        ),
    )  # fmt: skip


def _clerk(clerk: workload.ClerkLoad, total: int) -> ClerkLoadView:
    told: dict[str, Any] = asdict(clerk) | {"first_answer_s": _whole(clerk.first_answer_s)}
    return ClerkLoadView(**told, share=round(clerk.taken / total, 3) if total else None)


def _item(item: workload.ItemLoad) -> ItemLoadView:
    told: dict[str, Any] = asdict(item) | {
        "name": Text.model_validate(json.loads(item.name)) if item.name and item.name != "null" else None,
        "waited_s": _whole(item.waited_s), "longest_s": _whole(item.longest_s),
    }  # fmt: skip
    return ItemLoadView(**told)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


ROUTES = [
    get("/desk/inquiries", list_inquiries, roles=STAFF, reach=AT_DESKS),
    post("/desk/consultations/next", next_please, roles=STAFF, reach=AT_DESKS),
    get("/desk/workload", show_workload, roles={"supervisor"}, reach="department", cost=5),
]
