"""Cards of work orders. One that complains of a person is never on a card: that person may be the one who reads it."""

from collections.abc import Sequence

from auth.callers import who_is
from chat.cards import Asked
from kit.texts import Text
from kit.web import Actor
from mobileapi.consulting.faces import Face, Maker, id_of, ids_of
from mobileapi.hotline.access import desk_order, may_see
from mobileapi.hotline.kinds import KINDS
from mobileapi.hotline.models import WorkOrder
from mobileapi.hotline.states import OVER, WORDS, OrderState


async def orders(asked: Sequence[Asked]) -> list[Face | None]:
    wanted = ids_of([one.ref for one in asked])
    found = await WorkOrder.filter(id__in=list(wanted), about_staff=None)
    faces = {wanted[order.id]: _face(order) for order in found}
    return [faces.get(one.ref) if one.at is None else None for one in asked]


def _face(order: WorkOrder) -> Face:
    state = OrderState(order.state)
    named = Text.model_validate(order.item_name) if order.item_name else KINDS[order.kind].name  # type: ignore[index]
    return Face(
        named, state=state, state_text=WORDS[state], due_on=order.due_on, number=order.number, done=state in OVER
    )


async def open_to(citizen: Actor, refs: Sequence[str]) -> set[str]:
    wanted, who = ids_of(refs), await who_is(citizen)
    return {wanted[order.id] for order in await WorkOrder.filter(id__in=list(wanted)) if may_see(who, order)}


async def shown_by(staff: Actor, ref: str) -> None:
    await desk_order(staff, id_of(ref))


ORDER = Maker(orders, open_to, shown_by)
