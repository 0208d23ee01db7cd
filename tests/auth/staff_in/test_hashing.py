"""What a hash costs: the usual price everywhere, a small one for a demonstration's random passwords only."""

import secrets
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from auth.credentials import hashing
from kit import config
from kit.config import Settings

pytestmark = pytest.mark.anyio

NEEDED: dict[str, Any] = {  # what production does not start without
    "database_url": "postgres://office", "secret_key": secrets.token_urlsafe(32), "field_keys": "a:b", "index_key": "c",
    "public_url": "https://office.example",
}  # fmt: skip
USUAL = "$argon2id$v=19$m=65536,t=3,p=4$"


@pytest.mark.parametrize(
    ("env", "for_show", "begins"),
    [
        ("demo", False, USUAL),
        ("demo", True, "$argon2id$v=19$m=8192,t=1,p=1$"),
        ("production", False, USUAL),
        ("production", True, USUAL),
    ],
)
async def test_only_a_demonstration_hashes_at_a_small_cost(
    env: Literal["demo", "production"], for_show: bool, begins: str
) -> None:
    config.install(Settings(_env_file=None, env=env, **NEEDED))
    hash_ = await hashing.hashed("Haizhu-window-7", for_show=for_show)
    assert hash_.startswith(begins)
    assert await hashing.fits(hash_, "Haizhu-window-7")
    assert not await hashing.fits(hash_, "Haizhu-window-8")


def test_nobodys_hash_is_compared_with_to_the_end() -> None:
    assert hashing.NOBODY.startswith(USUAL)
    with pytest.raises(VerifyMismatchError):  # a hash that cannot be read is refused without the work
        PasswordHasher().verify(hashing.NOBODY, "Haizhu-window-7")
    parts = [PasswordHasher().hash("x").split("$"), hashing.NOBODY.split("$")]
    assert len({tuple(len(part) for part in one) for one in parts}) == 1  # as long a salt and a digest
