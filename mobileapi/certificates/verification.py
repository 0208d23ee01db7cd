"""
The public check of a paper: whoever holds its code sees whether it is genuine, and the holder's name masked.

Rooms register what they issue: `register_verifier("certificate", lookup)`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from kit.texts import Text, text
from mobileapi.certificates.models import Certificate

CODE_CAP = 64


@dataclass(frozen=True)
class Verified:
    """A genuine paper. `status` is valid, expired, revoked or another word of the room; `rows` are shown as well."""

    kind: str
    number: str
    title: Text
    holder_masked: str
    issued_at: datetime
    issuer: Text
    status: str
    rows: list[tuple[Text, str]] = field(default_factory=list)


Lookup = Callable[[str], Awaitable[Verified | None]]
_lookups: dict[str, Lookup] = {}


def register_verifier(kind: str, lookup: Lookup) -> None:
    """`lookup(code)` answers the paper of that kind, or None. Codes have 128 bits: kinds do not collide."""
    _lookups[kind] = lookup


async def verified(code: str) -> Verified | None:
    """The paper with this code, of whatever kind."""
    if not 20 <= len(code) <= CODE_CAP or not code.isascii() or not code.isprintable():
        return None
    for lookup in _lookups.values():
        found = await lookup(code)
        if found is not None:
            return found
    return None


async def certificate_by_code(code: str) -> Verified | None:
    found = await Certificate.get_or_none(code=code.upper())
    if found is None:
        return None
    rows = [(text("电子证照标识", "Identifier"), found.identifier)]
    if found.valid_until is not None:
        rows.append((text("有效期至", "Valid until"), found.valid_until.isoformat()))
    return Verified(
        "certificate", found.number, Text.model_validate(found.title), found.holder_masked, found.issued_at,
        Text.model_validate(found.issuer), found.status, rows,
    )  # fmt: skip


register_verifier("certificate", certificate_by_code)
