"""A list of words, read afresh for every database."""

from collections.abc import Iterator

import pytest

from auth.models import StaffMember
from chat.discretion import lists
from tests.chat.office import hire


@pytest.fixture(autouse=True)
def list_is_forgotten() -> Iterator[None]:
    lists.forget()
    yield
    lists.forget()


@pytest.fixture
async def keepers(database: str) -> tuple[StaffMember, StaffMember]:
    """Who wishes for a word and who decides."""
    return await hire("keeper", roles=("supervisor",)), await hire("other", department="RS", roles=("admin",))


async def listed(word: str, use: str, *, strict: bool = False) -> None:
    from kit import db

    async with db.transaction():
        await lists.put_in(lists.Wish("put", word, use=use, strict=strict))
