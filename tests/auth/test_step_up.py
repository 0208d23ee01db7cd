"""Step-up: proving again who one is, in the same session."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from auth import sessions
from auth.errors import FreshSignInRequired
from auth.models import Session
from auth.step_up import require_fresh
from kit import clock
from kit.web import Actor

pytestmark = pytest.mark.anyio


async def signed_in() -> Actor:
    person = uuid4()
    opened = await sessions.open_session(kind="citizen", person=person, device="phone")
    return Actor(person, "citizen", frozenset({"citizen"}), session=str(opened.session.id))


async def test_five_minutes_after_signing_in_nobody_is_fresh_any_more(database: str) -> None:
    actor = await signed_in()
    with clock.moved(timedelta(minutes=4, seconds=55)):
        await require_fresh(actor)
    with clock.moved(timedelta(minutes=5, seconds=1)), pytest.raises(FreshSignInRequired):
        await require_fresh(actor)


async def test_proof_given_again_counts_from_its_own_moment(database: str) -> None:
    actor = await signed_in()
    with clock.moved(timedelta(hours=1)):
        await Session.filter(id=UUID(actor.session)).update(proved_at=clock.now())
        await require_fresh(actor)


async def test_session_that_is_not_there_proves_nothing(database: str) -> None:
    with pytest.raises(FreshSignInRequired):
        await require_fresh(Actor(uuid4(), "citizen", frozenset({"citizen"}), session=str(uuid4())))
