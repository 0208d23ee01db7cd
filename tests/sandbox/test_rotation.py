"""Keys in rotation: the former one lives beside the new one for a while, then it ends. The sandbox is the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from miniapp_stub.sandbox.app import create_app
from tests.sandbox.merchant import Letterbox, Merchant, open_letterbox
from tests.sandbox.seller import Seller
from tests.sandbox_server import SandboxServer, read_credentials, start_sandbox

WECHAT_FORMER, ALIPAY_FORMER = "HANDHELD_WECHATPAY_FORMER_PLATFORM_KEYS", "HANDHELD_ALIPAY_FORMER_PUBLIC_KEY_FILE"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def rotating(folder: Path) -> Iterator[SandboxServer]:
    with start_sandbox(folder) as server:
        yield server


@pytest.fixture
def box() -> Iterator[Letterbox]:
    box, server = open_letterbox()
    box.word = b"success"
    yield box
    server.shutdown()
    server.server_close()


def public(file: str) -> RSAPublicKey:
    key = load_pem_public_key(Path(file).read_bytes())
    assert isinstance(key, RSAPublicKey)
    return key


def test_alipay_signs_with_the_former_key_by_share_until_it_ends(
    rotating: SandboxServer, box: Letterbox, folder: Path
) -> None:
    before = Seller(rotating, box)
    assert rotating.control("/certificates", {"channel": "alipay"}) == {"retired": 0}
    after = Seller(rotating, box)
    assert after.alipay_key.public_numbers() != before.alipay_key.public_numbers()
    former = read_credentials(folder)[ALIPAY_FORMER]
    assert public(former).public_numbers() == before.alipay_key.public_numbers()
    rotating.control("/signing", {"former_key_share": 1.0})
    number = before.paid()
    assert before.read(box.take())["out_trade_no"] == number
    with pytest.raises(AssertionError):
        after.query(number)
    rotating.control("/signing", {"former_key_share": 0.0})
    number = after.paid()
    assert after.read(box.take())["out_trade_no"] == number
    rotating.control("/signing", {"former_key_share": 1.0})
    assert rotating.control("/certificates?channel=alipay", method="DELETE") == {"retired": 1}
    number = after.paid()
    assert after.read(box.take())["out_trade_no"] == number
    assert ALIPAY_FORMER not in read_credentials(folder)


def test_wechat_pay_answers_under_either_public_key_until_the_former_ends(
    rotating: SandboxServer, box: Letterbox, folder: Path
) -> None:
    before = Merchant(rotating, box)
    told = rotating.control("/certificates", {"public_key": True})
    rotating.credentials = read_credentials(folder)
    after = Merchant(rotating, box)
    assert (after.pub_key_id, told["retired"]) == (told["pub_key_id"], 0)
    assert rotating.credentials[WECHAT_FORMER].startswith(f"{before.pub_key_id}={folder}")
    for merchant in (before, after):
        answer = merchant.get("/v3/certificates")
        assert answer.headers["Wechatpay-Serial"] == merchant.pub_key_id
        assert merchant.verifies(answer.headers, answer.content)
    rotating.control("/signing", {"former_key_share": 0.5})
    signers = set()
    for _ in range(16):
        after.paid()
        letter = box.take()
        (signer,) = [one for one in (before, after) if one.pub_key_id == letter.headers["Wechatpay-Serial"]]
        assert signer.verifies(letter.headers, letter.body)
        signers.add(signer.pub_key_id)
    assert signers == {before.pub_key_id, after.pub_key_id}
    assert rotating.control("/certificates", method="DELETE")["retired"] == 1
    assert before.get("/v3/certificates").status_code == 400
    after.paid()
    assert box.take().headers["Wechatpay-Serial"] == after.pub_key_id


def test_certificate_signed_notices_come_from_old_and_new_while_both_live(
    rotating: SandboxServer, box: Letterbox
) -> None:
    merchant = Merchant(rotating, box)
    old = merchant.get("/v3/certificates").json()["data"][0]["serial_no"]
    new = rotating.control("/certificates", {"ends_in_s": 600})["serial_no"]
    rotating.control("/signing", {"public_key_share": 0.0, "former_key_share": 0.5})
    serials = set()
    for _ in range(16):
        merchant.paid()
        serials.add(box.take().headers["Wechatpay-Serial"])
    assert serials == {old, new}
    assert rotating.control("/certificates", method="DELETE")["retired"] == 1
    merchant.paid()
    assert box.take().headers["Wechatpay-Serial"] == new


def test_a_rotation_outlives_a_restart(rotating: SandboxServer, folder: Path) -> None:
    rotating.control("/certificates", {"channel": "alipay"})
    rotating.control("/certificates", {"public_key": True})
    kept = read_credentials(folder)
    files = {name: Path(kept[name]).read_bytes() for name in kept if name.endswith("PUBLIC_KEY_FILE")}
    create_app(folder)
    again = read_credentials(folder)
    names = ("HANDHELD_WECHATPAY_PLATFORM_KEY_ID", WECHAT_FORMER, ALIPAY_FORMER)
    assert {name: again[name] for name in names} == {name: kept[name] for name in names}
    assert len(files) == 2
    assert {name: Path(again[name]).read_bytes() for name in files} == files
