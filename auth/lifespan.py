"""What signing in needs while the office is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth import sessions
from auth.keys import signing_keys
from auth.platforms import refuse_half_set


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Refuses to open without a good signing key, or with a platform half set. Raises BadConfiguration."""
    if serving:
        signing_keys()
        refuse_half_set()
    sessions.forget_states()
    yield
