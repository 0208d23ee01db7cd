"""
How satisfied people are, by department, item or clerk. Ratings that two people found unfair count apart; a group of
fewer than HANDHELD_RATING_SMALLEST ratings is not told, so that nobody is recognised by theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from auth.callers import WITHIN
from auth.rights import Columns, Who, condition
from auth.rights import Values as Parameters
from kit import clock, db
from kit.config import current
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.given import GIVEN

By = Literal["department", "item", "clerk"]
GROUPS: dict[str, str] = {"department": "r.department_code", "item": "r.item_code", "clerk": "r.clerk::text"}
COLUMNS = Columns(
    holders=("r.clerk",), department="r.department_code", item="r.item_code",
    lies_in=lambda region: f"r.region_code IN {WITHIN.format(code=region)}", without_region="r.region_code = ''",
)  # fmt: skip

COUNTED = """
SELECT {group} AS "group", count(*) FILTER (WHERE counts) AS ratings,
  ARRAY[count(*) FILTER (WHERE counts AND level = 1), count(*) FILTER (WHERE counts AND level = 2),
        count(*) FILTER (WHERE counts AND level = 3), count(*) FILTER (WHERE counts AND level = 4),
        count(*) FILTER (WHERE counts AND level = 5)] AS levels,
  count(*) FILTER (WHERE NOT counts) AS void,
  count(*) FILTER (WHERE counts AND state = 'confirmed') AS rectified
FROM (
  SELECT r.*, f.state, f.state IS DISTINCT FROM 'void' AS counts FROM {given} r
  LEFT JOIN ratings_rectification f ON f.kind = r.kind AND f.about = r.about
  WHERE r.at >= $1 AND r.at < $2
) r WHERE {seen} AND {group} IS NOT NULL GROUP BY {group} ORDER BY ratings DESC, {group}
"""


@dataclass(frozen=True)
class Figures:
    """
    Of one department, item or clerk. `levels`: how many gave 1, 2 … 5; none when there are too few to be told.
    `satisfied` is the share of levels 3 to 5 in thousandths.
    """

    group: str
    ratings: int | None
    levels: list[int] | None
    satisfied: int | None
    rectified: int | None
    void: int | None


async def figures(who: Who, *, by: By, since: date, until: date) -> list[Figures]:
    """Of what the rules let this person see, both days included; the most rated first. Of oneself as `of_clerk`."""
    values = Parameters([_begin(since), _begin(until + timedelta(days=1))])
    seen = condition(who, "rating figures", COLUMNS, values=values)
    rows = await db.fetch(COUNTED.format(given=GIVEN, group=GROUPS[by], seen=seen), *values.given)
    found = [_told(row, least=current(RatingSettings).rating_smallest) for row in rows]
    own = str(who.id) if by == "clerk" else None
    return [await of_clerk(who.id, since=since, until=until) if f.group == own else f for f in found]


MONTH = "date_trunc('month', {row}.at AT TIME ZONE $4::text)"
WELL_RATED = f"""
r.clerk = $3 AND {MONTH.format(row="r")} IN (
  SELECT {MONTH.format(row="g")} FROM {GIVEN} g WHERE g.clerk = $3 GROUP BY 1 HAVING count(*) >= $5)
"""  # noqa: S608 - ours


async def of_clerk(clerk: UUID, *, since: date, until: date) -> Figures:
    """
    A clerk's own: of months that are over and in which enough people rated. Whatever two answers are compared, they
    differ by nobody's rating, or by those of a whole such month.
    """
    first, behind = whole_months(since, until, today=clock.today())
    least = current(RatingSettings).rating_smallest
    sql = COUNTED.format(given=GIVEN, group=GROUPS["clerk"], seen=WELL_RATED)
    rows = await db.fetch(sql, _begin(first), _begin(behind), clerk, str(clock.city_zone()), least)
    return _told(rows[0], least=least) if rows else _hidden(str(clerk))


def whole_months(since: date, until: date, *, today: date) -> tuple[date, date]:
    """Pure: the first day of the first month that begins in the span, and the day behind the last one that is over."""
    first = since if since.day == 1 else (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, min(until + timedelta(days=1), today).replace(day=1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), clock.city_zone())


def _told(row: Any, *, least: int) -> Figures:
    if row["ratings"] < least:
        return _hidden(row["group"])
    levels: Sequence[int] = row["levels"]
    satisfied = round(sum(levels[2:]) * 1000 / row["ratings"])
    return Figures(row["group"], row["ratings"], list(levels), satisfied, row["rectified"], row["void"])


def _hidden(group: str) -> Figures:
    return Figures(group, None, None, None, None, None)
