"""Throw-away RSA keys derived from names, so that signatures in vectors stay the same and no key file is kept."""

import hashlib
import math
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

_SMALL = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


@cache
def derived_key(name: str) -> rsa.RSAPrivateKey:
    """The 2048-bit key of a name (`merchant`, `platform`)."""
    p, q = _prime(f"{name}-p".encode()), _prime(f"{name}-q".encode())
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _prime(tag: bytes) -> int:
    seed = hashlib.sha512(tag + b"1").digest() + hashlib.sha512(tag + b"2").digest()
    number = int.from_bytes(seed, "big") | (3 << 1022) | 1
    while not (_is_prime(number) and math.gcd(number - 1, 65537) == 1):
        number += 2
    return number


def _is_prime(n: int) -> bool:
    """Miller-Rabin with forty fixed bases."""
    if any(n % q == 0 for q in _SMALL):
        return n in _SMALL
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    return all(_passes(n, d, s, base=_base(i, n)) for i in range(40))


def _base(i: int, n: int) -> int:
    return int.from_bytes(hashlib.sha256(b"mr%d" % i).digest(), "big") % (n - 3) + 2


def _passes(n: int, d: int, s: int, *, base: int) -> bool:
    x = pow(base, d, n)
    if x in (1, n - 1):
        return True
    for _ in range(s - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False
