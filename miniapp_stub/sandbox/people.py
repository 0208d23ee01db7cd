"""The people behind the phones, and the codes their phones hand out."""

import re
import secrets
import string
from sqlite3 import Row

from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.world import World

CODE_LIFE_S = 5 * MINUTE
PLATFORMS = ("wechat", "alipay")
PHONE = re.compile(r"1[3-9]\d{9}")
STRANGER = "stranger"
"""Phone entry of the person who scans a code without saying who they are."""


class PersonRefused(ValueError):
    """Unknown platform, impossible phone number, or nobody by that openid."""


def register(world: World, *, platform: str, phone: str, high_risk: bool = False) -> str:
    """Return the openid of the person with this phone on this platform; the same phone is the same person."""
    if platform not in PLATFORMS:
        raise PersonRefused(f"platform must be one of {', '.join(PLATFORMS)}")
    if phone != STRANGER and not PHONE.fullmatch(phone):
        raise PersonRefused("phone must be a mainland mobile number of 11 digits")
    world.store.run(
        "INSERT INTO people (openid, platform, phone, high_risk, created_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (platform, phone) DO UPDATE SET high_risk = excluded.high_risk",
        _new_openid(platform),
        platform,
        phone,
        int(high_risk),
        world.clock.now(),
    )
    row = world.store.one("SELECT openid FROM people WHERE platform = ? AND phone = ?", platform, phone)
    assert row is not None
    return str(row["openid"])


def person(world: World, openid: str) -> Row:
    """Look a person up.

    Raises PersonRefused when nobody has the openid.
    """
    row = world.store.one("SELECT * FROM people WHERE openid = ?", openid)
    if row is None:
        raise PersonRefused("no person has this openid; make one with POST /_sandbox/people")
    return row


def hand_out_codes(world: World, *, openid: str, appid: str | None = None) -> dict[str, str]:
    """What `wx.login` and the phone-number button give the app: two codes, single use, five minutes.

    `appid` lets a test mint codes that belong to another app.
    """
    appid = appid or world.credentials.app_id
    with world.store.transaction():
        return {f"{kind}_code": mint_code(world, kind=kind, openid=openid, appid=appid) for kind in ("login", "phone")}


def mint_code(world: World, *, kind: str, openid: str, appid: str) -> str:
    """A fresh code of an existing person.

    Raises PersonRefused.
    """
    person(world, openid)
    code = secrets.token_hex(16 if kind == "login" else 32)
    world.store.run(
        "INSERT INTO codes (code, kind, openid, appid, issued_at) VALUES (?, ?, ?, ?, ?)",
        code,
        kind,
        openid,
        appid,
        world.clock.now(),
    )
    return code


def living_code(world: World, code: str, *, kind: str) -> Row | None:
    """The code's row when it is of this kind, unused and younger than five minutes; else None."""
    return world.store.one(
        "SELECT * FROM codes WHERE code = ? AND kind = ? AND used_at IS NULL AND issued_at > ?",
        code,
        kind,
        world.clock.now() - CODE_LIFE_S,
    )


def use_code(world: World, code: str) -> None:
    world.store.run("UPDATE codes SET used_at = ? WHERE code = ?", world.clock.now(), code)


def _new_openid(platform: str) -> str:
    """As long as each platform writes it: 28 characters, or 47 at Alipay, where columns may turn out too narrow."""
    if platform == "wechat":
        return f"o{secrets.token_urlsafe(21)[:27]}"
    return "0" + "".join(secrets.choice(string.ascii_letters + string.digits + "-_") for _ in range(46))
