import json
import logging
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from kit import clock, config, crypto, storage
from kit.log import mask
from mobileapi.settings import OfficeSettings


def test_a_sealed_value_opens_only_in_its_own_place(settings: OfficeSettings) -> None:
    sealed = crypto.seal("张伟", bound_to="auth_citizen.name:1")
    assert "张伟".encode() not in sealed
    assert crypto.unseal(sealed, bound_to="auth_citizen.name:1") == "张伟"
    for other in ("auth_citizen.name:2", "auth_citizen.phone:1"):
        with pytest.raises(crypto.CannotUnseal):
            crypto.unseal(sealed, bound_to=other)


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x01\x02k1", b"\x02\x02k1" + b"x" * 40, b"\x01\x02k1" + b"x" * 40])
def test_damaged_values_do_not_open(settings: OfficeSettings, damage: bytes) -> None:
    with pytest.raises(crypto.CannotUnseal):
        crypto.unseal(damage, bound_to="a.b:1")


def test_old_keys_still_open_and_new_ones_seal(settings: OfficeSettings) -> None:
    before = crypto.seal("x", bound_to="a.b:1")
    ring = f"k2:{'A' * 43}=,{settings.field_keys.get_secret_value()}"
    config.install(settings.model_copy(update={"field_keys": SecretStr(ring)}))
    assert crypto.unseal(before, bound_to="a.b:1") == "x"
    assert b"k2" in crypto.seal("x", bound_to="a.b:1")[:5]


def test_nonces_do_not_repeat(settings: OfficeSettings) -> None:
    assert len({crypto.seal("x", bound_to="a.b:1")[4:16] for _ in range(10_000)}) == 10_000


def test_the_blind_index_depends_on_key_purpose_and_value(settings: OfficeSettings) -> None:
    index = crypto.blind_index("19900000001", purpose="citizen.phone")
    assert index == crypto.blind_index("19900000001", purpose="citizen.phone")
    assert index != crypto.blind_index("19900000002", purpose="citizen.phone")
    assert index != crypto.blind_index("19900000001", purpose="bill.phone")
    fresh = SecretStr(__import__("base64").b64encode(secrets.token_bytes(32)).decode())
    config.install(settings.model_copy(update={"index_key": fresh}))
    assert index != crypto.blind_index("19900000001", purpose="citizen.phone")


def test_demo_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    bare = OfficeSettings(_env_file=None, data_dir=tmp_path)
    assert crypto.with_demo_keys(bare) == crypto.with_demo_keys(bare)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_links_belong_to_one_file_and_one_reader_and_end(settings: OfficeSettings) -> None:
    query = dict(part.split("=", 1) for part in storage.signed_query("a/b", reader="me").split("&"))
    fits = {"reader": "me", "ends": query["e"], "signature": query["s"]}
    assert storage.link_fits("a/b", **fits)
    assert not storage.link_fits("a/c", **fits)
    assert not storage.link_fits("a/b", **fits | {"reader": "you"})
    assert not storage.link_fits("a/b", **fits | {"ends": str(int(query["e"]) + 60)})
    with clock.moved(timedelta(minutes=6)):
        assert not storage.link_fits("a/b", **fits)


@pytest.mark.anyio
async def test_files_come_back_as_they_went(settings: OfficeSettings) -> None:
    await storage.put("one/two", b"\x00bytes")
    assert await storage.get("one/two") == b"\x00bytes"
    await storage.delete("one/two")
    with pytest.raises(storage.FileMissing):
        await storage.get("one/two")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("id 11010519491231002X ok", "id *** ok"),
        ("call 13812345678", "call ***"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "Bearer ***"),
        ("two\r\nlines\x1b[31m", "two  lines [31m"),
        ("order 4200000000202601020000000001", "order 4200000000202601020000000001"),
    ],
)
def test_logs_never_hold_what_looks_personal(said: str, kept: str) -> None:
    assert mask(said) == kept


def test_log_lines_are_json_without_the_named_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    from kit.log import configure, logger

    configure("DEBUG")
    logger("test").info(
        "signed_in", phone="13812345678", password="hunter2", nested={"token": "abc"}, note="13812345678"
    )
    logging.getLogger("elsewhere").warning("phone 13812345678")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines[0]["phone"] == lines[0]["password"] == lines[0]["nested"]["token"] == lines[0]["note"] == "***"
    assert lines[1]["event"] == "phone ***"


@pytest.mark.anyio
async def test_stored_files_are_for_their_owner_alone(settings: OfficeSettings) -> None:
    await storage.put("uploads/one", b"an identity card")
    assert oct((settings.data_dir / "files").stat().st_mode & 0o777) == "0o700"
