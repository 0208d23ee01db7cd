"""
RSA2, the signatures of Alipay's gateway: requests sorted, answers to the byte.

The signed part of an answer is the text of its content exactly as received. It is cut out, never written again: spaces,
the order of names and escapes would differ. Where it ends is found by a JSON reader, so braces within strings do not
mislead. Pure functions; payments through the same gateway may use them too.
"""

import base64
import json
import re
from collections.abc import Mapping
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from kit.config import BadConfiguration

SPACE = re.compile(r"[ \t\n\r]*")
SUCCESS = "10000"
ERROR_NODE = "error_response"


class Malformed(ValueError):
    """Not an answer of the gateway."""


class NotAuthentic(Exception):
    """An answer that Alipay's key did not sign."""


def text_to_sign(parameters: Mapping[str, str]) -> str:
    """`a=1&b=2` by name, without `sign` and empty values, with `sign_type`; values raw, not URL-encoded."""
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "sign" and parameters[name])


def signature(text: str, key: RSAPrivateKey) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256 over UTF-8, base64."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def signed_by(key: RSAPublicKey, text: str | bytes, sign: str) -> bool:
    """`text` as characters (UTF-8), or as the bytes that came."""
    try:
        content = text if isinstance(text, bytes) else text.encode()
        key.verify(base64.b64decode(sign, validate=True), content, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):  # ValueError: not base64, or not text that has bytes
        return False
    return True


def content_of(body: bytes, *, method: str, key: RSAPublicKey, unsigned_refusals: bool = True) -> dict[str, Any]:
    """
    The verified content of the answer to `method`, be it an answer or a refusal.

    A refusal may come unsigned (the gateway cannot always tell whom it answers). Who signs in gains nothing by forging
    one; where a forged "no such order" would close an order that is paid, `unsigned_refusals` are not taken.

    Raises: Malformed; NotAuthentic.
    """
    parts = raw_members(_text(body))
    nodes = [name for name in (f"{method.replace('.', '_')}_response", ERROR_NODE) if name in parts]
    if len(nodes) != 1:
        raise Malformed("one content was expected")
    raw = parts[nodes[0]]
    content, sign = json.loads(raw), json.loads(parts.get("sign", "null"))
    if not isinstance(content, dict):
        raise Malformed("the content is no object")
    if not sign and content.get("code") and not succeeded(content) and unsigned_refusals:
        return content
    if not isinstance(sign, str) or not signed_by(key, raw, sign):
        raise NotAuthentic
    return content


def succeeded(content: Mapping[str, Any]) -> bool:
    """Older methods, the login among them, leave the code out when all went well."""
    return bool(content.get("code", SUCCESS) == SUCCESS)


def raw_members(text: str) -> dict[str, str]:
    """The members of a JSON object, each value as the text it was written in. Raises Malformed."""
    found: dict[str, str] = {}
    decoder = JSONDecoder()
    at, more = _past(text, _space(text, 0), "{"), True
    try:
        while more:
            name, at = decoder.raw_decode(text, _space(text, at))
            start = _space(text, _past(text, _space(text, at), ":"))
            _, at = decoder.raw_decode(text, start)
            if not isinstance(name, str) or name in found:
                raise Malformed("names are texts, each there once")
            found[name] = text[start:at]
            at = _space(text, at)
            more = text[at : at + 1] == ","
            at += more
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from None
    if _space(text, _past(text, at, "}")) != len(text):
        raise Malformed("something follows the answer")
    return found


def private_key(path: Path, *, setting: str) -> RSAPrivateKey:
    """PEM, or the bare base64 that Alipay's key tool writes. Raises BadConfiguration naming the setting."""
    try:
        content = path.read_bytes().strip()
        pem = content.startswith(b"-----")
        key = load_pem_private_key(content, None) if pem else load_der_private_key(base64.b64decode(content), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadConfiguration(f"{setting} must name a file with an RSA private key without a password") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadConfiguration(f"{setting} must hold an RSA key")
    return key


def public_key(path: Path, *, setting: str) -> RSAPublicKey:
    """PEM, or the bare base64 that Alipay's console shows. Raises BadConfiguration naming the setting."""
    try:
        content = path.read_bytes().strip()
        pem = content.startswith(b"-----")
        key = load_pem_public_key(content) if pem else load_der_public_key(base64.b64decode(content))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise BadConfiguration(f"{setting} must name a file with Alipay's RSA public key") from error
    if not isinstance(key, RSAPublicKey):
        raise BadConfiguration(f"{setting} must hold an RSA key")
    return key


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


def _space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _past(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise Malformed(f"{mark} was expected at {at}")
    return at + 1
