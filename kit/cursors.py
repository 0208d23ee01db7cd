"""
Where a page of a list ended, as clients hand it back.

    after = place_in("bills", query.cursor, date, UUID)        # None without a cursor
    next_cursor = end_of("bills", last.due_on, last.id)

A cursor is opaque: the values, with the name of their list, signed. One of another list, of another office or made up
is refused, so a list never begins at a place that it did not name itself.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar, overload
from uuid import UUID

from kit.config import Settings, current
from kit.errors import FieldError, InvalidRequest
from kit.texts import text

SIGNED = 9  # bytes; together with short values a cursor stays below a hundred characters
_READ: dict[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
    int: int,
    str: str,
}
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def end_of(what: str, *place: date | UUID | int | str) -> str:
    """The cursor of the list `what` behind the row at `place`."""
    told = [value.isoformat() if isinstance(value, date) else str(value) for value in place]
    values = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(what, values) + values).decode().rstrip("=")


@overload
def place_in(what: str, cursor: str | None, first: type[A], /) -> tuple[A] | None: ...
@overload
def place_in(what: str, cursor: str | None, first: type[A], second: type[B], /) -> tuple[A, B] | None: ...
@overload
def place_in(
    what: str, cursor: str | None, first: type[A], second: type[B], third: type[C], /
) -> tuple[A, B, C] | None: ...


def place_in(what: str, cursor: str | None, /, *kinds: type) -> tuple[Any, ...] | None:
    """The values that `end_of` was given; None without a cursor. Raises InvalidRequest for one we did not make."""
    if not cursor:
        return None
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        signature, values = whole[:SIGNED], whole[SIGNED:]
        if not hmac.compare_digest(signature, _sign(what, values)):
            raise ValueError
        return tuple(_READ[kind](value) for kind, value in zip(kinds, json.loads(values), strict=True))
    except ValueError:
        wrong = FieldError(field="cursor", code="invalid", detail=text("翻页标记无效", "This cursor is not valid"))
        raise InvalidRequest(errors=[wrong]) from None


def _sign(what: str, values: bytes) -> bytes:
    secret = current(Settings).secret_key.get_secret_value().encode()
    key = hashlib.sha256(b"handheld cursor\0" + secret).digest()
    return hashlib.blake2b(what.encode() + b"\0" + values, key=key, digest_size=SIGNED).digest()
