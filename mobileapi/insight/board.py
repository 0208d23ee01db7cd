"""
The board of a supervisor: put together from what is counted, and kept for three seconds, so that a hall of screens
asks the database no more often than one does.
"""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as hour_of_day
from typing import Any, Literal, cast
from uuid import UUID

from auth.rights import Who
from chat import presence, workload
from kit import clock
from kit.config import current
from kit.errors import NotFound
from kit.texts import Text
from mobileapi.insight import counts, schemas
from mobileapi.insight.counts import Day, Scope, share
from mobileapi.ratings import figures
from mobileapi.ratings.config import RatingSettings

KEPT_S = 3.0
MOST_KEPT = 500
RATED_DAYS = 30
NOBODY = UUID(int=0)  # what is kept is the same whoever of a reach asks
Status = Literal["online", "busy", "away", "gone"]

_kept: dict[Any, tuple[float, schemas.BoardView]] = {}
_asking: dict[Any, asyncio.Lock] = defaultdict(asyncio.Lock)


async def scope_of(who: Who, *, department: str | None, item: str | None) -> Scope:
    """What a supervisor asks about. Raises NotFound for a department that is neither theirs nor under theirs."""
    if department is None:
        return Scope(tuple(sorted(who.below)), who.region, item)
    if department not in who.below:
        raise NotFound
    return Scope(tuple(sorted(set(await counts.units_of(department)) & who.below)), who.region, item)


async def board(who: Who, scope: Scope) -> schemas.BoardView:
    """
    Counted now, or within the last three seconds. Who asks at the same time waits for the same count. How people rated
    the reader themselves is not told here (see `ratings/figures.py`).
    """
    counted = await _kept_or_counted(who, scope)
    clerks = [one.model_copy(update={"satisfied": None}) if one.id == who.id else one for one in counted.clerks]
    return counted.model_copy(update={"clerks": clerks})


async def _kept_or_counted(who: Who, scope: Scope) -> schemas.BoardView:
    """The same for whoever has the same reach."""
    key = (scope, who.below)
    async with _asking[key]:
        known = _kept.get(key)
        if known is not None and time.monotonic() - known[0] < KEPT_S:
            return known[1]
        counted = await _count(who, scope)
        if len(_kept) >= MOST_KEPT:
            forget()
        _kept[key] = (time.monotonic(), counted)
    return counted


def forget() -> None:
    """What is kept, and who waits for nothing any more."""
    _kept.clear()
    for key in [key for key, lock in _asking.items() if not lock.locked()]:
        del _asking[key]


async def _count(who: Who, scope: Scope) -> schemas.BoardView:
    now = clock.now()
    begins = datetime.combine(clock.today(), hour_of_day(), clock.city_zone())
    day_ago, least = timedelta(days=1), current(RatingSettings).rating_smallest
    stands = await counts.standing_now(scope)
    today = await counts.day(scope, begins=begins, ends=now)
    before = await counts.day(scope, begins=begins - day_ago, ends=now - day_ago)
    rated = await counts.ratings(scope, begins=begins, now=now)
    clerks = await _clerks(who, scope, since=begins)
    return schemas.BoardView(
        at=clock.city_time(now), smallest=least, departments=await _departments(who), now=_now(stands, now),
        desks={status: sum(one.status == status for one in clerks) for status in ("online", "busy", "away", "gone")},
        today=_day(today, satisfied=share(rated["pleased"], rated["today"], least=least)),
        yesterday=_day(before, satisfied=share(rated["pleased_before"], rated["before"], least=least)),
        hours=_hours(today, now=now), first_answers=_steps(today), clerks=clerks,
        items=[_item(one) for one in await workload.items(scope.departments, since=begins, item=scope.item)],
        cases=schemas.LightsView.model_validate(await counts.lights(scope), from_attributes=True),
        red=[_red(row) for row in await counts.overdue_cases(scope)],
        bad_ratings=schemas.BadRatingsView(**dict(await counts.bad_ratings(scope))),
    )  # fmt: skip


async def _departments(who: Who) -> list[schemas.DepartmentView]:
    rows = await counts.names_of(sorted(who.below))
    return [schemas.DepartmentView(code=row["code"], name=_text(row["name"])) for row in rows]


async def _clerks(who: Who, scope: Scope, *, since: datetime) -> list[schemas.ClerkView]:
    rows = await counts.clerks(scope, since=since)
    seats = await presence.seats([row["id"] for row in rows])
    as_supervisor = replace(who, id=NOBODY, roles=frozenset({"supervisor"}))
    first = clock.today() - timedelta(days=RATED_DAYS - 1)
    rated = await figures.figures(as_supervisor, by="clerk", since=first, until=clock.today())
    pleased = {UUID(one.group): one.satisfied for one in rated}
    return [_clerk(row, seats.get(row["id"]), satisfied=pleased.get(row["id"])) for row in rows]


def _clerk(row: Any, seat: presence.Seat | None, *, satisfied: int | None) -> schemas.ClerkView:
    return schemas.ClerkView(
        id=row["id"], name=row["name"], taken=row["taken"], first_answer_s=_whole(row["first_answer_s"]),
        status=cast("Status", seat.status) if seat else "gone", held=seat.load if seat else 0,
        capacity=seat.capacity if seat else None, satisfied=satisfied,
    )  # fmt: skip


def _now(row: Any, now: datetime) -> schemas.NowView:
    longest = round((now - row["since"]).total_seconds()) if row["since"] else None
    return schemas.NowView(
        waiting=row["waiting"], longest_wait_s=longest, in_hand=row["in_hand"], inquiries=row["inquiries"],
        overdue=row["overdue"],
    )  # fmt: skip


def _day(day: Day, *, satisfied: int | None) -> schemas.DayView:
    return schemas.DayView(
        opened=day.opened, at_once=share(day.at_once, day.counted), first_answer_s=_whole(day.first_answer_s),
        abandoned=day.abandoned, satisfied=satisfied,
    )  # fmt: skip


def _hours(day: Day, *, now: datetime) -> list[schemas.HourView]:
    """Every hour from the first conversation of the day to now; those without any as well."""
    known = {one.hour: one for one in day.hours}
    last = clock.city_time(now).hour
    return [
        schemas.HourView(hour=hour, opened=one.opened if one else 0, taken=one.taken if one else 0)
        for hour in range(min(known, default=last), last + 1)
        for one in (known.get(hour),)
    ]


def _steps(day: Day) -> list[schemas.StepView]:
    return [schemas.StepView(within_s=s, count=n) for s, n in zip((*counts.STEPS_S, None), day.steps, strict=True)]


def _item(one: workload.ItemLoad) -> schemas.ItemView:
    return schemas.ItemView(
        item=one.item, name=_text(one.name) if one.name and one.name != "null" else None, opened=one.opened,
        waiting=one.waiting, inquiries=one.inquiries, abandoned=one.abandoned, waited_s=_whole(one.waited_s),
    )  # fmt: skip


def _red(row: Any) -> schemas.RedCaseView:
    return schemas.RedCaseView(
        id=row["id"], case_number=row["case_number"], item=row["item_code"], name=_text(row["item_name"]),
        due=row["desk_due"], days_over=counts.days_over(row["desk_due"]), holder=row["holder"],
    )  # fmt: skip


def _text(stored: str) -> Text:
    return Text.model_validate(json.loads(stored))


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
