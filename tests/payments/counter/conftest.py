"""Cashiers, finance and a drawer, in the office with a scripted channel."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from auth.models import StaffMember
from kit import clock
from payments.bills import due_at
from payments.counter import shifts, takings
from payments.counter.models import Taking
from payments.counter.states import Means
from payments.counter.takings import Handed
from payments.models import Bill
from tests.payments.wire.conftest import Counter, counter, fake, post, settings

__all__ = ["counter", "fake", "post", "settings"]


async def somebody(username: str, *roles: str) -> StaffMember:
    return await StaffMember.create(
        username=username, name=username, department_id="JJ", roles=list(roles), created_at=clock.now()
    )


@dataclass
class Window:
    """One open shift, and who works there."""

    counter: Counter
    cashier: UUID
    finance: UUID
    shift: UUID

    async def bill(self, n: int = 0, **changes: Any) -> Bill:
        return await self.counter.bill(code=f"44010526{n:012d}", **changes)

    async def take(self, *bills: Bill, means: Means = Means.CASH, **changes: Any) -> Taking:
        amount = sum(due_at(bill, clock.now()).total_fen for bill in bills)
        given: dict[str, Any] = {"amount_fen": amount}
        if means is Means.CASH:
            given["tendered_fen"] = amount
        else:
            given |= {"bank": "工商银行海珠支行", "reference": "30504430 00012345"}
        handed = Handed([bill.id for bill in bills], means, **(given | changes))
        return await Taking.get(id=await takings.take(self.shift, handed, by=self.cashier))


@pytest.fixture
async def window(counter: Counter) -> Window:
    cashier, finance = await somebody("cashier", "clerk"), await somebody("finance", "finance")
    shift = await shifts.open_shift(cashier.id, window="3 号窗口", float_fen=50000)
    return Window(counter, cashier.id, finance.id, shift)
