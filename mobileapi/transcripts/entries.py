"""
What a transcript says, and the chain of digests over it. Pure.

Each entry is canonical JSON (RFC 8785 for the values that occur: sorted names, no blanks, UTF-8). The chain begins with
the digest of the head; each link is SHA-256(link before ‖ entry), so that an entry changed, left out, added or moved
gives another end.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

Json = dict[str, Any]
CHANGES = ("edit", "recall")


class Variant(StrEnum):
    """For whom: the citizen's own view; the whole sequence, for staff; and with internal notes."""

    citizen = "citizen"
    staff = "staff"
    internal = "internal"


@dataclass(frozen=True)
class Said:
    """One stored message or note. A note stands behind message `seq`, and `note` tells them apart."""

    seq: int
    role: str
    name: str
    kind: str
    body: Mapping[str, Any]
    at: datetime
    note: bool = False


def as_read(said: Sequence[Said], variant: Variant, *, digests: Mapping[UUID, str]) -> list[Json]:
    """
    The entries of a variant, in order. `digests`: upload → SHA-256 of the picture as it is kept.

    The citizen reads what they see: a message as it was last edited, nothing of a recalled one. Staff read what was
    written, each version at its own place.
    """
    last = _last_changes(said)
    shown = [one for one in said if variant is Variant.internal or not one.note]
    return [_entry(one, variant, change=None if one.note else last.get(one.seq), digests=digests) for one in shown]


def _last_changes(said: Iterable[Said]) -> dict[int, Said]:
    """Message → the change that decides how it reads: a recall, else the latest edit."""
    last: dict[int, Said] = {}
    for one in said:
        if one.kind in CHANGES and not one.note:
            of = int(one.body["of"])
            if last.get(of) is None or last[of].kind != "recall":
                last[of] = one
    return last


def _entry(one: Said, variant: Variant, *, change: Said | None, digests: Mapping[UUID, str]) -> Json:
    entry: Json = {
        "seq": one.seq, "at": one.at.astimezone(UTC).isoformat(timespec="microseconds"), "role": one.role,
        "name": one.name, "kind": "note" if one.note else one.kind, "body": _body(one, variant, digests),
    }  # fmt: skip
    if change is not None:
        entry["changed"] = change.kind
        entry["changed_by"] = change.seq
        if variant is Variant.citizen:
            entry["body"] = {} if change.kind == "recall" else {**entry["body"], "text": change.body.get("text", "")}
    return entry


def _body(one: Said, variant: Variant, digests: Mapping[UUID, str]) -> Json:
    if one.kind in CHANGES and variant is Variant.citizen:
        return {"of": one.body["of"]}
    if one.kind == "image" and "upload" in one.body:
        return {**one.body, "sha256": digests.get(UUID(str(one.body["upload"])), "")}
    return dict(one.body)


def canonical(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chained(head: Json, entries: Iterable[Json]) -> str:
    """The end of the chain, as 64 hexadecimal figures."""
    link = hashlib.sha256(canonical(head)).digest()
    for entry in entries:
        link = hashlib.sha256(link + canonical(entry)).digest()
    return link.hex()
