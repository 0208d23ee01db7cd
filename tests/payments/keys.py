"""Throw-away RSA keys that everybody can derive again, so that vectors need no key files."""

import hashlib
import math
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def _is_prime(n: int) -> bool:
    """Miller–Rabin with forty fixed bases."""
    for small in BASES:
        if n % small == 0:
            return n == small
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(
        _passes(n, base=int.from_bytes(hashlib.sha256(b"mr%d" % i).digest(), "big") % (n - 3) + 2, odd=odd, twos=twos)
        for i in range(40)
    )


def _passes(n: int, *, base: int, odd: int, twos: int) -> bool:
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def _prime(tag: bytes) -> int:
    """The first fitting prime at or after the seed, both top bits set."""
    digest = hashlib.sha512(tag + b"1").digest() + hashlib.sha512(tag + b"2").digest()
    x = int.from_bytes(digest, "big") | (3 << 1022) | 1
    while not (_is_prime(x) and math.gcd(x - 1, 65537) == 1):
        x += 2
    return x


@cache
def key(name: str) -> RSAPrivateKey:
    """`merchant` signs what we send, `platform` plays WeChat Pay."""
    p, q = _prime(f"{name}-p".encode()), _prime(f"{name}-q".encode())
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def private_pem(name: str) -> bytes:
    return key(name).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(name: str) -> bytes:
    return (
        key(name).public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def fingerprint(name: str) -> str:
    der = (
        key(name).public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return hashlib.sha256(der).hexdigest()
