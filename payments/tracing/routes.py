"""Search by any number: order, transaction, payment code, receipt, refund."""

from kit import audit, db
from kit.web import Call, get
from payments.tracing import finding, stories
from payments.tracing.schemas import NumberQuery, Trace


async def trace(call: Call, query: NumberQuery) -> Trace:
    """The whole story of the money behind a number; no story when it is nobody's. Who looked is noted."""
    found = await finding.find(query.number)
    told = [await stories.of_order(order) for order in found.orders]
    told += [await stories.of_bill(bill) for bill in found.bills]
    async with db.transaction():
        await audit.record(
            actor=call.actor.name, action="money.traced", subject=f"number:{query.number[:48]}", stories=len(told)
        )
    return Trace(number=query.number, kinds=found.kinds, stories=told)


ROUTES = [get("/money", trace, cost=5, a_minute=60, roles={"finance", "auditor"}, reach="all")]
