"""
Alipay on the wire: what our requests are wrapped in, how answers and notices are proven and read.

Requests and answers are RSA2 (`auth.platforms.rsa2`): the signed text of an answer is its content exactly as received.
A notice is a form, decoded once; its values are joined by name and the signature covers their bytes, whatever charset
they are in.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from auth.platforms import rsa2
from kit import strictjson
from kit.config import BadConfiguration
from kit.errors import Unreadable
from kit.money import fen_from_yuan
from payments.channels.base import BEIJING, ChannelUnknown, NotAuthentic, Unintelligible

YUAN = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
NAME = re.compile(rb"[A-Za-z0-9_.]{1,64}")
ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}
FIELDS = 100  # a notice has some thirty


def own_key(path: Path | None) -> RSAPrivateKey:
    """Raises BadConfiguration naming the setting."""
    setting = "HANDHELD_ALIPAY_PRIVATE_KEY_FILE"
    if path is None:
        raise BadConfiguration(f"{setting} must be set together with HANDHELD_ALIPAY_SELLER_ID")
    return rsa2.private_key(path, setting=setting)


def their_keys(path: Path | None, *, former: Path | None) -> tuple[RSAPublicKey, ...]:
    """Alipay's key, and the former one while both sign. Raises BadConfiguration naming the setting."""
    setting = "HANDHELD_ALIPAY_PUBLIC_KEY_FILE"
    if path is None:
        raise BadConfiguration(f"{setting} must be set together with HANDHELD_ALIPAY_SELLER_ID")
    keys = (rsa2.public_key(path, setting=setting),)
    if former is None:
        return keys
    return (*keys, rsa2.public_key(former, setting="HANDHELD_ALIPAY_FORMER_PUBLIC_KEY_FILE"))


def proven_content(body: bytes, *, method: str, keys: Iterable[RSAPublicKey]) -> dict[str, Any]:
    """
    The content of an answer that Alipay signed, be it a refusal. An unsigned refusal proves nothing.

    Raises: ChannelUnknown; what was asked may have been done.
    """
    for key in keys:
        try:
            rsa2.content_of(body, method=method, key=key, unsigned_refusals=False)
            return _read_strictly(body, method=method)
        except rsa2.NotAuthentic:
            continue
        except (ValueError, RecursionError) as error:
            raise ChannelUnknown("an answer that cannot be read", maybe_done=True) from error
    raise ChannelUnknown("the signature of an answer does not hold", maybe_done=True)


def _read_strictly(body: bytes, *, method: str) -> dict[str, Any]:
    """The content once more, by the reader that refuses a name twice: which of two amounts was meant?"""
    parts = rsa2.raw_members(body.decode())
    raw = parts.get(f"{method.replace('.', '_')}_response") or parts[rsa2.ERROR_NODE]
    try:
        content: dict[str, Any] = strictjson.read(raw)
    except Unreadable as error:
        raise ChannelUnknown("an answer that cannot be read", maybe_done=True) from error
    return content


class NoticeForm:
    """
    The fields of a notice, as bytes, each there once.

    Raises: Unintelligible for anything but a form (a name twice, a broken escape, too many fields).
    """

    def __init__(self, content: bytes) -> None:
        self._fields: dict[bytes, bytes] = {}
        pairs = content.split(b"&")
        if len(pairs) > FIELDS:
            raise Unintelligible("too many fields")
        for pair in pairs:
            name, equals, value = pair.partition(b"=")
            if not equals or not NAME.fullmatch(name) or name in self._fields or ESCAPE.search(value):
                raise Unintelligible("not a form of single fields")
            self._fields[name] = unquote_to_bytes(value.replace(b"+", b" "))

    def signed_bytes(self, *, with_sign_type: bool) -> bytes:
        """What the signature covers: values as they are, by name, without `sign` and what is empty."""
        left_out = {b"sign"} if with_sign_type else {b"sign", b"sign_type"}
        fields = self._fields
        return b"&".join(name + b"=" + fields[name] for name in sorted(fields) if name not in left_out and fields[name])

    def prove(self, keys: Iterable[RSAPublicKey]) -> None:
        """One rule for all products: signed with `sign_type` among the fields, or without. Raises NotAuthentic."""
        sign = self._fields.get(b"sign", b"").decode("ascii", "replace")
        if self._fields.get(b"sign_type", b"RSA2") != b"RSA2" or not 0 < len(sign) <= 1024:
            raise NotAuthentic("no RSA2 signature")
        texts = [self.signed_bytes(with_sign_type=True), self.signed_bytes(with_sign_type=False)]
        if not any(rsa2.signed_by(key, text, sign) for text in texts for key in keys):
            raise NotAuthentic("the signature does not hold")

    def texts(self) -> dict[str, str]:
        """The fields in the charset they name. Raises Unintelligible when it is unknown or not theirs."""
        charset = CHARSETS.get(self._fields.get(b"charset", b"utf-8").decode("ascii", "replace").lower())
        if charset is None:
            raise Unintelligible("an unknown charset")
        try:
            read = {name.decode("ascii"): value.decode(charset) for name, value in self._fields.items()}
        except UnicodeDecodeError as error:
            raise Unintelligible("not in the charset it names") from error
        if any("\0" in value for value in read.values()):
            raise Unintelligible("U+0000")
        return read


def fen(value: object) -> int | None:
    """`"123.45"` → 12345; None for anything but a plain amount of yuan."""
    return fen_from_yuan(value) if isinstance(value, str) and YUAN.fullmatch(value) else None


def instant(value: object) -> datetime | None:
    """`2026-01-02 08:00:05` in Beijing → UTC; None for anything else."""
    try:
        read = datetime.strptime(str(value)[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return read.astimezone(UTC)


def beijing_text(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def word_of(said: Mapping[str, Any]) -> str:
    """The telling part of a sub code: `ACQ.TRADE_NOT_EXIST`, with or without what some answers put before it."""
    return str(said.get("sub_code") or said.get("code") or "").removeprefix("aop.")[:64]
