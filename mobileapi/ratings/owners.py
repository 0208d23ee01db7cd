"""Whose a bad rating is: the rated person's supervisor, and never the rated person."""

from collections.abc import Collection, Sequence
from uuid import UUID

from auth.duties import people_for
from auth.staffing.organisation import superiors_of
from kit import db
from kit.config import current
from mobileapi.ratings.config import RatingSettings

SUPERVISORS = """
WITH RECURSIVE up(code, n) AS (
  SELECT $1::text, 0
  UNION ALL
  SELECT d.parent_code::text, n + 1 FROM up JOIN auth_department d ON d.code = up.code
  WHERE d.parent_code IS NOT NULL AND n < 8
)
SELECT s.id FROM auth_staff_member s LEFT JOIN up ON up.code = s.department_id
WHERE s.roles ? 'supervisor' AND s.disabled_at IS NULL AND (up.code IS NOT NULL OR s.department_id = ANY ($2))
ORDER BY up.n NULLS LAST, s.username
"""
WORKING = "SELECT id FROM auth_staff_member WHERE id = ANY ($1) AND disabled_at IS NULL AND roles ? 'supervisor'"


async def first_owner(
    rated: UUID | None, *, item: str | None, region: str, department: str | None
) -> UUID | None:  # fmt: skip
    """The nearest of the rated person's line; else the item's supervisor; else the department's, or one above it."""
    line = await superiors_of(rated) if rated else []
    holders = await people_for(item, region) if item and region else []
    by_duty = [holder.staff_id for holder in holders if holder.role == "supervisor"]
    asked = [*line, *by_duty, *await _supervisors(department)]
    return next(iter(await _working(asked, but={rated})), None)


async def next_owner(
    owner: UUID | None, *, rated: UUID | None, department: str | None, tried: int
) -> UUID | None:  # fmt: skip
    """Who is above the owner; else another supervisor of the department or one above it; None when there is nobody."""
    line = await superiors_of(owner) if owner else []
    asked = await _working([*line, *await _supervisors(department)], but={rated, owner})
    return asked[tried % len(asked)] if asked else None


async def who_may(rated: UUID | None, *, department: str | None, but: Collection[UUID]) -> list[UUID]:
    """Supervisors who may act on it, the nearest first."""
    return await _working(await _supervisors(department), but={rated, *but})


async def _supervisors(department: str | None) -> list[UUID]:
    """Of the department or one above it, the nearest first; then of those that watch over all ratings."""
    watching = current(RatingSettings).watching_departments
    return [row["id"] for row in await db.fetch(SUPERVISORS, department, watching)]


async def _working(asked: Sequence[UUID], *, but: Collection[UUID | None]) -> list[UUID]:
    there = {row["id"] for row in await db.fetch(WORKING, list(asked))}
    return [person for person in dict.fromkeys(asked) if person in there and person not in but]
