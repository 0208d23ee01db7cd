"""
Sign-ins begun at a workplace: a state that travels with the browser's address, and a secret that never does.

Whoever is sent somebody else's address, or brings somebody else's code, lacks the secret of the browser that began.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from auth import throttle
from auth.sessions import digest_of
from auth.workplaces.base import Workplace
from auth.workplaces.config import WorkplaceSettings
from auth.workplaces.errors import WorkplaceStateInvalid
from auth.workplaces.models import WorkplaceStart
from kit import clock, db
from kit.config import Settings, current

Purpose = Literal["sign_in", "bind", "second_factor"]
BACK = "/console/"  # where a browser comes back to, below our public address


@dataclass(frozen=True)
class Begun:
    """`authorise_url` is where the browser goes; state and secret are 256 random bits each."""

    authorise_url: str
    state: str
    secret: str
    expires_in: int  # seconds


async def begin(door: Workplace, *, address: str, purpose: Purpose = "sign_in", session: UUID | None = None) -> Begun:
    """Raises TooMany."""
    settings = current(WorkplaceSettings)
    await throttle.let_pass("workplace_start", source=address, per_minute=settings.workplace_starts_per_minute)
    state, secret = await _kept(door.kind, purpose=purpose, session=session)
    back_to = current(Settings).public_url.rstrip("/") + BACK
    return Begun(door.scan_address(state=state, back_to=back_to), state, secret, settings.workplace_start_seconds)


async def await_code(kind: str, *, staff: UUID) -> tuple[str, str]:
    """A state and a secret that stand for who the workplace named, until the authenticator's code comes."""
    return await _kept(kind, purpose="second_factor", staff=staff)


async def _kept(
    kind: str, *, purpose: Purpose, session: UUID | None = None, staff: UUID | None = None
) -> tuple[str, str]:
    state, secret, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), clock.now()
    await WorkplaceStart.create(
        state_digest=digest_of(state), secret_digest=digest_of(secret), kind=kind, purpose=purpose, session=session,
        staff=staff, expires_at=now + timedelta(seconds=current(WorkplaceSettings).workplace_start_seconds),
    )  # fmt: skip
    return state, secret


async def use(kind: str, *, state: str, secret: str, purpose: Purpose, session: UUID | None = None) -> WorkplaceStart:
    """
    Takes the start, once: of many at the same moment one goes on.

    Raises: WorkplaceStateInvalid for one that is unknown, another browser's, another purpose's, used or too old.
    """
    start = await look(kind, state=state, secret=secret, purpose=purpose, session=session)
    taken = await db.execute(
        "UPDATE workplaces_start SET used_at = $2 WHERE state_digest = $1 AND used_at IS NULL",
        start.state_digest, clock.now(),
    )  # fmt: skip
    if not taken:
        raise WorkplaceStateInvalid
    return start


async def look(kind: str, *, state: str, secret: str, purpose: Purpose, session: UUID | None = None) -> WorkplaceStart:
    """The start, without using it up. Raises WorkplaceStateInvalid."""
    start = await WorkplaceStart.get_or_none(state_digest=digest_of(state))
    known = start.secret_digest if start else "0" * 64
    if not hmac.compare_digest(known, digest_of(secret)) or start is None:
        raise WorkplaceStateInvalid
    fits = (start.kind, start.purpose, start.session) == (kind, purpose, session)
    if not fits or start.used_at is not None or start.expires_at <= clock.now():
        raise WorkplaceStateInvalid
    return start


async def purge() -> int:
    """Removes starts whose time ended an hour ago; how many."""
    return await WorkplaceStart.filter(expires_at__lt=clock.now() - timedelta(hours=1)).delete()
