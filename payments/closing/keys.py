"""
The keys that sign statements: Ed25519 (RFC 8037), kept apart from those of access tokens, whose private halves go when
their tokens have ended. The public half of every key stays, so that a statement can be proven after years.
"""

from auth.keys import SigningKey, fresh_key, loaded
from kit import audit, clock, crypto, db
from payments.closing.models import StatementKey

PURPOSE = "statement"
KEY_LOCK = 0x48484F81  # advisory lock: one key is made, however many ask for the first


def place_of(key: str) -> str:
    return f"closing_key.private:{key}"


async def signing_key() -> SigningKey:
    """The key that signs now, made when there is none. Joins the open transaction."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", KEY_LOCK)
        row = await StatementKey.get_or_none(retired_at=None)
        return await _make(by="system") if row is None else _opened(row)


async def rotate(*, by: str) -> SigningKey:
    """Another key signs from now on; the private half of the former one is destroyed, its public half stays."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", KEY_LOCK)
        await StatementKey.filter(retired_at=None).update(retired_at=clock.now(), private_sealed=None)
        return await _make(by=by)


async def _make(*, by: str) -> SigningKey:
    key = fresh_key("EdDSA")
    await StatementKey.create(
        id=key.id, algorithm=key.algorithm, private_sealed=crypto.seal(key.as_pem(), bound_to=place_of(key.id)),
        public=key.as_jwk(), created_at=clock.now(),
    )  # fmt: skip
    await audit.record(actor=by, action="statement_key.made", subject=f"statement_key:{key.id}")
    return key


def _opened(row: StatementKey) -> SigningKey:
    assert row.private_sealed is not None, "a key that signs has its private half"
    material = loaded(crypto.unseal(row.private_sealed, bound_to=place_of(row.id)).encode(), "FIELD_KEYS")
    return SigningKey(material.id, material.private, PURPOSE)


async def public_keys() -> list[dict[str, str]]:
    """The public halves of all keys that ever signed (RFC 7517)."""
    return [row.public for row in await StatementKey.all().order_by("created_at")]
