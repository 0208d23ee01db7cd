"""Which bill a day has: the one prepared for it, or a fresh one from the truth. One shelf per channel and kind of bill.

The real platforms make yesterday's bill at nine in the morning and never change it. Here any past day and today can be
asked for at any hour, and an unprepared bill follows the truth; preparing one freezes it until it is dropped.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from miniapp_stub.sandbox.clock import bill_day
from miniapp_stub.sandbox.retelling import DiscrepancyRefused, Retelling, Row
from miniapp_stub.sandbox.world import World


class Retell(Protocol):
    """A channel's way of telling a day's rows differently."""

    def __call__(self, rows: list[Row], *, discrepancies: dict[str, int], seed: int) -> Retelling: ...


@dataclass(frozen=True)
class Shelf:
    """`truth` gives a day's rows; `whole_file` names the classes that spoil the file rather than a row."""

    channel: str
    kind: str
    truth: Callable[[World, date], list[Row]]
    retell: Retell
    whole_file: tuple[str, ...]

    def key(self, day: date) -> str:
        mark = " ".join(part for part in (self.channel, self.kind) if part not in ("wechat", "trade"))
        return f"{mark} {day.isoformat()}".strip()


def bill_of(world: World, shelf: Shelf, day: date) -> tuple[list[Row], frozenset[str]]:
    """The rows of the day's bill and the flaws of its file."""
    kept = world.store.one("SELECT rows, flaws FROM bills WHERE day = ?", shelf.key(day))
    if kept is not None:
        flaws = {name for name, present in json.loads(kept["flaws"]).items() if present}
        return json.loads(kept["rows"]), frozenset(flaws)
    return _true_rows(world, shelf, day), frozenset()


def prepare(world: World, shelf: Shelf, day: date, *, discrepancies: dict[str, int], seed: int) -> dict[str, Any]:
    """Freeze the day's bill with the discrepancies asked for; returns what was injected.

    Raises DiscrepancyRefused, and then keeps nothing.
    """
    if day > today(world):
        raise DiscrepancyRefused("that day has not come yet")
    telling = shelf.retell(_true_rows(world, shelf, day), discrepancies=discrepancies, seed=seed)
    flaws = {name: bool(discrepancies.get(name)) for name in shelf.whole_file}
    with world.store.transaction():
        _drop(world, shelf.key(day))
        world.store.run(
            "INSERT INTO bills VALUES (?, ?, ?, ?)",
            shelf.key(day),
            json.dumps(telling.rows, ensure_ascii=False),
            json.dumps(flaws),
            json.dumps(telling.injected, ensure_ascii=False),
        )
        _carry_over(world, shelf, day, telling=telling)
    return _named(shelf, day) | {"rows": len(telling.rows), "injected": telling.injected}


def drop(world: World, shelf: Shelf, day: date) -> int:
    """Forget the prepared bill of a day; returns how many there were."""
    return _drop(world, shelf.key(day))


def drop_all(world: World) -> int:
    """Forget the prepared bills of all days, both channels."""
    return _drop(world, None)


def listed(world: World) -> list[dict[str, Any]]:
    """Every prepared bill, by channel, kind and day."""
    rows = world.store.all("SELECT day, injected FROM bills ORDER BY day")
    return [_words(str(row["day"])) | {"injected": json.loads(row["injected"])} for row in rows]


def today(world: World) -> date:
    return bill_day(world.clock.now())


def _drop(world: World, key: str | None) -> int:
    world.store.run("DELETE FROM carried WHERE from_day = coalesce(?, from_day)", key)
    return world.store.run("DELETE FROM bills WHERE day = coalesce(?, day)", key)


def _true_rows(world: World, shelf: Shelf, day: date) -> list[Row]:
    carried = world.store.all("SELECT row FROM carried WHERE day = ?", shelf.key(day))
    return [json.loads(kept["row"]) for kept in carried] + shelf.truth(world, day)


def _carry_over(world: World, shelf: Shelf, day: date, *, telling: Retelling) -> None:
    following = day + timedelta(days=1)
    for second, row in enumerate(telling.carried, start=1):
        moved = row | {telling.names.at: f"{following} 00:{second // 60:02d}:{second % 60:02d}"}
        kept = json.dumps(moved, ensure_ascii=False)
        world.store.run("INSERT INTO carried VALUES (?, ?, ?)", shelf.key(following), shelf.key(day), kept)


def _named(shelf: Shelf, day: date) -> dict[str, Any]:
    return {"channel": shelf.channel, "kind": shelf.kind, "day": day.isoformat()}


def _words(key: str) -> dict[str, Any]:
    *marks, day = key.split()
    channel = "alipay" if "alipay" in marks else "wechat"
    return {"channel": channel, "kind": "fund" if "fund" in marks else "trade", "day": day}
