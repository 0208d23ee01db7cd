"""What work orders keep of a person: what they asked for, and what they were answered."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from kit import clock
from kit.texts import text
from mobileapi.hotline.acts import history
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.orders import SYSTEM, answer_of, move, words_of
from mobileapi.hotline.states import OVER, OrderState
from mobileapi.hotline.watch import empty

GROUND = "PIPL 13(1)(3), 34, 47"
WHAT, WHY = text("诉求工单", "Work orders"), text("办理并答复您的诉求", "To settle and answer what you ask for")
LIFE = text("内容在办结后 5 年删除", "Words: 5 years after the end")
KEPT = (
    Kept("hotline_order", WHAT, WHY, GROUND, LIFE, "pseudonymised"),
    Kept("hotline_change", WHAT, WHY, GROUND, LIFE, "pseudonymised"),
)


async def about(person: Citizen) -> list[Chapter]:
    own = await WorkOrder.filter(citizen_id=person.id).order_by("opened_at")
    return [Chapter("work_orders", WHAT, [await _told(order) for order in own])]


async def _told(order: WorkOrder) -> dict[str, object]:
    return {
        "number": order.number,
        "kind": order.kind,
        "item": order.item_name,
        "words": words_of(order),
        "answer": answer_of(order),
        "photos": order.photos,
        "state": order.state,
        "opened_at": str(clock.city_time(order.opened_at)),
        "history": [
            {"at": str(clock.city_time(c.at)), "by": c.shown_as, "what": c.what} for c in await history(order.id)
        ],
    }


async def matters(person: Citizen) -> list[Matter]:
    count = await WorkOrder.filter(citizen_id=person.id).exclude(state__in=OVER).count()
    title = text("未办结的诉求：注销时办结", "Open work orders: they are closed")
    return [Matter("work_orders_open", title, blocks=False, count=count, link="sub/order/list")]


async def forget(person: Citizen) -> list[str]:
    """Words, answers and photographs go; number, kind, days and states stay."""
    for order in await WorkOrder.filter(citizen_id=person.id).order_by("id").select_for_update():
        if order.state not in OVER:
            await move(order, OrderState.CLOSED, by=SYSTEM)
        await empty(order)
    return []


async def subjects(person: Citizen) -> list[str]:
    ids = await WorkOrder.filter(citizen_id=person.id).values_list("id", flat=True)
    return [f"work_order:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("mobileapi.hotline", KEPT, about, forget, matters=matters, subjects=subjects)
