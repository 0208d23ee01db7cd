"""What a case waits for before it is granted. Rooms above hang their gates in here (mobileapi/wiring.py)."""

from collections.abc import Awaitable, Callable

from mobileapi.applications.models import Application
from mobileapi.catalogue.guide import Guide

Gate = Callable[[Application, Guide], Awaitable[None]]
_gates: list[Gate] = []


def install(gate: Gate) -> None:
    """Hangs in a gate, once. It raises when the case may not be granted yet."""
    if gate not in _gates:
        _gates.append(gate)


async def pass_all(case: Application, guide: Guide) -> None:
    """Asked in the transaction of the decision."""
    for gate in _gates:
        await gate(case, guide)
