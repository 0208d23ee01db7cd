"""Orders that wait for their payer, without a channel behind them: what notices are about."""

from auth.citizens import phone_index
from auth.models import Citizen, Department, Region
from kit import clock, db
from payments import bills, checkout, orders
from payments.models import Bill
from payments.orders import Wish
from tests.payments.conftest import fine, words


async def waiting_orders(count: int) -> dict[str, int]:
    """Orders that wait for their payer: number → fen."""
    await Region.create(code="440105000000", name=words("海珠区"), level="district")
    await Department.create(code="JJ", name=words("交通警察大队"), region_code="440105000000")
    citizen = Citizen(assurance="phone", created_at=clock.now())
    citizen.phone_index = phone_index("13800000001")
    await citizen.save(force_create=True)
    made: dict[str, int] = {}
    for n in range(count):
        new = await fine(code=f"440105270{n:011d}", fen=10_000 + n)
        await bills.issue(new, by="system:test")
        bill = await Bill.get(payment_code=new.payment_code)
        async with db.transaction():
            order = await orders.hold(Wish(citizen, (bill.id,), "wechat", "qr", ""), bills=[bill])
        await checkout._note_prepared(order, {"code_url": "weixin://x", "made_at": clock.now().isoformat()})
        number = await db.fetch_value("SELECT number FROM payments_order WHERE id = $1", order)
        made[number] = 10_000 + n
    return made
