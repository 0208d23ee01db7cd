"""A message that was posted rather than sent: whoever posted it waits for what becomes of it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from chat.messages import Outcome
from kit.errors import HouseError


def _begun() -> asyncio.Future[Outcome]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class Letter:
    """`settled` is what the writer made of it, or raises why it is not known to be stored."""

    settled: asyncio.Future[Outcome] = field(default_factory=_begun)

    def settle(self, outcome: Outcome) -> None:
        if not self.settled.done():  # who waited may have gone meanwhile
            self.settled.set_result(outcome)

    def refuse(self, error: HouseError, **_: Any) -> None:
        if not self.settled.done():
            self.settled.set_exception(error)
