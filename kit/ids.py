"""Identifiers: opaque, unguessable, and short codes that people can read aloud."""

import secrets
from uuid import UUID, uuid4

# No 0 O 1 I L: a code is read from paper and typed on a phone.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_id() -> UUID:
    """122 random bits; ids in URLs cannot be counted up."""
    return uuid4()


def readable_code(length: int) -> str:
    """`length` characters of 4.95 bits each, without look-alikes."""
    return "".join(secrets.choice(READABLE) for _ in range(length))
