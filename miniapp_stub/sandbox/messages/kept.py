"""The platform's own truth: who may be sent what once more, and what came to whose phone."""

import json
import secrets
from typing import Any

from miniapp_stub.sandbox.clock import rfc3339
from miniapp_stub.sandbox.world import World

ANSWERS = ("accept", "reject", "ban", "filter")


def agree(world: World, *, openid: str, template_id: str) -> int:
    """One tap on "allow": one more message may be sent. The credits there are now."""
    world.store.run(
        "INSERT INTO subscriptions VALUES (?, ?, 1)"
        " ON CONFLICT (openid, template_id) DO UPDATE SET credits = credits + 1",
        openid, template_id,
    )  # fmt: skip
    return credits_of(world, openid=openid, template_id=template_id)


def credits_of(world: World, *, openid: str, template_id: str) -> int:
    row = world.store.one("SELECT credits FROM subscriptions WHERE openid = ? AND template_id = ?", openid, template_id)
    return int(row["credits"]) if row else 0


def withdraw(world: World, *, openid: str) -> None:
    """The person switched messages off in the platform's settings: every credit is gone."""
    world.store.run("UPDATE subscriptions SET credits = 0 WHERE openid = ?", openid)


def spend(world: World, *, openid: str, template_id: str) -> bool:
    """Takes one credit; False when there is none."""
    taken = "UPDATE subscriptions SET credits = credits - 1 WHERE openid = ? AND template_id = ? AND credits > 0"
    return bool(world.store.run(taken, openid, template_id))


def deliver(
    world: World, platform: str, recipient: str, *, title: str, content: dict[str, str], page: str = "",
    template_id: str = "",
) -> str:  # fmt: skip
    """It came to the phone. The platform's number of the message."""
    number = f"{secrets.randbelow(10**18):018d}"
    world.store.run(
        "INSERT INTO messages (number, platform, recipient, template_id, title, page, content, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        number, platform, recipient, template_id, title, page, json.dumps(content, ensure_ascii=False),
        world.clock.now(),
    )  # fmt: skip
    return number


def delivered(world: World, *, recipient: str | None, platform: str | None, limit: int = 200) -> list[dict[str, Any]]:
    """What came to phones, the newest first."""
    rows = world.store.all(
        "SELECT * FROM messages WHERE (?1 IS NULL OR recipient = ?1) AND (?2 IS NULL OR platform = ?2)"
        " ORDER BY id DESC LIMIT ?3",
        recipient, platform, limit,
    )  # fmt: skip
    kept = ("number", "platform", "recipient", "template_id", "title", "page")
    return [
        {name: row[name] for name in kept} | {"content": json.loads(row["content"]), "at": rfc3339(row["at"])}
        for row in rows
    ]
