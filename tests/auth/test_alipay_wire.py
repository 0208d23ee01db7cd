"""What Alipay may say and the sandbox does not: older and stranger answers, and sealed texts of every kind."""

import json
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import SecretStr

from auth.errors import LoginCodeInvalid, PhoneCodeInvalid, PlatformUnavailable
from auth.platforms.alipay import Alipay
from auth.platforms.base import PlatformPerson, PlatformPhone, Seal
from kit import clock, outbound
from kit.errors import HouseError
from miniapp_stub.sandbox.alipay import signing
from mobileapi.settings import OfficeSettings
from tests.sandbox.keys import derived_key

pytestmark = pytest.mark.anyio
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
TOKEN_NODE = "alipay_system_oauth_token_response"
SEALED = "igATcyTqqgv1AFpBiHJyVf94zn4d80DWhHrnUhty+8QLcUOlYjxvP9Xk+YXblbTSoe2bGplnUECoaQrDECEzOw=="
SEALED_SIGN = (
    "vaUETCLfsru+X17IHv9diiqRY589ZTcDjYR3MehUeyHCF0QyMucpZbCDfK4VpzQEOUHQrcyrwBRaH30ySYUyhEVaKqS23AG6TB2g40xs0sWfBsrOfvzT"
    "sJfeaKp2rwreKzJQq+KOu2Do+ISO/Kjcum0kp9dkydB0dvJYtAU/CC/PWEtkumjKoh148FJZxJijBX1FJYZREqRxCsuOpMr3R5M8vlX4J028NPgGQ1VW"
    "t/IPO91ufpt0O4rPsozCxeKciWX5F4IzuiAmgQ4R+Dqr4d8bcznaE04Dk+iqYNsKSwTA0Jc+hn039HUEl3q7F99OR24y0oLjvdQt4vlqmZMtlw=="
)


class FakeGateway:
    """Answers every request with `body`, and keeps what was asked."""

    def __init__(self) -> None:
        self.body, self.asked = b"", list[dict[str, str]]()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Desk, self))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/gateway.do"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, content: str, *, node: str = TOKEN_NODE) -> None:
        self.body = signing.signed_answer(node, content.encode(), key=derived_key("platform"))


class Desk(BaseHTTPRequestHandler):
    def __init__(self, gateway: FakeGateway, *line: Any) -> None:
        self.gateway = gateway
        super().__init__(*line)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self.gateway.asked.append(dict(parse_qsl(raw.decode(), keep_blank_values=True)))
        self.send_response(200)
        self.send_header("content-length", str(len(self.gateway.body)))
        self.end_headers()
        self.wfile.write(self.gateway.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
async def gateway(settings: OfficeSettings) -> AsyncIterator[FakeGateway]:
    fake = FakeGateway()
    client = outbound.Outbound([fake.url])
    outbound.install(client)
    yield fake
    await client.close()
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture
def alipay(gateway: FakeGateway, settings: OfficeSettings, tmp_path: Path) -> Alipay:
    own, theirs = tmp_path / "own.pem", tmp_path / "alipay.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    own.write_bytes(derived_key("merchant").private_bytes(pem, pkcs8, serialization.NoEncryption()))
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    theirs.write_bytes(derived_key("platform").public_key().public_bytes(pem, spki))
    changes = {
        "alipay_gateway_url": gateway.url, "alipay_app_id": "2021000000000001", "alipay_private_key_file": own,
        "alipay_public_key_file": theirs, "alipay_aes_key": SecretStr(AES_KEY),
    }  # fmt: skip
    return Alipay(settings.model_copy(update=changes))


async def test_the_request_is_signed_and_names_the_code_at_top_level(alipay: Alipay, gateway: FakeGateway) -> None:
    gateway.says('{"open_id":"074a1Cc"}')
    with clock.moved(datetime(2026, 1, 2, tzinfo=UTC) - datetime.now(UTC)):
        await alipay.identify("a code+/=&%")
    (asked,) = gateway.asked
    text = "&".join(f"{name}={asked[name]}" for name in sorted(asked) if name != "sign")
    assert signing.verifies(text.encode(), asked.pop("sign"), key=derived_key("merchant").public_key())
    assert asked.pop("timestamp")[:17] == "2026-01-02 08:00:"  # Beijing's clock
    assert asked == {
        "app_id": "2021000000000001", "method": "alipay.system.oauth.token", "format": "JSON", "charset": "utf-8",
        "sign_type": "RSA2", "version": "1.0", "grant_type": "authorization_code", "code": "a code+/=&%",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "open_id", "union_id"),
    [
        ('{"open_id":"074a1Cc"}', "074a1Cc", None),
        ('{"user_id":"2088000000000001"}', "2088000000000001", None),
        ('{"user_id":"2088000000000001","open_id":"074a1Cc","union_id":"u1"}', "074a1Cc", "u1"),
        ('{ "code":"10000" , "note":"} \\",\\"sign\\":{", "open_id":"074a1Cc", "union_id":null }', "074a1Cc", None),
    ],
)
async def test_open_id_is_preferred_and_user_id_accepted(
    alipay: Alipay, gateway: FakeGateway, content: str, open_id: str, union_id: str | None
) -> None:
    gateway.says(content)
    assert await alipay.identify("code") == PlatformPerson(open_id, union_id)


@pytest.mark.parametrize(
    ("content", "node", "error"),
    [
        ('{"code":"40002","sub_code":"isv.code-invalid"}', "error_response", LoginCodeInvalid),
        ('{"code":"40002","sub_code":"isv.code-invalid"}', TOKEN_NODE, LoginCodeInvalid),
        ('{"code":"40002","sub_code":"isv.code-invalid","open_id":"x"}', TOKEN_NODE, LoginCodeInvalid),
        ('{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}', "error_response", PlatformUnavailable),
        ('{"code":"10000"}', TOKEN_NODE, PlatformUnavailable),
        ('{"open_id":""}', TOKEN_NODE, PlatformUnavailable),
        ('{"open_id":7}', TOKEN_NODE, PlatformUnavailable),
        (json.dumps({"open_id": "x" * 129}), TOKEN_NODE, PlatformUnavailable),
        ('{"open_id":"x"}', "alipay_user_info_share_response", PlatformUnavailable),
    ],
)
async def test_an_answer_without_a_person_is_refused(
    alipay: Alipay, gateway: FakeGateway, content: str, node: str, error: type[HouseError]
) -> None:
    gateway.says(content, node=node)
    with pytest.raises(error):
        await alipay.identify("code")


@pytest.mark.parametrize(
    "body", [b"", b"<html>busy</html>", b"[1]", b'{"%s":{"open_id":"x"}}' % TOKEN_NODE.encode(), b"x" * 70_000]
)
async def test_an_answer_that_is_none_is_refused(alipay: Alipay, gateway: FakeGateway, body: bytes) -> None:
    gateway.body = body
    with pytest.raises(PlatformUnavailable):
        await alipay.identify("code")


async def test_a_code_that_no_platform_writes_is_not_sent(alipay: Alipay, gateway: FakeGateway) -> None:
    with pytest.raises(LoginCodeInvalid):
        await alipay.identify("码\ud800")
    assert gateway.asked == []


async def test_a_sealed_number_opens_to_the_letter(alipay: Alipay) -> None:
    handed = json.dumps({"response": SEALED, "sign": SEALED_SIGN})
    assert await alipay.phone_of(handed, "anybody") == PlatformPhone("13800000000", Seal(SEALED, dated=False))


def sealed(clear: Any) -> str:
    text = signing.seal(json.dumps(clear).encode(), aes_key=AES_KEY)
    sign = signing.sealed_text_signature(text, key=derived_key("platform"))
    return json.dumps({"response": text, "sign": sign, "sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8"})


def number(**more: Any) -> dict[str, Any]:
    return {"code": "10000", "msg": "Success", "mobile": "13800000000"} | more


def moment(kind: str, apart: timedelta) -> Any:
    at = clock.now() + apart
    match kind:
        case "milliseconds":
            return int(at.timestamp() * 1000)
        case "seconds":
            return int(at.timestamp())
        case "digits":
            return str(int(at.timestamp() * 1000))
        case _:
            return (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize("kind", ["milliseconds", "seconds", "digits", "beijing"])
@pytest.mark.parametrize(("apart_s", "near"), [(0, True), (-290, True), (290, True), (-302, False), (310, False)])
async def test_a_number_that_tells_its_moment_is_taken_within_five_minutes(
    alipay: Alipay, kind: str, apart_s: int, near: bool
) -> None:
    handed = sealed(number(timestamp=moment(kind, timedelta(seconds=apart_s))))
    if near:
        found = await alipay.phone_of(handed, "anybody")
        assert found.number == "13800000000"
        assert found.seal is not None
        assert found.seal.dated is True
        return
    with pytest.raises(PhoneCodeInvalid):
        await alipay.phone_of(handed, "anybody")


@pytest.mark.parametrize(
    "clear",
    [
        number(timestamp=None), number(timestamp=""), number(timestamp=True), number(timestamp="tomorrow"),
        number(timestamp=10**30), number(timestamp="2026-02-30 00:00:00"), number(mobile=None), number(mobile=13800000000),
        number(mobile="12345"), number(mobile="１３８００００００００"), number(mobile="13800000000\n"), [], "x",
        {"code": "40003", "msg": "Insufficient Conditions", "subCode": "isv.invalid-auth-relations"},
    ],
)  # fmt: skip
async def test_a_sealed_text_without_a_number_of_now_is_refused(alipay: Alipay, clear: Any) -> None:
    with pytest.raises(PhoneCodeInvalid):
        await alipay.phone_of(sealed(clear), "anybody")


async def test_an_unsealed_text_brings_a_refusal_at_most(alipay: Alipay) -> None:
    for clear, error in (
        ({"code": "40003", "subCode": "isv.invalid-auth-relations"}, PhoneCodeInvalid),
        ({"code": "20000", "subCode": "isp.unknow-error"}, PlatformUnavailable),
        (number(), PhoneCodeInvalid),
    ):
        text = json.dumps(clear)
        handed = json.dumps({"response": text, "sign": signing.sign(text.encode(), derived_key("platform"))})
        with pytest.raises(error):
            await alipay.phone_of(handed, "anybody")


async def test_a_text_signed_by_us_or_without_its_quotes_is_refused(alipay: Alipay) -> None:
    for sign in (
        signing.sealed_text_signature(SEALED, key=derived_key("merchant")),
        signing.sign(SEALED.encode(), derived_key("platform")),
    ):
        with pytest.raises(PhoneCodeInvalid):
            await alipay.phone_of(json.dumps({"response": SEALED, "sign": sign}), "anybody")
