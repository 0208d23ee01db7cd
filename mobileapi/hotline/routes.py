"""Work orders over HTTP: the citizen follows them, the desks work on them."""

from auth.models import StaffMember
from auth.reading import let_read, note_look
from auth.staffing.organisation import reports_of
from kit import audit
from kit.errors import NotFound
from kit.reach import Reach
from kit.web import Actor, Call, PageQuery, get, post
from mobileapi.hotline import lists
from mobileapi.hotline.access import desk_order, own_order
from mobileapi.hotline.acts import ACTS, Said, act_on, confirm, reopen
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.orders import open_order
from mobileapi.hotline.schemas import (
    ConfirmOrder,
    DeskOrderList,
    DeskOrdersQuery,
    DeskOrderView,
    OpenOrder,
    OrderAct,
    OrderColleague,
    OrderColleagues,
    OrderList,
    OrderOffice,
    OrderView,
    ReopenOrder,
)
from mobileapi.hotline.views import desk_lines, desk_view, offices_of, own_view, summary

CITIZEN = {"citizen"}
DESK = {"clerk", "supervisor"}
REACH: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}


async def list_orders(call: Call, query: PageQuery) -> OrderList:
    found, more = await lists.of_citizen(call.actor.id, limit=query.limit, cursor=query.cursor)
    offices = await offices_of({o.department_code for o in found})
    return OrderList(items=[summary(o, offices[o.department_code]) for o in found], next_cursor=more)


async def read_order(call: Call) -> OrderView:
    return await own_view(await own_order(call.actor, call.path_id("id")), reader=call.actor.name)


async def confirm_order(call: Call, body: ConfirmOrder) -> OrderView:  # noqa: ARG001 - an empty object
    return await own_view(await confirm(call.actor, call.path_id("id")), reader=call.actor.name)


async def reopen_order(call: Call, body: ReopenOrder) -> OrderView:
    return await own_view(await reopen(call.actor, call.path_id("id"), reason=body.reason), reader=call.actor.name)


async def list_desk(call: Call, query: DeskOrdersQuery) -> DeskOrderList:
    found, more = await lists.of_desk(
        call.actor, scope=query.scope, state=query.state, kind=query.kind, over=query.over, limit=query.limit,
        cursor=query.cursor,
    )  # fmt: skip
    await note_look(call.actor, "work_orders", purpose="casework", scope=query.scope, over=str(query.over))
    return DeskOrderList(items=await desk_lines(found, reader=call.actor.id), next_cursor=more)


async def read_desk_order(call: Call) -> DeskOrderView:
    return await _shown(call.actor, await _opened(call))


async def _opened(call: Call) -> WorkOrder:
    """Of the caller's desk, and counted as one more person they opened. Raises NotFound, TooManyPeopleRead."""
    order = await desk_order(call.actor, call.path_id("id"))
    whose = order.citizen_id  # type: ignore[attr-defined]
    if whose is not None:
        await let_read(call.actor, whose)
    return order


async def _shown(actor: Actor, order: WorkOrder) -> DeskOrderView:
    """Links to the photographs are made for this clerk, and who was given them stands in the log."""
    shown = await desk_view(order, actor=actor)
    await audit.record(
        actor=actor.name, action="work_order.read", subject=f"work_order:{order.id}",
        purpose=f"work order {order.number}", photos=[str(photo.id) for photo in shown.photos],
    )  # fmt: skip
    return shown


async def open_desk_order(call: Call, body: OpenOrder) -> DeskOrderView:
    order = await open_order(call.actor, **body.model_dump())
    return await _shown(call.actor, order)


async def act_on_order(call: Call, body: OrderAct) -> DeskOrderView:
    action = call.path("action")
    if action not in ACTS:
        raise NotFound
    await _opened(call)
    said = Said(body.version, body.words, to_staff=body.to_staff, to_department=body.to_department)
    return await _shown(call.actor, await act_on(call.actor, call.path_id("id"), action, said=said))


async def list_colleagues(call: Call) -> OrderColleagues:
    """Whom it may be given to: of the department, neither the caller nor whom it is about, nor who reports to them."""
    order = await _opened(call)
    people = await StaffMember.filter(department_id=order.department_code, disabled_at=None).order_by("username")
    office = (await offices_of({order.department_code}))[order.department_code]
    out = {call.actor.id, order.about_staff}
    if order.about_staff is not None:
        out |= await reports_of(order.about_staff)
    fit = [p for p in people if {"clerk", "supervisor"} & set(p.roles) and p.id not in out]
    return OrderColleagues(items=[_colleague(person, order, office) for person in fit])


def _colleague(person: StaffMember, order: WorkOrder, office: OrderOffice) -> OrderColleague:
    return OrderColleague(
        id=person.id, name=person.name, title=person.title, department=office,
        had_it=f"staff:{person.id}" in order.passed,
    )  # fmt: skip


ROUTES = [
    get("/work-orders", list_orders, roles=CITIZEN, reach="own"),
    get("/work-orders/{id}", read_order, roles=CITIZEN, reach="own"),
    post("/work-orders/{id}/confirmation", confirm_order, roles=CITIZEN, reach="own", idempotent=True),
    post("/work-orders/{id}/reopening", reopen_order, roles=CITIZEN, reach="own", idempotent=True),
    get("/desk/work-orders", list_desk, roles=DESK, reach=REACH),
    post("/desk/work-orders", open_desk_order, roles=DESK, reach=REACH, status=201, cost=2, idempotent=True),
    get("/desk/work-orders/{id}", read_desk_order, roles=DESK, reach=REACH),
    get("/desk/work-orders/{id}/colleagues", list_colleagues, roles=DESK, reach=REACH),
    post(
        "/desk/work-orders/{id}/{action}",
        act_on_order,
        roles=DESK,
        reach=REACH,
        idempotent=True,
        examples={"action": "accept"},
    ),
]
