"""
Anchors of the audit chain outside the database: each minute its last row's number and digest go to the file store,
signed.

Whoever can write to the database can rebuild a chain, but not what was anchored. Keep `audit/` of the store where
nobody can overwrite (S3 object lock, a second site): then a cut or rebuilt chain is found up to the last minute.
"""

import json
from dataclasses import dataclass
from typing import Any

from kit import audit, clock, crypto, db, storage
from kit.audit import Broken
from kit.jobs import job
from kit.log import logger

log = logger("audit")
FOLDER = "audit/anchors"


@dataclass(frozen=True)
class Anchor:
    seq: int
    digest: str


@job(every="* * * * *")
async def anchor_the_chain() -> None:
    """Every minute."""
    await drop_anchor()


async def drop_anchor() -> Anchor | None:
    """Writes down where the chain stands; None when it has no row yet. Repeating it changes nothing."""
    rows = await db.fetch("SELECT seq, digest FROM kit_audit ORDER BY seq DESC LIMIT 1")
    if not rows:
        return None
    anchor = Anchor(rows[0]["seq"], rows[0]["digest"])
    told = {"seq": anchor.seq, "digest": anchor.digest, "at": clock.now().isoformat(), "mac": _mac(anchor)}
    await storage.put(f"{FOLDER}/{anchor.seq:015}", json.dumps(told).encode())
    log.info("audit_anchored", seq=anchor.seq)
    return anchor


def _mac(anchor: Anchor) -> str:
    return crypto.blind_index(f"{anchor.seq}:{anchor.digest}", purpose="audit.anchor")


async def proven() -> tuple[int, Broken | None]:
    """
    Walks the chain and holds it against its anchors: rows that hold, and the first place that does not.

    The walk names the row; an anchor can only tell between which two anchors a chain was made anew.
    """
    held, broken = await audit.verify()
    last_good, loose = await _loose_anchor()
    if loose is None or (broken is not None and broken.seq <= loose.seq):
        return held, broken
    if loose.seq > held:
        return held, Broken(held + 1, "rows were cut from the end")
    return last_good, Broken(last_good + 1, f"the chain was rebuilt, between here and row {loose.seq}")


async def _loose_anchor() -> tuple[int, Anchor | None]:
    """The last row an anchor vouches for, and the first anchor that does not fit the chain or is not ours."""
    last_good = 0
    for name in await storage.names(FOLDER):
        anchor = _read(await storage.get(name))
        if anchor is None:
            return last_good, Anchor(last_good + 1, "")
        if await db.fetch_value("SELECT digest FROM kit_audit WHERE seq = $1", anchor.seq) != anchor.digest:
            return last_good, anchor
        last_good = anchor.seq
    return last_good, None


def _read(content: bytes) -> Anchor | None:
    """The anchor, when it is one of ours."""
    try:
        told: dict[str, Any] = json.loads(content)
        anchor = Anchor(int(told["seq"]), str(told["digest"]))
    except (ValueError, KeyError, TypeError):
        return None
    return anchor if told.get("mac") == _mac(anchor) else None
