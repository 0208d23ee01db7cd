"""Renewing what is sealed with another key, while two other processes read and write it."""

import base64
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from pydantic import SecretStr

from auth.citizens import open_phone, seal_phone
from auth.models import Citizen
from kit import clock, config, crypto, db, sealed, storage
from kit.ids import new_id
from mobileapi.settings import OfficeSettings
from tests.house import pages

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
PEOPLE = 50_000 if os.environ.get("SLOW") else 1_000  # two sealed values each that are renewed, and one that is read


def fresh_key(name: str) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def install(settings: OfficeSettings, *ring: str, cipher: str = "aes-gcm") -> OfficeSettings:
    made = settings.model_copy(update={"field_keys": SecretStr(",".join(ring)), "field_cipher": cipher})
    config.install(made)
    return made


async def people(count: int) -> list[Citizen]:
    made = []
    for number in range(count):
        person = Citizen(id=new_id(), assurance="phone", created_at=clock.now())
        phone = f"199{number:08}"
        seal_phone(person, phone)
        person.name_sealed = crypto.seal(f"金丝雀{phone}", bound_to=f"auth_citizen.name:{person.id}")
        made.append(person)
    await Citizen.bulk_create(made, batch_size=2_000)
    return made


@contextmanager
def traffic(settings: OfficeSettings, url: str) -> Iterator[list[dict[str, int]]]:
    """Two processes at work on the rows; what they tell when they end."""
    told: list[dict[str, int]] = []
    env = os.environ | {
        "HANDHELD_DATABASE_URL": url, "HANDHELD_DATA_DIR": str(settings.data_dir), "HANDHELD_FIELD_CIPHER": settings.field_cipher,
        "HANDHELD_FIELD_KEYS": settings.field_keys.get_secret_value(),
        "HANDHELD_INDEX_KEY": settings.index_key.get_secret_value(),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.kit.sealed_traffic"]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=pages.ROOT)
        for _ in range(2)
    ]
    try:
        for worker in started:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        yield told
    finally:
        for worker in started:
            said, _ = worker.communicate("", timeout=60)
            told.append(json.loads(said.splitlines()[-1]))


async def test_all_rows_are_renewed_under_traffic_and_no_reading_fails(settings: OfficeSettings, database: str) -> None:
    old, new = fresh_key("k1"), fresh_key("k2")
    install(settings, old)
    await people(PEOPLE)
    both = install(settings, new, old)
    with traffic(both, database) as told:
        renewed = await sealed.reseal(batch=200)
    use = {(u.place, u.key_id): u.values for u in await sealed.status()}
    print(f"renewed {renewed.done} of {2 * PEOPLE}; {told}")
    assert renewed.unreadable == []
    assert PEOPLE < renewed.done <= 2 * PEOPLE, "those the others wrote meanwhile carry the new key already"
    assert use == {("auth_citizen.phone", "k2"): PEOPLE, ("auth_citizen.name", "k2"): PEOPLE}
    assert sum(t["failed"] for t in told) == 0
    assert min(t["read"] for t in told) > 20, "there was traffic"
    alone = install(settings, new)
    assert await sealed.missing_keys() == {}
    with traffic(alone, database) as told:
        assert (await sealed.reseal()).done == 0, "a second time there is nothing to do"
    assert sum(t["failed"] for t in told) == 0


async def test_values_of_another_cipher_are_renewed_too(settings: OfficeSettings) -> None:
    person = (await people(1))[0]
    ring = settings.field_keys.get_secret_value()
    install(settings, ring, cipher="sm4-gcm")
    assert (await sealed.reseal()).done == 2
    assert {u.cipher for u in await sealed.status()} == {"sm4-gcm"}
    assert open_phone(await Citizen.get(id=person.id)) == "19900000000"


async def test_a_row_in_somebodys_hands_is_come_back_to(settings: OfficeSettings, database: str) -> None:
    from asyncpg import connect

    await people(3)
    install(settings, fresh_key("k2"), settings.field_keys.get_secret_value())
    other = await connect(**db.credentials(database))
    held = other.transaction()
    await held.start()
    await other.execute("SELECT 1 FROM auth_citizen LIMIT 1 FOR UPDATE")
    rounds = 0

    def let_go(_: str, done: int) -> None:
        nonlocal rounds
        rounds += 1

    column = next(c for c in sealed.columns() if c.place == "auth_citizen.phone")
    result = sealed.Resealed()
    await sealed._renewed(column, result, after=None, batch=10, wait=False, skip=set())
    assert result.done == 2, "it is passed over, and nobody waits"
    await held.rollback()
    await other.close()
    assert (await sealed.reseal(tell=let_go)).done == 1 + 3
    assert {u.key_id for u in await sealed.status()} == {"k2"}
    assert rounds == 2


async def test_what_does_not_open_is_named_and_left_alone(settings: OfficeSettings) -> None:
    one, two = await people(2)
    await Citizen.filter(id=one.id).update(name_sealed=two.name_sealed)  # copied to another row
    install(settings, fresh_key("k2"), settings.field_keys.get_secret_value())
    renewed = await sealed.reseal()
    assert (renewed.done, renewed.unreadable) == (3, ["auth_citizen.name"])
    assert bytes((await Citizen.get(id=one.id)).name_sealed or b"") == two.name_sealed


async def test_a_key_that_values_need_cannot_be_taken_away_unnoticed(settings: OfficeSettings) -> None:
    await people(2)
    install(settings, fresh_key("k2"))
    assert await sealed.missing_keys() == {"k1": 4}


async def test_sealed_files_are_renewed_with_their_rows(settings: OfficeSettings) -> None:
    kind = next(f for f in sealed.files() if f.place == "certificates_certificate.pdf")
    key = uuid4()
    await storage.put(kind.name.format(key), crypto.seal_bytes(b"%PDF", bound_to=kind.bound_to(key)))
    install(settings, fresh_key("k2"), settings.field_keys.get_secret_value())
    result = sealed.Resealed()
    assert await sealed._renew_file(kind, key, result) == 1
    assert await sealed._renew_file(kind, key, result) == 0
    again = await storage.get(kind.name.format(key))
    assert crypto.told(crypto.head_of(again) or b"") == ("aes-gcm", "k2")
    assert crypto.unseal_bytes(again, bound_to=kind.bound_to(key)) == b"%PDF"


async def test_every_sealed_column_is_bound_as_the_register_says() -> None:
    """The bindings written in the code are those the register reads off the models, and there are no others."""
    bindings = re.compile(r'f"(\w+)\.(\w+|{\w+}):{')
    written = set()
    for package in pages.PACKAGES:
        for file in (pages.ROOT / package).rglob("*.py"):
            written |= set(bindings.findall(file.read_text()))
    known = {c.place for c in sealed.columns()} | {f.place for f in sealed.files()}
    tables = {place.split(".")[0] for place in known}
    told = {f"{table}.{what}" for table, what in written if table in tables and "{" not in what}
    open_ended = {table for table, what in written if "{" in what}
    assert {p for p in known if p not in told and p.split(".")[0] not in open_ended} == set(), "sealed, bound otherwise"
    assert told - known == set(), "bound, but no column of the register"


async def test_the_register_counts_files_by_their_first_bytes(settings: OfficeSettings) -> None:
    kind = next(f for f in sealed.files() if f.place == "certificates_certificate.pdf")
    key = uuid4()
    await storage.put(kind.name.format(key), crypto.seal_bytes(b"%PDF", bound_to=kind.bound_to(key)))
    assert await sealed._head_of_file(kind, key) == crypto.head_now()
    assert await sealed._head_of_file(kind, uuid4()) is None
    assert await storage.names("certificates") == [f"certificates/{key}"]
    assert await storage.names("certificates", after=f"certificates/{key}") == []
