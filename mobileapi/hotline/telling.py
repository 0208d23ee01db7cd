"""What is told about work orders, and to whom. Nothing is said of a complaint to the person it is about."""

from uuid import UUID

from kit.texts import Text, text
from mobileapi.hotline.choosing import supervisors_of
from mobileapi.hotline.models import WorkOrder
from mobileapi.notify.desks import tell_staff
from mobileapi.notify.notices import tell


def _desk_page(order: WorkOrder) -> str:
    return f"/console/#/orders/{order.id}"


async def _staff(staff: UUID, order: WorkOrder, kind: str, words: Text, *, mark: str = "") -> None:
    if staff == order.about_staff:
        return
    once = f"{kind}:{order.id}:{mark or order.version}"
    await tell_staff(staff, kind=kind, text=words, link=_desk_page(order), once=once, work_order=order.id)


async def _citizen(order: WorkOrder, kind: str, words: Text) -> None:
    whose: UUID | None = order.citizen_id  # type: ignore[attr-defined]
    if whose is not None:
        await tell(
            whose, kind=kind, text=words, link=f"sub/order/detail?id={order.id}", work_order=order.id,
            once=f"{kind}:{order.id}:{order.version}",
        )  # fmt: skip


async def supervisors(order: WorkOrder, kind: str, words: Text, *, mark: str = "", above: bool = False) -> None:
    """Those of the department who are there, and with `above` those further up; never the one it is about."""
    told = [staff for staff, _ in await supervisors_of(order.department_code, above=above)]
    for staff in dict.fromkeys(told):
        await _staff(staff, order, kind, words, mark=mark)


async def holder(order: WorkOrder, kind: str, words: Text, *, mark: str) -> None:
    """Who has it in hand; nobody: those who share it out."""
    if order.holder_staff is None:
        await supervisors(order, kind, words, mark=mark)
    else:
        await _staff(order.holder_staff, order, kind, words, mark=mark)


async def opened(order: WorkOrder) -> None:
    due = f"{order.due_on:%Y-%m-%d}"
    await _citizen(
        order, "order.opened",
        text(f"您的诉求已登记为工单 {order.number}，{due} 前答复", f"Recorded as {order.number}; an answer by {due}"),
    )  # fmt: skip
    await given(order)


async def given(order: WorkOrder) -> None:
    """Whoever has it in hand now; nobody: those who share it out."""
    due = f"{order.due_on:%Y-%m-%d}"
    if order.holder_staff is None:
        words = text(
            f"工单 {order.number} 待指派，{due} 到期", f"Order {order.number} waits to be shared out, due {due}"
        )
        await supervisors(order, "order.unassigned", words)
        return
    words = text(f"工单 {order.number} 由您经办，{due} 到期", f"Order {order.number} is yours, due {due}")
    await _staff(order.holder_staff, order, "order.given", words)


async def offered(order: WorkOrder) -> None:
    if order.offered_to is not None:
        words = text(f"{order.holder_name}请您接办工单 {order.number}", f"{order.holder_name} hands you {order.number}")
        await _staff(order.offered_to, order, "order.offered", words)


async def declined(order: WorkOrder) -> None:
    if order.holder_staff is not None:
        words = text(f"工单 {order.number} 对方未接办，仍由您经办", f"Order {order.number} was not taken; it is yours")
        await _staff(order.holder_staff, order, "order.declined", words)


async def accepted(order: WorkOrder) -> None:
    due = f"{order.due_on:%Y-%m-%d}"
    await _citizen(
        order, "order.accepted",
        text(f"工单 {order.number} 已受理，{due} 前答复", f"Order {order.number} is taken up; an answer by {due}"),
    )  # fmt: skip


async def answered(order: WorkOrder) -> None:
    await _citizen(
        order, "order.answered",
        text(f"工单 {order.number} 已答复，请查看", f"Order {order.number} is answered, please have a look"),
    )  # fmt: skip


async def closed(order: WorkOrder) -> None:
    words = text(f"工单 {order.number} 已办结", f"Order {order.number} is closed")
    await _citizen(order, "order.closed", words)


async def reopened(order: WorkOrder) -> None:
    """The holder, and who supervises: somebody was not satisfied."""
    words = text(f"群众不满意，工单 {order.number} 重新办理", f"Not satisfied: order {order.number} is taken up again")
    if order.holder_staff is not None:
        await _staff(order.holder_staff, order, "order.reopened", words)
    await supervisors(order, "order.reopened", words)
