"""Access tokens: the classic family makes a new one each call, the stable family repeats the living one."""

import secrets
from typing import Any

from miniapp_stub.sandbox.clock import DAY, MINUTE
from miniapp_stub.sandbox.wechat.answers import Visit, WeChatError, check_app
from miniapp_stub.sandbox.world import World

LIFE_S = 7200
OVERLAP_S = 5 * MINUTE
"""The old token outlives its successor by this much, and a stable token is renewed this long before its end."""
TOKEN_CHARACTERS = 512
"""As long as a token may become, so that narrow columns fail here and not in production."""
STABLE_A_MINUTE, STABLE_A_DAY = 10_000, 500_000
FORCED_A_DAY, FORCED_GAP_S = 20, 30


def classic_token(visit: Visit) -> dict[str, Any]:
    """`GET /cgi-bin/token`: a new token each time; its predecessor survives about five minutes."""
    world, query = visit.world, visit.query
    if query.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    check_app(world, appid=query.get("appid"), secret=query.get("secret"))
    now = world.clock.now()
    with world.store.transaction():
        _end_earlier(world, "classic", at=now + OVERLAP_S)
        return _answer(_issue(world, "classic"), LIFE_S)


def stable_token(visit: Visit) -> dict[str, Any]:
    """`POST /cgi-bin/stable_token`: the living token again, a new one in its last five minutes or when forced.

    A forced refresh ends the earlier token at once; forced ones are limited to 20 a day, 30 s apart.
    """
    world, body = visit.world, visit.json()
    if body.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    check_app(world, appid=body.get("appid"), secret=body.get("secret"))
    for limit, within_s in ((STABLE_A_MINUTE, MINUTE), (STABLE_A_DAY, DAY)):
        if not world.quotas.spend(f"stable:{within_s}", limit=limit, within_s=within_s):
            raise WeChatError(45009)
    with world.store.transaction():
        return _forced(world) if body.get("force_refresh") is True else _living_or_new(world)


def check_token(visit: Visit) -> None:
    """Check the `access_token` in the query.

    Raises WeChatError 41001 missing, 40001 unknown, 42001 expired.
    """
    token = visit.query.get("access_token")
    if not token:
        raise WeChatError(41001)
    row = visit.world.store.one("SELECT expires_at FROM tokens WHERE token = ?", token)
    if row is None:
        raise WeChatError(40001)
    if row["expires_at"] <= visit.world.clock.now():
        raise WeChatError(42001)


def _living_or_new(world: World) -> dict[str, Any]:
    now = world.clock.now()
    row = world.store.one(
        "SELECT token, expires_at FROM tokens WHERE family = 'stable' AND issued_at <= ? AND renewable_at > ?"
        " AND expires_at > ? ORDER BY issued_at DESC LIMIT 1",
        now,
        now,
        now,
    )
    if row is not None:
        return _answer(str(row["token"]), int(row["expires_at"] - now))
    world.store.run(
        "UPDATE tokens SET expires_at = max(expires_at, ?) WHERE family = 'stable' AND expires_at > ?",
        now + OVERLAP_S,
        now,
    )
    return _answer(_issue(world, "stable"), LIFE_S)


def _forced(world: World) -> dict[str, Any]:
    now = world.clock.now()
    forced = "SELECT count(*) AS n FROM tokens WHERE family = 'stable' AND forced AND issued_at > ?"
    for limit, within_s in ((FORCED_A_DAY, DAY), (1, FORCED_GAP_S)):
        row = world.store.one(forced, now - within_s)
        if row is not None and row["n"] >= limit:
            raise WeChatError(45011 if limit == 1 else 45009)
    _end_earlier(world, "stable", at=now)
    return _answer(_issue(world, "stable", forced=True), LIFE_S)


def _issue(world: World, family: str, *, forced: bool = False) -> str:
    token, now = secrets.token_urlsafe(TOKEN_CHARACTERS)[:TOKEN_CHARACTERS], world.clock.now()
    world.store.run(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)",
        token,
        family,
        now,
        now + LIFE_S - OVERLAP_S,
        now + LIFE_S,
        int(forced),
    )
    return token


def _end_earlier(world: World, family: str, *, at: float) -> None:
    world.store.run("UPDATE tokens SET expires_at = ? WHERE family = ? AND expires_at > ?", at, family, at)


def _answer(token: str, expires_in: int) -> dict[str, Any]:
    return {"access_token": token, "expires_in": expires_in}
