"""Login: `alipay.system.oauth.token`. A code or a refresh token gives the open id and new tokens, once."""

import secrets

from miniapp_stub.sandbox.alipay.errors import GatewayRefusal
from miniapp_stub.sandbox.clock import DAY, bill_time
from miniapp_stub.sandbox.people import living_code, use_code
from miniapp_stub.sandbox.world import World

ACCESS_LIFE_S = 15 * DAY
REFRESH_LIFE_S = 30 * DAY


def oauth_token(world: World, asked: dict[str, str]) -> dict[str, object]:
    """The parameters stand beside the public ones, never in `biz_content`. Raises GatewayRefusal.

    New mini programs get `open_id` and no `user_id`; success has no `code`.
    """
    match asked.get("grant_type", ""):
        case "":
            raise GatewayRefusal("isv.missing-grant-type")
        case "authorization_code":
            return _by_code(world, asked.get("code", ""))
        case "refresh_token":
            return _by_refresh_token(world, asked.get("refresh_token", ""))
        case _:
            raise GatewayRefusal("isv.grant-type-invalid")


def _by_code(world: World, code: str) -> dict[str, object]:
    if not code:
        raise GatewayRefusal("isv.missing-code")
    row = living_code(world, code, kind="login")
    if row is None or row["appid"] != world.alipay.app_id:
        raise GatewayRefusal("isv.code-invalid")
    with world.store.transaction():
        use_code(world, code)
        return _fresh_tokens(world, str(row["openid"]))


def _by_refresh_token(world: World, token: str) -> dict[str, object]:
    if not token:
        raise GatewayRefusal("isv.missing-refresh-token")
    row = world.store.one("SELECT * FROM alipay_tokens WHERE refresh_token = ? AND used_at IS NULL", token)
    if row is None:
        raise GatewayRefusal("isv.refresh-token-invalid")
    now = world.clock.now()
    if row["refresh_ends_at"] <= now:
        raise GatewayRefusal("isv.refresh-token-time-out")
    with world.store.transaction():
        world.store.run("UPDATE alipay_tokens SET used_at = ? WHERE refresh_token = ?", now, token)
        return _fresh_tokens(world, str(row["openid"]))


def _fresh_tokens(world: World, openid: str) -> dict[str, object]:
    access, refresh = f"authusrB{secrets.token_hex(16)}", f"authusrB{secrets.token_hex(16)}"
    now = world.clock.now()
    world.store.run(
        "INSERT INTO alipay_tokens (refresh_token, access_token, openid, issued_at, refresh_ends_at)"
        " VALUES (?, ?, ?, ?, ?)",
        refresh,
        access,
        openid,
        now,
        now + REFRESH_LIFE_S,
    )
    return {
        "access_token": access,
        "auth_start": bill_time(now),
        "expires_in": ACCESS_LIFE_S,
        "open_id": openid,
        "re_expires_in": REFRESH_LIFE_S,
        "refresh_token": refresh,
    }
