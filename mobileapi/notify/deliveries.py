"""Deliveries: a notice on its way outside the app. The intent is committed first, then the way is asked, once."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from kit import clock, db
from kit.log import logger
from mobileapi.notify.models import Delivery, Notice
from mobileapi.notify.states import MOVES, DeliveryState, Way

log = logger("notify")


class CannotBeSent(Exception):
    """The way does not take this notice; the sentence says why and names nobody. `maybe_sent`: it may have, though."""

    def __init__(self, why: str, *, maybe_sent: bool = False) -> None:
        super().__init__(why)
        self.maybe_sent = maybe_sent


Sender = Callable[[Notice], Awaitable[str]]
_senders: dict[Way, Sender] = {}


def install_sender(way: Way, sender: Sender) -> None:
    """`sender(notice)` sends outside any transaction; what the way called it, or raises CannotBeSent."""
    _senders[way] = sender


async def deliver(notice: UUID, way: Way) -> None:
    """Sends a waiting delivery. What was being sent when a worker died is not sent again."""
    async with db.transaction():
        delivery = await Delivery.select_for_update().get(notice_id=notice, way=way)
        if delivery.state != DeliveryState.WAITING:
            return
        await move(delivery, DeliveryState.SENDING)
    try:
        sender = _senders.get(way)
        if sender is None:
            raise CannotBeSent("no such way here")
        said, state = await sender(await Notice.get(id=notice)), DeliveryState.SENT
    except CannotBeSent as refused:
        said = str(refused)
        state = DeliveryState.UNKNOWN if refused.maybe_sent else DeliveryState.FAILED
        log.warning("notice_not_delivered", notice=str(notice), way=way.value, why=said)
    await move(delivery, state, said=said)


async def move(delivery: Delivery, to: DeliveryState, *, said: str = "") -> None:
    """The only writer of a delivery's state."""
    assert to in MOVES[DeliveryState(delivery.state)], f"{delivery.state} -> {to}"
    delivery.state, delivery.tried_at, delivery.said = to, clock.now(), said[:120]
    await delivery.save(update_fields=["state", "tried_at", "said"])
