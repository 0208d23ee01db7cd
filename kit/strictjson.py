"""JSON as RFC 8259 and I-JSON (RFC 7493) mean it: no NaN, no name twice, no lone surrogate, no U+0000, little depth."""

import json
from typing import Any

from kit.errors import Unreadable

DEPTH = 32
DIGITS = 19


def loads(raw: bytes) -> Any:
    """The value. Raises Unreadable for everything a careful client would never send."""
    try:
        decoded = raw.decode("utf-8")
    except ValueError:
        raise Unreadable from None
    return read(decoded)


def read(decoded: str) -> Any:
    """The same of text that is known to encode: a lone surrogate is refused here only where it is spelled out."""
    try:
        value = _DECODER.decode(decoded)
        if decoded.count("{") + decoded.count("[") >= DEPTH:  # fewer brackets cannot nest so deep
            _refuse_depth(value, DEPTH)
        if "\\u" in decoded:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate does not encode
            _refuse_nul(value)
    except (ValueError, RecursionError):
        raise Unreadable from None
    return value


def _refuse(_: str) -> Any:
    raise ValueError


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number


def _short(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        raise ValueError
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


_DECODER = json.JSONDecoder(  # made once: making it costs as much as reading a small frame
    parse_constant=_refuse, parse_float=_finite, parse_int=_short, object_pairs_hook=_unique
)


def _refuse_nul(value: Any) -> None:
    """PostgreSQL has no place for U+0000 in a text."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError
    elif isinstance(value, dict | list):
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            _refuse_nul(inner)


def _refuse_depth(value: Any, left: int) -> None:
    if left == 0:
        raise ValueError
    if isinstance(value, dict):
        for inner in value.values():
            if isinstance(inner, dict | list):
                _refuse_depth(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list):
                _refuse_depth(inner, left - 1)
