"""
Access tokens: short-lived, signed (EdDSA or ES256, as the key's type says), one purpose.

A token says who and for which session; whether that session still lives, and whether the person still has the roles
it carries, is asked of the database, at most a second old.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from auth import sessions
from auth.config import AuthSettings
from auth.credentials.entering import ELSEWHERE
from auth.credentials.errors import SignedInElsewhere
from auth.credentials.holds import HOLDS
from auth.errors import TokenExpired, TokenInvalid
from auth.keyring import ring
from auth.keys import ACCESS
from kit import clock
from kit.config import current
from kit.ids import new_id
from kit.web import Actor

AUDIENCE = "handheld-api"
LONGEST = 2048
COMPACT = re.compile(r"\A[\w-]+\.[\w-]+\.[\w-]+\Z", re.ASCII)  # RFC 7515 §3.1: three parts, none padded
REQUIRED = ("exp", "iat", "iss", "aud", "sub", "jti", "purpose", "sid", "kind", "roles")


@dataclass(frozen=True)
class AccessToken:
    text: str
    expires_in: int  # seconds


def access_token(*, person: UUID, kind: str, roles: frozenset[str], session: UUID) -> AccessToken:
    """A token for the API, for the configured number of minutes; for staff no longer than they may sit idle."""
    settings = current(AuthSettings)
    now, key = clock.now(), ring.signing_key()
    idle = settings.staff_idle_minutes if kind == "staff" else settings.access_minutes
    life = timedelta(minutes=min(settings.access_minutes, idle))
    claims = {
        "iss": settings.token_issuer, "aud": AUDIENCE, "sub": str(person), "jti": str(new_id()), "purpose": ACCESS,
        "iat": int(now.timestamp()), "exp": int((now + life).timestamp()), "sid": str(session), "kind": kind,
        "roles": sorted(roles),
    }  # fmt: skip
    text = jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"kid": key.id, "typ": "at+jwt"})
    return AccessToken(text, int(life.total_seconds()))


async def authenticator(token: str) -> Actor:
    """
    Who holds the token.

    Raises: TokenExpired; TokenInvalid when it is not ours, its session has ended, or its roles were taken away.
    """
    named = _key_named_by(token)
    if named is None:  # nonsense is refused before anything is asked for it
        raise TokenInvalid
    await ring.refresh(wanted=named)
    actor = actor_of(claims_of(token))
    state = await sessions.state_of(UUID(actor.session))
    if state is not None and state.ended and state.end_reason == ELSEWHERE:
        raise SignedInElsewhere
    if state is None or not state.is_open(clock.now()) or (state.kind, state.person) != (actor.kind, actor.id):
        raise TokenInvalid
    if not actor.roles <= state.roles:
        raise TokenInvalid
    return replace(actor, held_back=HOLDS[state.held_back]) if state.held_back else actor


async def why_ended(actor: Actor) -> str | None:
    """
    Why a token that was good when it came is good no more: `token_expired`, `session_ended`, `roles_changed`,
    `key_withdrawn`; None while it is. For sockets, which outlast their first frame.
    """
    await ring.refresh()
    now, state = clock.now(), await sessions.state_of(UUID(actor.session))
    if now.timestamp() >= float(actor.claims["exp"]):
        return "token_expired"
    if state is None or not state.is_open(now):
        return "session_ended"
    if not actor.roles <= state.roles:
        return "roles_changed"
    if all(key.id != actor.claims["kid"] for key in ring.verifying_keys()):
        return "key_withdrawn"
    return None


def _key_named_by(token: str) -> str | None:
    """The key id a token names, believed by nobody; None when it can be none of ours."""
    if len(token) > LONGEST or not COMPACT.fullmatch(token):
        return None
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    return named if isinstance(named, str) and ring.KEY_ID.fullmatch(named) else None


def claims_of(token: str) -> dict[str, Any]:
    """
    What the token says, and the `kid` that signed it, after its signature, purpose and times were checked.

    No header but `alg`, `kid` and `typ` is accepted: keys are never taken from a token, nor fetched for one.
    """
    if len(token) > LONGEST:
        raise TokenInvalid
    try:
        header = jwt.get_unverified_header(token)
        key = next((k for k in ring.verifying_keys() if k.id == header.get("kid")), None)
        if key is None or set(header) - {"alg", "kid", "typ"} or header.get("typ") != "at+jwt":
            raise TokenInvalid
        claims = jwt.decode(
            token, key.public, algorithms=[key.algorithm], audience=AUDIENCE, issuer=current(AuthSettings).token_issuer,
            options={"require": list(REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenInvalid from error
    _refuse_wrong_time(claims, now=clock.now())
    if claims["purpose"] != key.purpose:
        raise TokenInvalid
    return claims | {"kid": key.id}


def _refuse_wrong_time(claims: dict[str, Any], *, now: datetime) -> None:
    """By our own clock, without leeway for the end; a token from the future is not ours."""
    issued, expires, begins = claims["iat"], claims["exp"], claims.get("nbf", 0)
    if not all(isinstance(t, int) and not isinstance(t, bool) for t in (issued, expires, begins)):
        raise TokenInvalid
    if max(issued, begins) > now.timestamp() + 5:
        raise TokenInvalid
    if expires <= now.timestamp():
        raise TokenExpired


def actor_of(claims: dict[str, Any]) -> Actor:
    try:
        person, session = UUID(claims["sub"]), UUID(claims["sid"])
    except (ValueError, AttributeError, TypeError):
        raise TokenInvalid from None
    roles = claims["roles"]
    if claims["kind"] not in {"citizen", "staff"} or not isinstance(roles, list):
        raise TokenInvalid
    return Actor(person, claims["kind"], frozenset(map(str, roles)), session=str(session), claims=claims)
