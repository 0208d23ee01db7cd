"""
Sessions: token families. A refresh token is 256 random bits, kept as a digest, and used once.

Meeting a used one again means that two hold it, and the family ends. The exception is the lost answer: the same device
within ten seconds is given the successor it did not receive.
"""

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.config import AuthSettings
from auth.errors import RefreshRefused
from auth.events import RefreshTokenReused, SignedInOnNewDevice
from auth.models import RefreshToken, Session
from kit import audit, clock, crypto, db, events
from kit.config import current
from kit.ids import new_id

LOST_ANSWER = timedelta(seconds=10)
FRESH_S = 1.0  # a session that ended elsewhere is refused here after this long
REMEMBERED = 20_000
UNNAMED = "ua:"  # begins the mark of a device that sent no id of its own


@dataclass(frozen=True)
class Traces:
    """What a list of devices tells of a session: how it was come by, what the device looks like, its network."""

    way: str = ""
    agent: str = ""
    network: str = ""


NO_TRACES = Traces()


@dataclass(frozen=True)
class Opened:
    session: Session
    refresh_token: str


@dataclass(frozen=True)
class State:
    """What the database says of a session and its person."""

    kind: str
    person: UUID
    ends_at: datetime
    ended: bool
    roles: frozenset[str]
    end_reason: str = ""
    held_back: str = ""  # what a member of staff must do first (auth/credentials/holds.py)

    def is_open(self, now: datetime) -> bool:
        return not self.ended and now < self.ends_at


async def open_session(
    *, kind: str, person: UUID, device: str, source: str = "", label: str = "", lasts: timedelta | None = None,
    traces: Traces = NO_TRACES, is_new: bool = False, proved_at: datetime | None = None,
) -> Opened:  # fmt: skip
    """
    Begins a family, in the open transaction. `device` and `source` are digests, never addresses; `label` is what the
    device calls itself; `lasts` is as the settings say when it is None; `proved_at` is when the person proved who they
    are, where it was not by opening the session. A device the person was not seen on before is
    told of, unless the person `is_new` too.
    """
    settings, now = current(AuthSettings), clock.now()
    days, hours = timedelta(days=settings.citizen_session_days), timedelta(hours=settings.staff_session_hours)
    unseen = not is_new and not await Session.exists(kind=kind, person=person, device=device)
    session = await Session.create(
        id=new_id(), kind=kind, person=person, device=device, source=source, label=label, created_at=now,
        ends_at=now + (lasts or (days if kind == "citizen" else hours)), way=traces.way, agent=traces.agent,
        came_from=traces.network, proved_at=proved_at,
    )  # fmt: skip
    if unseen:
        await events.publish(
            SignedInOnNewDevice(session=session.id, person=person, kind=kind, way=traces.way, agent=traces.agent)
        )
    return Opened(session, await _fresh_token(session))


async def _fresh_token(session: Session) -> str:
    settings, token = current(AuthSettings), secrets.token_urlsafe(32)
    days, idle = timedelta(days=settings.citizen_refresh_days), timedelta(minutes=settings.staff_idle_minutes)
    unused = days if session.kind == "citizen" else idle
    expires_at = min(session.ends_at, clock.now() + unused)
    await RefreshToken.create(digest=digest_of(token), session_id=session.id, expires_at=expires_at)
    return token


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def rotate(token: str, *, device: str) -> Opened:
    """
    The family and its next refresh token.

    Raises: RefreshRefused. A token met again outside the lost answer ends the family, which is committed first.
    """
    digest = digest_of(token)
    async with db.transaction():
        opened = await _rotated(digest, device=device)
    if opened is None:
        raise RefreshRefused
    return opened


async def _rotated(digest: str, *, device: str) -> Opened | None:
    known = await RefreshToken.get_or_none(digest=digest)
    if known is None:
        return None
    session = await Session.select_for_update().get(id=known.session_id)  # type: ignore[attr-defined]
    state, now = await _read_state(session.id), clock.now()
    if state is None or not state.is_open(now):
        return None
    held = await RefreshToken.get(digest=digest)
    if held.used_at is not None or _is_another(device, session):
        return await _met_again(held, session, device=device)
    if held.expires_at <= now:
        return None
    successor = await _fresh_token(session)
    sealed = crypto.seal(successor, bound_to=_place(digest))
    late = RefreshToken.filter(session_id=session.id, used_at__lt=now - LOST_ANSWER, successor_sealed__isnull=False)
    await late.update(successor_sealed=None)
    await RefreshToken.filter(digest=digest).update(used_at=now, successor_sealed=sealed)
    return Opened(session, successor)


def _is_another(device: str, session: Session) -> bool:
    """A device that named itself at sign-in and now has another name; what only a browser says may change with it."""
    return device != session.device and not session.device.startswith(UNNAMED)


async def _met_again(held: RefreshToken, session: Session, *, device: str) -> Opened | None:
    in_time = held.used_at is not None and clock.now() - held.used_at <= LOST_ANSWER
    if held.successor_sealed and device == session.device and in_time:
        return Opened(session, crypto.unseal(held.successor_sealed, bound_to=_place(held.digest)))
    await end_session(session.id, reason="token_reused", actor=f"{session.kind}:{session.person}")
    await events.publish(RefreshTokenReused(session=session.id, person=session.person, kind=session.kind))
    return None


def _place(digest: str) -> str:
    return f"auth_refresh_token.successor:{digest}"


async def end_session(session: UUID, *, reason: str, actor: str) -> None:
    """Ends a family. Its access tokens are refused here at once, by other processes within a second."""
    async with db.transaction():
        ended = await Session.filter(id=session, ended_at=None).update(ended_at=clock.now(), end_reason=reason)
        if ended:
            await audit.record(actor=actor, action=f"session.{reason}", subject=f"session:{session}")
    _remembered.pop(session, None)


async def end_all(*, kind: str, person: UUID, reason: str, actor: str) -> int:
    """Ends every family of a person; how many there were."""
    async with db.transaction():
        ended = await Session.filter(kind=kind, person=person, ended_at=None).update(
            ended_at=clock.now(), end_reason=reason
        )
        await audit.record(actor=actor, action=f"session.{reason}_everywhere", subject=f"{kind}:{person}", ended=ended)
    forget_states()
    return ended


async def open_of(*, kind: str, person: UUID) -> list[Session]:
    """The person's sessions that can go on: not ended, not over, not left unused for too long. The newest first."""
    living = Session.filter(kind=kind, person=person, ended_at=None, ends_at__gt=clock.now())
    going_on = living.filter(refresh_tokens__used_at=None, refresh_tokens__expires_at__gt=clock.now())
    return await going_on.order_by("-created_at", "-id").distinct()


async def prove(session: UUID, *, device: str) -> datetime:
    """
    The person of the session proved again who they are, in the open transaction; when. The session is this device's
    from now on.
    """
    now = clock.now()
    await Session.filter(id=session, ended_at=None).update(proved_at=now, device=device)
    return now


_seen: set[UUID] = set()


async def write_seen() -> int:
    """Notes, to the minute, which sessions were in use since the last time, in one statement; how many."""
    if not _seen:
        return 0
    seen, minute = list(_seen), clock.now().replace(second=0, microsecond=0)
    _seen.clear()
    return await db.execute(
        "UPDATE auth_session SET seen_at = $2 "
        "WHERE id = ANY ($1) AND ended_at IS NULL AND (seen_at IS NULL OR seen_at < $2)",
        seen, minute,
    )  # fmt: skip


_remembered: dict[UUID, tuple[float, State | None]] = {}

STATE = """
SELECT s.kind, s.person, s.ends_at, m.roles, s.end_reason, coalesce(i.held_back, '') AS held_back,
       s.ended_at IS NOT NULL OR c.disabled_at IS NOT NULL OR m.disabled_at IS NOT NULL
       OR (c.id IS NULL AND m.id IS NULL) AS ended
FROM auth_session s
LEFT JOIN auth_citizen c ON s.kind = 'citizen' AND c.id = s.person
LEFT JOIN auth_staff_member m ON s.kind = 'staff' AND m.id = s.person
LEFT JOIN credentials_staff_sign_in i ON i.session_id = s.id
WHERE s.id = $1
"""


async def state_of(session: UUID) -> State | None:
    """What is known of the session, at most a second old; None when there is none."""
    kept = _remembered.get(session)
    if kept is not None and time.monotonic() - kept[0] < FRESH_S:
        return kept[1]
    asked_at = time.monotonic()
    state = await _read_state(session)
    if len(_remembered) >= REMEMBERED:
        _remembered.clear()
    _remembered[session] = (asked_at, state)
    if state is not None and not state.ended:
        _seen.add(session)
    return state


async def is_open(session: str) -> bool:
    """Whether the session of an actor still lives; for sockets, which ask again while they last."""
    state = await state_of(UUID(session))
    return state is not None and state.is_open(clock.now())


async def _read_state(session: UUID) -> State | None:
    rows = await db.fetch(STATE, session)
    if not rows:
        return None
    row = rows[0]
    roles = frozenset({"citizen"}) if row["kind"] == "citizen" else frozenset(json.loads(row["roles"] or "[]"))
    roles = frozenset() if row["held_back"] else roles
    return State(row["kind"], row["person"], row["ends_at"], row["ended"], roles, row["end_reason"], row["held_back"])


def forget_states() -> None:
    """The next question goes to the database."""
    _remembered.clear()


async def purge() -> int:
    """Removes families that ended, or could have been refreshed last, more than 30 days ago; how many."""
    long_ago = clock.now() - timedelta(days=30)
    gone = "(SELECT id FROM auth_session WHERE ended_at < $1 OR ends_at < $1)"
    async with db.transaction():
        await db.execute(f"DELETE FROM auth_refresh_token WHERE session_id IN {gone}", long_ago)  # noqa: S608 - our own text
        return await db.execute("DELETE FROM auth_session WHERE ended_at < $1 OR ends_at < $1", long_ago)
