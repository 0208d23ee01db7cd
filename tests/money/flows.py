"""
The ways money goes, each from a prepared scene to one act that is stopped wherever it waits.

A scene survives the process: it is plain values. The act is what a phone, the channel or the schedule does; after a
stop the same is done again, for each of them repeats what was not answered.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from kit import clock, db
from payments import jobs, orders
from payments.channels.base import BEIJING
from payments.reconciliation import reconcile
from tests.money.office import Answer, Office, furnish

Scene = dict[str, Any]
Prepare = Callable[[Office, str], Awaitable[Scene]]
Act = Callable[[Office, Scene], Awaitable[Answer | None]]


@dataclass(frozen=True)
class Flow:
    """
    `calls`: the places of the channel the act asks at. `ends`: the first order's state once all did their part.
    `good`: how the act is answered when nothing went wrong. `kept`: what is found, as soon as it was answered so, about
    what the scene has under `about`; and found in the end, whatever happened.
    """

    name: str
    prepare: Prepare
    act: Act
    calls: tuple[str, ...]
    ends: frozenset[str | None]
    good: int | None = None
    kept: str = ""
    about: str = "citizen"


async def billed(office: Office, phone: str) -> Scene:
    """A citizen who has signed in, and a bill of theirs."""
    channel, _, number = phone.rpartition(":")
    citizen, bill = await furnish(office, phone=number)
    return {
        "citizen": str(citizen.id), "bill": str(bill.id), "headers": await office.town.token(citizen.id),
        "channel": channel or "wechat",
    }  # fmt: skip


def by_alipay(prepare: Prepare) -> Prepare:
    """The same scene, paid by Alipay."""

    async def prepared(office: Office, phone: str) -> Scene:
        return await prepare(office, f"alipay:{phone}")

    return prepared


async def ordered(office: Office, phone: str) -> Scene:
    scene = await billed(office, phone)
    answer = await create_order(office, scene, key="prepared")
    assert answer.status == 201, answer.body
    order = answer.json()["id"]
    return scene | {"order": order}


async def paid_there(office: Office, phone: str) -> Scene:
    """Ordered and paid; the notice came to nobody."""
    scene = await ordered(office, phone)
    await office.pay(scene["order"], citizen=scene["citizen"])
    (letter,) = await office.letters(scene["citizen"])
    return scene | {"letter": letter}


async def _paid_too_late(office: Office, phone: str) -> Scene:
    """Given up here, and paid there all the same: the money is surplus."""
    scene = await ordered(office, phone)
    await orders.finish_closed(UUID(scene["order"]), who="system", why="given up")
    await office.pay(scene["order"], citizen=scene["citizen"])
    (letter,) = await office.letters(scene["citizen"])
    return scene | {"letter": letter}


async def _going_back(office: Office, phone: str) -> Scene:
    """Surplus that is decided to go back; the channel was not asked yet."""
    scene = await _paid_too_late(office, phone)
    assert (await office.notify(scene["letter"])).status in {200, 204}
    return scene


async def _accepted_back(office: Office, phone: str) -> Scene:
    """Surplus the channel accepted to give back, and gave back; its notice came to nobody."""
    scene = await _going_back(office, phone)
    await jobs.advance_refunds()
    await office.town.platform.control_async("/refunds/settle", {})
    return scene | {"letter": await _told_of_refund(office, scene)}


async def _told_of_refund(office: Office, scene: Scene) -> dict[str, Any]:
    """The notice of the refund, as the channel writes it to merchants that asked for it."""
    row = (await db.fetch(
        "SELECT r.number, r.amount_fen, r.channel_refund_id, p.transaction_id, p.number AS order_number FROM "
        "payments_refund r JOIN payments_payment p ON p.id = r.payment_id WHERE p.order_id = $1", scene["order"]
    ))[0]  # fmt: skip
    resource = {
        "mchid": office.town.settings.wechatpay_mch_id, "out_trade_no": row["order_number"],
        "transaction_id": row["transaction_id"], "out_refund_no": row["number"],
        "refund_id": row["channel_refund_id"], "refund_status": "SUCCESS",
        "success_time": clock.now().astimezone(BEIJING).isoformat(timespec="seconds"),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": row["amount_fen"], "refund": row["amount_fen"], "payer_total": row["amount_fen"],
            "payer_refund": row["amount_fen"],
        },
    }  # fmt: skip
    crafted = await office.town.platform.control_async(
        "/notices/craft", {"resource": resource, "event_type": "REFUND.SUCCESS"}
    )
    return crafted | {"channel": "wechat"}


async def settled(office: Office, phone: str) -> Scene:
    """Paid and settled; two people of finance look at it."""
    scene = await paid_there(office, phone)
    assert (await office.notify(scene["letter"])).status in {200, 204}
    return scene | await two_people(office, phone)


async def two_people(office: Office, phone: str) -> Scene:
    """Of finance: one asks or proposes, the other agrees."""
    return {"asks": await office.staff(f"a{phone}"), "agrees": await office.staff(f"b{phone}")}


async def _asked_back(office: Office, phone: str) -> Scene:
    scene = await settled(office, phone)
    answer = await ask_back(office, scene)
    assert answer.status == 201, answer.body
    return scene | {"refund": answer.json()["id"]}


async def _agreed_back(office: Office, phone: str) -> Scene:
    scene = await _asked_back(office, phone)
    assert (await agree(office, scene)).status == 200
    return scene


async def ask_back(office: Office, scene: Scene) -> Answer:
    """A third of what was paid."""
    return await office.post(
        "/refunds", scene["asks"] | {"idempotency-key": "ask"}, order=scene["order"], amount_fen=7000,
        reason="overpaid",
    )  # fmt: skip


async def agree(office: Office, scene: Scene) -> Answer:
    return await office.post(f"/refunds/{scene['refund']}/approval", scene["agrees"] | {"idempotency-key": "agree"})


async def create_order(
    office: Office, scene: Scene, *, key: str = "key", scene_word: str = "miniapp", channel: str = ""
) -> Answer:
    return await office.post(
        "/orders", scene["headers"] | {"idempotency-key": key}, bills=[scene["bill"]],
        channel=channel or scene["channel"], scene=scene_word,
    )  # fmt: skip


async def change_channel(office: Office, scene: Scene) -> Answer:
    """The payer rather pays by the other channel: the first order is closed there before the second is opened."""
    return await create_order(
        office, scene, key="other", channel="alipay" if scene["channel"] == "wechat" else "wechat"
    )


async def create(office: Office, scene: Scene) -> Answer:
    return await create_order(office, scene)


async def switch(office: Office, scene: Scene) -> Answer:
    """The payer rather scans a code: the first order is closed there before the second is opened."""
    return await create_order(office, scene, key="switch", scene_word="qr")


async def notify(office: Office, scene: Scene) -> Answer:
    return await office.notify(scene["letter"])


async def confirm(office: Office, scene: Scene) -> Answer:
    return await office.post(f"/orders/{scene['order']}/confirmation", scene["headers"])


async def give_up(office: Office, scene: Scene) -> Answer:
    return await office.post(f"/orders/{scene['order']}/close", scene["headers"])


async def chase(office: Office, scene: Scene) -> None:
    with clock.moved(timedelta(minutes=2)):
        await jobs.ask_about_orders()


async def expire(office: Office, scene: Scene) -> None:
    with clock.moved(timedelta(minutes=31)):
        await jobs.ask_about_orders()


async def send_back(office: Office, scene: Scene) -> None:
    await jobs.advance_refunds()


async def ask_after_refund(office: Office, scene: Scene) -> None:
    with clock.moved(timedelta(minutes=3)):
        await jobs.advance_refunds()


async def reconcile_day(office: Office, scene: Scene) -> None:
    """The day after: what the channel's bill calls paid and we still await is settled."""
    today = clock.now().astimezone(BEIJING).date()
    day = date.fromisoformat(scene.setdefault("day", today.isoformat()))
    with clock.moved(timedelta(days=1, hours=12)):
        await office.town.platform.control_async("/clock", {"offset_s": 36 * 3600})
        try:
            await reconcile("wechat", day)
        finally:
            await office.town.platform.control_async("/clock", {"offset_s": 0})


PAID, CLOSED, BACK = frozenset({"paid"}), frozenset({"closed"}), frozenset({"refunded"})

FLOWS = (
    Flow("create", billed, create, ("prepay",), frozenset({"awaiting_payer"}), 201),
    Flow("switch", ordered, switch, ("query", "close", "prepay"), CLOSED, 201),
    Flow("notify", paid_there, notify, (), PAID, 204),
    Flow("confirm", paid_there, confirm, ("query",), PAID, 200),
    Flow("chase", paid_there, chase, ("query",), PAID),
    Flow("give-up", ordered, give_up, ("query", "close"), CLOSED, 200),
    Flow("give-up-paid", paid_there, give_up, ("query",), PAID, 200),
    Flow("expire", ordered, expire, ("query", "close"), CLOSED),
    Flow("surplus", _paid_too_late, notify, (), BACK, 204),
    Flow("refund", _going_back, send_back, ("refund",), BACK),
    Flow("refund-query", _accepted_back, ask_after_refund, ("query",), BACK),
    Flow("refund-notice", _accepted_back, notify, (), BACK, 204),
    Flow("reconcile", paid_there, reconcile_day, ("bill", "query"), PAID),
    Flow("change-channel", ordered, change_channel, ("query", "close", "prepay"), CLOSED, 201),
    Flow("ask-back", settled, ask_back, (), PAID, 201),
    Flow("agree", _asked_back, agree, (), PAID, 200),
    Flow("give-back", _agreed_back, send_back, ("refund",), PAID),
    Flow("alipay-create", by_alipay(billed), create, ("prepay",), frozenset({"awaiting_payer"}), 201),
    Flow("alipay-switch", by_alipay(ordered), switch, ("query", "close", "prepay"), CLOSED, 201),
    Flow("alipay-notify", by_alipay(paid_there), notify, (), PAID, 200),
    Flow("alipay-confirm", by_alipay(paid_there), confirm, ("query",), PAID, 200),
    Flow("alipay-chase", by_alipay(paid_there), chase, ("query",), PAID),
    Flow("alipay-give-up", by_alipay(ordered), give_up, ("query", "close"), CLOSED, 200),
    Flow("alipay-expire", by_alipay(ordered), expire, ("query", "close"), CLOSED),
    Flow("alipay-surplus", by_alipay(_paid_too_late), notify, (), BACK, 200),
    Flow("alipay-refund", by_alipay(_going_back), send_back, ("refund",), BACK),
    Flow("alipay-give-back", by_alipay(_agreed_back), send_back, ("refund",), PAID),
)
