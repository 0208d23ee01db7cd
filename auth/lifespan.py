"""What signing in needs while the office is open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from auth import attestation, sessions, sms, workplaces
from auth.keyring import ring, rotation
from auth.platforms import refuse_half_set


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Refuses to open without a good signing key, or with a platform half set. Raises BadConfiguration."""
    sessions.forget_states()
    ring.forget()
    async with AsyncExitStack() as stack:
        if serving:
            refuse_half_set()
            workplaces.refuse_half_set()
            sms.refuse_half_set()
            attestation.refuse_half_set()
            await rotation.adopt()
            await ring.refresh()
            ring.signing_key()
            await stack.enter_async_context(ring.watched())
        yield
