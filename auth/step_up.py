"""
Step-up: what weighs heavy asks that the person proved who they are just now, in this very session.

A refresh proves nothing: a phone left on a table refreshes by itself. How it is proved is in `auth/proofs.py`.
"""

from datetime import timedelta
from uuid import UUID

from auth.config import AuthSettings
from auth.errors import FreshSignInRequired
from auth.models import Session
from kit import clock
from kit.config import current
from kit.web import Actor


async def require_fresh(actor: Actor, *, within: timedelta | None = None) -> None:
    """
    The actor's session was opened, or proved again, within HANDHELD_STEP_UP_MINUTES, or `within`.

    Raises: FreshSignInRequired.
    """
    session = await Session.get_or_none(id=UUID(actor.session))
    if session is None or clock.now() - (session.proved_at or session.created_at) > (within or usual()):
        raise FreshSignInRequired


def usual() -> timedelta:
    """How long a proof counts."""
    return timedelta(minutes=current(AuthSettings).step_up_minutes)


async def require_own_device(actor: Actor, *, mark: str) -> None:
    """
    The request comes from the device its session is of (`auth.devices.device_of(call).mark`). For money and privilege:
    a token that turns up elsewhere asks for a proof, and whoever gives it goes on there.

    Raises: FreshSignInRequired.
    """
    if not await Session.filter(id=UUID(actor.session), device=mark).exists():
        raise FreshSignInRequired
