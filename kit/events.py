"""
Events: what happened, in the past tense, told to subscribers through rows.

`await publish(BillPaid(bill=…))` writes one job a subscriber into the open transaction. A subscriber runs at least
once, in the worker, in its own transaction; it is idempotent. Which domain listens to which is written in one place,
the application's wiring.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from kit.jobs import defer, job

Handler = Callable[[Any], Awaitable[None]]
Ev = TypeVar("Ev")

_subscribers: dict[str, tuple[type[Any], list[Handler]]] = {}


def subscribe(event: type[Ev], handler: Callable[[Ev], Awaitable[None]]) -> None:
    """From now on `handler` is run for every `event`. Subscribing the same handler again changes nothing."""
    _, handlers = _subscribers.setdefault(_name(event), (event, []))
    if handler not in handlers:
        handlers.append(handler)


async def publish(event: Any) -> None:
    """Tells the subscribers. `event` is a frozen dataclass of ids, amounts, dates and short texts."""
    for handler in _subscribers.get(_name(type(event)), (None, []))[1]:
        await defer(deliver, event=_name(type(event)), handler=_name(handler), fields=_plain(event))


@job(attempts=12)
async def deliver(*, event: str, handler: str, fields: dict[str, Any]) -> None:
    """Runs one subscriber; a failure is tried again for about a day and then stays visible as a failed job."""
    kind, handlers = _subscribers[event]
    for candidate in handlers:
        if _name(candidate) == handler:
            await candidate(_revive(kind, fields))


def _name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _plain(event: Any) -> dict[str, Any]:
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return {
        k: v.isoformat() if isinstance(v, date) else str(v) if isinstance(v, UUID) else v for k, v in values.items()
    }


def _revive(kind: type[Any], fields: dict[str, Any]) -> Any:
    readers: dict[Any, Callable[[Any], Any]] = {
        UUID: UUID, UUID | None: UUID, datetime: datetime.fromisoformat, date: date.fromisoformat,
    }  # fmt: skip
    hints = get_type_hints(kind)
    return kind(**{k: readers[hints[k]](v) if v is not None and hints[k] in readers else v for k, v in fields.items()})
