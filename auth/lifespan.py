"""What signing in needs while the office is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth import sessions
from auth.keys import signing_keys


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Refuses to open without a good signing key. Raises BadConfiguration."""
    if serving:
        signing_keys()
    sessions.forget_states()
    yield
