"""
Step-up: what weighs heavy asks that the person proved who they are just now, in this very session.

A refresh proves nothing: a phone left on a table refreshes by itself.
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
    allowed = within or timedelta(minutes=current(AuthSettings).step_up_minutes)
    session = await Session.get_or_none(id=UUID(actor.session))
    if session is None or clock.now() - (session.proved_at or session.created_at) > allowed:
        raise FreshSignInRequired
