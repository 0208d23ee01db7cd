"""Money on the counter: taken while an order waits at a channel, asked back by the cashier, given back by others."""

from kit import db
from tests.money.flows import CLOSED, Flow, Scene, agree, ordered, two_people
from tests.money.office import Answer, Office

PRICE_FEN = 20000


async def _shift(office: Office, name: str) -> Scene:
    """A cashier and an open shift of theirs."""
    who = await office.staff(name, "clerk")
    answer = await office.post(
        "/counter/shifts", who | {"idempotency-key": "open"}, window=name[-12:], float_fen=PRICE_FEN
    )
    assert answer.status == 201, answer.body
    return {"who": who, "shift": answer.json()["id"]}


async def with_money(office: Office, phone: str) -> Scene:
    """An order waits at the channel, and its payer stands at a window with cash."""
    scene = await ordered(office, phone)
    return scene | {"cashier": await _shift(office, f"c{phone}")} | await two_people(office, phone)


async def taken(office: Office, phone: str) -> Scene:
    scene = await with_money(office, phone)
    answer = await take(office, scene)
    assert answer.status == 201, answer.body
    return scene | {"taking": answer.json()["id"]}


async def to_give_back(office: Office, phone: str) -> Scene:
    """The cashier asked, finance agreed, another cashier has the money ready."""
    scene = await taken(office, phone)
    asked = await ask_back(office, scene)
    assert asked.status == 200, asked.body
    refund = await db.fetch_value(
        "SELECT r.id FROM payments_refund r JOIN counter_taking t ON t.order_id = r.order_id WHERE t.id = $1",
        scene["taking"],
    )
    scene |= {"refund": str(refund), "other": await _shift(office, f"d{phone}")}
    assert (await agree(office, scene)).status == 200
    return scene


async def take(office: Office, scene: Scene) -> Answer:
    cashier = scene["cashier"]
    return await office.post(
        f"/counter/shifts/{cashier['shift']}/takings", cashier["who"] | {"idempotency-key": "take"},
        bills=[scene["bill"]], means="cash", amount_fen=PRICE_FEN, tendered_fen=PRICE_FEN,
    )  # fmt: skip


async def ask_back(office: Office, scene: Scene) -> Answer:
    cashier = scene["cashier"]
    return await office.post(
        f"/counter/shifts/{cashier['shift']}/reversals", cashier["who"] | {"idempotency-key": "reverse"},
        taking=scene["taking"], why="收错了缴款书",
    )  # fmt: skip


async def pay_out(office: Office, scene: Scene) -> Answer:
    other = scene["other"]
    return await office.post(
        f"/counter/shifts/{other['shift']}/payouts", other["who"] | {"idempotency-key": "pay-out"},
        refund=scene["refund"], voucher=f"V-{scene['refund'][:8]}",
    )  # fmt: skip


TAKEN = (
    "SELECT 1 FROM counter_taking t JOIN payments_order_bill b ON b.order_id = t.order_id "
    "JOIN payments_bill bill ON bill.id = b.bill_id WHERE b.bill_id = $1 AND t.state = 'taken' AND bill.state = 'paid'"
)
ASKED = (
    "SELECT 1 FROM payments_refund r JOIN counter_taking t ON t.order_id = r.order_id "
    "WHERE t.id = $1 AND r.state = 'asked'"
)
GIVEN = (
    "SELECT 1 FROM payments_refund r JOIN counter_payout p ON p.refund = r.id WHERE r.id = $1 AND r.state = 'succeeded'"
)
FLOWS = (
    Flow("window-take", with_money, take, ("query", "close"), CLOSED, 201, TAKEN, "bill"),
    Flow("window-ask-back", taken, ask_back, (), CLOSED, 200, ASKED, "taking"),
    Flow("window-pay-out", to_give_back, pay_out, (), CLOSED, 200, GIVEN, "refund"),
)
