"""A case whose guide asks for its fee first waits for it, and a case that is not granted owes nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from auth.models import StaffMember
from kit import clock, db
from kit.web import Actor
from mobileapi.applications import decisions, submissions
from mobileapi.applications.decisions import Order
from mobileapi.applications.models import Application
from mobileapi.casefees.errors import FeeOutstanding, NoFeeToCharge
from mobileapi.casefees.fees import raise_fee
from mobileapi.casefees.models import CaseFee
from mobileapi.catalogue.imports import take_item
from payments.counter import shifts, takings
from payments.counter.states import Means
from payments.counter.takings import Handed
from payments.dues import amendments
from payments.dues.amendments import Proposal
from payments.dues.effects import Terms
from payments.dues.states import AmendmentKind
from payments.models import Bill
from tests.applications.office import guide
from tests.consulting.counter import Counter, filed, opened

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]


@pytest.fixture
async def counter(database: str) -> AsyncIterator[Counter]:
    async with opened() as made:
        async with db.transaction():
            fee = {"charged": True, "amount_fen": 4000, "basis": "工本费每证 40 元", "due": "before_decision"}
            await take_item(guide(fee=fee))
        yield made


async def accepted(counter: Counter, drain: Drain) -> Application:
    """A case of Bert's that was accepted, with everything told that follows."""
    case = await filed(counter, counter.bert)
    await decisions.act(counter.clerk(), case.id, "accept", order=Order(version=case.version))
    await drain()
    return await Application.get(id=case.id)


def granting(case: Application) -> Order:
    return Order(version=case.version, review={0: "pass", 1: "pass"})


async def paid(bill: Bill, counter: Counter) -> None:
    """In cash, at a window of the office."""
    shift = await shifts.open_shift(counter.office.owner, window="1 号窗", float_fen=0)
    await takings.take(shift, Handed([bill.id], Means.CASH, 4000, tendered_fen=4000), by=counter.office.owner)


async def test_the_bill_is_raised_with_acceptance_once_and_the_grant_waits_for_it(
    counter: Counter, drain: Drain
) -> None:
    case = await accepted(counter, drain)
    fee = await CaseFee.get(application=case.id)
    bill = await Bill.get(id=fee.bill)
    assert (fee.state, fee.amount_fen, bill.principal_fen, bill.kind) == ("owed", 4000, 4000, "case_fee")
    assert (await raise_fee(case.id, by="system:test")).bill == fee.bill
    with pytest.raises(FeeOutstanding):
        await decisions.act(counter.clerk(), case.id, "approve", order=granting(case))
    after = await Application.get(id=case.id)
    assert (after.state, after.version) == ("accepted", case.version)
    assert await Bill.filter(kind="case_fee").count() == 1


async def test_a_paid_fee_opens_the_gate(counter: Counter, drain: Drain) -> None:
    case = await accepted(counter, drain)
    await paid(await Bill.get(kind="case_fee"), counter)
    await drain()
    assert (await CaseFee.get(application=case.id)).state == "paid"
    await decisions.act(counter.clerk(), case.id, "approve", order=granting(case))
    assert (await Application.get(id=case.id)).state == "approved"


async def test_a_waived_fee_opens_the_gate(counter: Counter, drain: Drain) -> None:
    case = await accepted(counter, drain)
    bill = await Bill.get(kind="case_fee")
    chief = await StaffMember.create(
        id=uuid4(), username="ga.chief", name="周督办", department_id="GA", roles=["supervisor"], created_at=clock.now()
    )
    proposal = Proposal(AmendmentKind.WAIVER, Terms(principal_fen=4000), "低保家庭免收工本费")
    asked = await amendments.propose(counter.clerk(), bill.id, proposal=proposal, reason="低保家庭")
    assert asked.proposed_at is not None
    supervisor = Actor(chief.id, "staff", frozenset({"supervisor"}))
    await amendments.approve(supervisor, asked.id, proposed_at=asked.proposed_at)
    await drain()
    assert (await CaseFee.get(application=case.id)).state == "waived"
    await decisions.act(counter.clerk(), case.id, "approve", order=granting(case))
    assert (await Application.get(id=case.id)).state == "approved"


async def test_a_case_that_is_refused_unpaid_owes_nothing(counter: Counter, drain: Drain) -> None:
    case = await accepted(counter, drain)
    refusing = Order(version=case.version, reason="不符合条件", legal_basis="第十条")
    await decisions.act(counter.clerk(), case.id, "refuse", order=refusing)
    await drain()
    assert (await CaseFee.get(application=case.id)).state == "ended"
    assert (await Bill.get(kind="case_fee")).state == "withdrawn"
    assert await db.fetch_value("SELECT count(*) FROM payments_refund") == 0


async def test_a_paid_fee_is_asked_back_once_when_the_case_is_withdrawn(counter: Counter, drain: Drain) -> None:
    case = await accepted(counter, drain)
    await paid(await Bill.get(kind="case_fee"), counter)
    await drain()
    await submissions.withdraw(counter.citizen(counter.bert), case.id, reason="不办了")
    await drain()
    rows = await db.fetch("SELECT amount_fen, reason, state, requested_by FROM payments_refund")
    assert [tuple(row.values()) for row in rows] == [(4000, "case_ended", "asked", "system:case")]
    assert (await CaseFee.get(application=case.id)).state == "returning"


async def test_before_acceptance_nothing_is_charged(counter: Counter, drain: Drain) -> None:
    case = await filed(counter, counter.bert)
    with pytest.raises(NoFeeToCharge):
        await raise_fee(case.id, by="system:test")
    assert await CaseFee.all().count() == 0
