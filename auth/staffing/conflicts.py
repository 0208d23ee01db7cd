"""The database says no: two of what may be one only. Told in the words of the office."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise.exceptions import IntegrityError

from kit import db
from kit.errors import Conflict


@asynccontextmanager
async def one_only(otherwise: type[Conflict]) -> AsyncIterator[None]:
    """A transaction that raises `otherwise` when a unique key or an exclusion of ours refuses what it writes."""
    try:
        async with db.transaction():
            yield
    except asyncpg.IntegrityConstraintViolationError as refused:
        raise _told(refused, otherwise) from None
    except IntegrityError as refused:
        raise _told(refused.__cause__ or refused, otherwise) from None


def _told(refused: BaseException, otherwise: type[Conflict]) -> BaseException:
    taken = isinstance(refused, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError)
    return otherwise() if taken else refused
