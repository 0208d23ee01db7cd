"""What is judged of every rating before it is kept: its reasons, its day, the numbers in its comment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit import clock
from kit.config import current
from kit.errors import FieldError
from mobileapi.answers.anonymous import without_numbers
from mobileapi.ratings.config import RatingSettings
from mobileapi.ratings.errors import RatingTooLate, UnknownReason
from mobileapi.ratings.levels import strange


async def judge(ended_at: datetime, level: int, reasons: Sequence[str], comment: str) -> str:
    """
    The comment as it is kept: numbers of documents, telephones and cards masked.

    Raises: RatingTooLate, UnknownReason.
    """
    if clock.now() > open_until(ended_at):
        raise RatingTooLate
    if strange(level, reasons):
        raise UnknownReason(errors=[FieldError(field="reasons", code="unknown", detail=UnknownReason.title)])
    return without_numbers(comment)


def open_until(ended_at: datetime) -> datetime:
    """Until when what ended then may be rated."""
    return ended_at + timedelta(days=current(RatingSettings).rating_days)
