"""Which bill a day has: the one prepared for it, or a fresh one from the truth.

The real platform makes yesterday's bill at nine in the morning and never changes it. Here any past day and today can be
asked for at any hour, and an unprepared bill follows the truth; preparing one freezes it until it is dropped.
"""

import json
from datetime import date, timedelta
from typing import Any

from miniapp_stub.sandbox.clock import bill_day
from miniapp_stub.sandbox.wechatpay.bills.discrepancies import DiscrepancyRefused, Retelling, retell
from miniapp_stub.sandbox.wechatpay.bills.files import Flaws
from miniapp_stub.sandbox.wechatpay.bills.rows import Row, rows_of_day
from miniapp_stub.sandbox.world import World


def bill_of(world: World, day: date) -> tuple[list[Row], Flaws]:
    """The rows of the day's bill and the flaws of its file."""
    kept = world.store.one("SELECT rows, flaws FROM bills WHERE day = ?", day.isoformat())
    if kept is not None:
        return json.loads(kept["rows"]), Flaws(**json.loads(kept["flaws"]))
    return _true_rows(world, day), Flaws()


def prepare(world: World, day: date, *, discrepancies: dict[str, int], seed: int) -> dict[str, Any]:
    """Freeze the day's bill with the discrepancies asked for; returns what was injected.

    Raises DiscrepancyRefused, and then keeps nothing.
    """
    if day > today(world):
        raise DiscrepancyRefused("that day has not come yet")
    telling = retell(_true_rows(world, day), discrepancies=discrepancies, seed=seed)
    flaws = {name: bool(discrepancies.get(name)) for name in ("truncated", "hash_mismatch")}
    with world.store.transaction():
        drop(world, day)
        world.store.run(
            "INSERT INTO bills VALUES (?, ?, ?, ?)",
            day.isoformat(),
            json.dumps(telling.rows, ensure_ascii=False),
            json.dumps(flaws),
            json.dumps(telling.injected, ensure_ascii=False),
        )
        _carry_over(world, day, telling=telling)
    return {"channel": "wechat", "day": day.isoformat(), "rows": len(telling.rows), "injected": telling.injected}


def drop(world: World, day: date | None = None) -> int:
    """Forget the prepared bill of a day, or of all days; returns how many."""
    text = day.isoformat() if day else None
    world.store.run("DELETE FROM carried WHERE from_day = coalesce(?, from_day)", text)
    return world.store.run("DELETE FROM bills WHERE day = coalesce(?, day)", text)


def prepared(world: World) -> list[dict[str, Any]]:
    rows = world.store.all("SELECT day, injected FROM bills ORDER BY day")
    return [{"channel": "wechat", "day": row["day"], "injected": json.loads(row["injected"])} for row in rows]


def today(world: World) -> date:
    return bill_day(world.clock.now())


def _true_rows(world: World, day: date) -> list[Row]:
    carried = world.store.all("SELECT row FROM carried WHERE day = ?", day.isoformat())
    return [json.loads(kept["row"]) for kept in carried] + rows_of_day(world, day)


def _carry_over(world: World, day: date, *, telling: Retelling) -> None:
    following = (day + timedelta(days=1)).isoformat()
    for second, row in enumerate(telling.carried, start=1):
        moved = row | {"交易时间": f"{following} 00:{second // 60:02d}:{second % 60:02d}"}
        world.store.run(
            "INSERT INTO carried VALUES (?, ?, ?)", following, day.isoformat(), json.dumps(moved, ensure_ascii=False)
        )
