"""
One organisation as DingTalk and WeCom know it: its members, people beside it, the codes their phones agree to, and the
tokens of its app. Kept in the store, apart from everything the payment platforms know.
"""

import secrets
from sqlite3 import Row

from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.founding import joined
from miniapp_stub.sandbox.world import World

KINDS = ("dingtalk", "wecom")
SCENES = ("app", "scan")
CODE_LIFE_S = 5 * MINUTE
TOKEN_LIFE_S = 7200


class MemberRefused(ValueError):
    """An unknown kind or scene, or nobody by that id."""


def join(world: World, kind: str, *, userid: str, name: str, member: bool) -> Row:
    """Make or change somebody. Raises MemberRefused for an unknown kind."""
    if kind not in KINDS:
        raise MemberRefused(f"kind must be one of {', '.join(KINDS)}")
    joined(world.store, kind, userid=userid, name=name, member=member)
    return person(world, kind, userid=userid)


def person(world: World, kind: str, *, userid: str) -> Row:
    """Raises MemberRefused."""
    row = world.store.one("SELECT * FROM organisation_people WHERE kind = ? AND userid = ?", kind, userid)
    if row is None:
        raise MemberRefused("nobody has this id; make them with POST /_sandbox/organisation/people")
    return row


def people(world: World, kind: str) -> list[Row]:
    return world.store.all("SELECT * FROM organisation_people WHERE kind = ? ORDER BY rowid", kind)


def mint_code(world: World, kind: str, *, userid: str, scene: str) -> str:
    """What the phone hands over when its owner agrees: single use, five minutes. Raises MemberRefused."""
    if scene not in SCENES:
        raise MemberRefused(f"scene must be one of {', '.join(SCENES)}")
    person(world, kind, userid=userid)
    code = secrets.token_hex(16)
    world.store.run(
        "INSERT INTO organisation_codes VALUES (?, ?, ?, ?, ?, NULL)", code, kind, scene, userid, world.clock.now()
    )
    return code


def take_code(world: World, kind: str, *, code: str, scenes: tuple[str, ...]) -> Row | None:
    """Whose code it is, once; None for one that is used, too old, of another kind or scene."""
    row = world.store.one(
        "SELECT * FROM organisation_codes WHERE code = ? AND kind = ? AND used_at IS NULL AND issued_at > ?",
        code,
        kind,
        world.clock.now() - CODE_LIFE_S,
    )
    if row is None or row["scene"] not in scenes:
        return None
    world.store.run("UPDATE organisation_codes SET used_at = ? WHERE code = ?", world.clock.now(), code)
    return person(world, kind, userid=str(row["userid"]))


def app_token(world: World, kind: str) -> tuple[str, int]:
    """The living token of the app again, or a new one; with the seconds it has left."""
    now = world.clock.now()
    row = world.store.one(
        "SELECT * FROM organisation_tokens WHERE kind = ? AND userid IS NULL AND expires_at > ?"
        " ORDER BY issued_at DESC",
        kind,
        now,
    )
    if row is not None:
        return str(row["token"]), int(row["expires_at"] - now)
    return _issue(world, kind, userid=None), TOKEN_LIFE_S


def person_token(world: World, kind: str, *, userid: str) -> str:
    return _issue(world, kind, userid=userid)


def _issue(world: World, kind: str, *, userid: str | None) -> str:
    token, now = secrets.token_hex(32), world.clock.now()
    world.store.run(
        "INSERT INTO organisation_tokens VALUES (?, ?, ?, ?, ?)", token, kind, userid, now, now + TOKEN_LIFE_S
    )
    return token


def living_token(world: World, kind: str, *, token: str) -> Row | None:
    """The token with whose it is (nobody's when it is the app's); None when unknown; check `expires_at`."""
    return world.store.one("SELECT * FROM organisation_tokens WHERE kind = ? AND token = ?", kind, token)


def end_tokens(world: World, kind: str) -> int:
    """All app tokens end now, before their time, as they do when somebody resets the app's secret."""
    return world.store.run("DELETE FROM organisation_tokens WHERE kind = ? AND userid IS NULL", kind)
