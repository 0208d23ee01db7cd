"""The sandbox as a process: what it keeps over a restart, whom it lets in, how it says what is wrong."""

import base64
import contextlib
import json
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import anyio
import httpx2
import pytest

from miniapp_stub.sandbox.app import create_app
from tests.sandbox.merchant import Letterbox, Merchant, new_number
from tests.sandbox_server import ROOT, read_credentials, start_sandbox

pytestmark = pytest.mark.anyio
NAMES = {
    "HANDHELD_WECHAT_API_URL",
    "HANDHELD_WECHAT_APP_ID",
    "HANDHELD_WECHAT_APP_SECRET",
    "HANDHELD_WECHATPAY_API_URL",
    "HANDHELD_WECHATPAY_MCH_ID",
    "HANDHELD_WECHATPAY_SERIAL_NO",
    "HANDHELD_WECHATPAY_PRIVATE_KEY_FILE",
    "HANDHELD_WECHATPAY_API_V3_KEY",
    "HANDHELD_WECHATPAY_PLATFORM_KEY_FILE",
    "HANDHELD_WECHATPAY_PLATFORM_KEY_ID",
    "HANDHELD_ALIPAY_GATEWAY_URL",
    "HANDHELD_ALIPAY_APP_ID",
    "HANDHELD_ALIPAY_PRIVATE_KEY_FILE",
    "HANDHELD_ALIPAY_PUBLIC_KEY_FILE",
    "HANDHELD_ALIPAY_AES_KEY",
    "HANDHELD_ALIPAY_SELLER_ID",
    "HANDHELD_ALIPAY_BILL_URL",
    "HANDHELD_ATTESTATION_RULE_ID",
    "HANDHELD_ATTESTATION_SECRET_ID",
    "HANDHELD_ATTESTATION_SECRET_KEY",
    "HANDHELD_ATTESTATION_URL",
    "HANDHELD_ALIPAY_MESSAGE_ANSWERS",
    "HANDHELD_ALIPAY_MESSAGE_BILLS",
    "HANDHELD_ALIPAY_MESSAGE_CASES",
    "HANDHELD_DINGTALK_AGENT_ID",
    "HANDHELD_DINGTALK_API_URL",
    "HANDHELD_DINGTALK_APP_KEY",
    "HANDHELD_DINGTALK_APP_SECRET",
    "HANDHELD_DINGTALK_CORP_ID",
    "HANDHELD_DINGTALK_LOGIN_URL",
    "HANDHELD_DINGTALK_OAPI_URL",
    "HANDHELD_REGISTRY_APP_ID",
    "HANDHELD_REGISTRY_SECRET",
    "HANDHELD_REGISTRY_URL",
    "HANDHELD_SMS_APP_ID",
    "HANDHELD_SMS_CODE_TEMPLATE",
    "HANDHELD_SMS_NOTICE_TEMPLATE",
    "HANDHELD_SMS_SECRET_ID",
    "HANDHELD_SMS_SECRET_KEY",
    "HANDHELD_SMS_SIGN_NAME",
    "HANDHELD_SMS_URL",
    "HANDHELD_WECHAT_MESSAGE_ANSWERS",
    "HANDHELD_WECHAT_MESSAGE_BILLS",
    "HANDHELD_WECHAT_MESSAGE_CASES",
    "HANDHELD_WECOM_AGENT_ID",
    "HANDHELD_WECOM_API_URL",
    "HANDHELD_WECOM_AUTHORISE_URL",
    "HANDHELD_WECOM_CORP_ID",
    "HANDHELD_WECOM_SCAN_URL",
    "HANDHELD_WECOM_SECRET",
}
URLS = {name for name in NAMES if name.endswith("_URL")}  # they follow the port


def test_second_start_keeps_people_charges_and_keys(tmp_path: Path) -> None:
    box = Letterbox("http://127.0.0.1:9/callbacks/wechatpay")
    with start_sandbox(tmp_path) as first:
        merchant, number = Merchant(first, box), new_number()
        openid = merchant.person()
        prepay = merchant.jsapi(out_trade_no=number).json()
        first.control("/pay", prepay)
        issued, charges = first.credentials, first.control("/charges")
        certificate = first.client.get(f"{first.url}/_sandbox/account").json()
    with start_sandbox(tmp_path) as second:
        again = Merchant(second, box)
        assert again.person() == openid
        assert second.control("/charges") == charges
        assert second.control("/account") == certificate
        assert again.query(number)["trade_state"] == "SUCCESS"
        assert {name: second.credentials[name] for name in NAMES - URLS} == {
            name: issued[name] for name in NAMES - URLS
        }
        assert {name for name in URLS if not second.credentials[name].startswith(second.url)} == set()


def test_credentials_are_complete_and_private(tmp_path: Path) -> None:
    create_app(tmp_path, base_url="http://127.0.0.1:4711")
    credentials = read_credentials(tmp_path)
    assert set(credentials) == NAMES
    assert credentials["HANDHELD_WECHATPAY_API_URL"] == "http://127.0.0.1:4711"
    assert len(credentials["HANDHELD_WECHATPAY_API_V3_KEY"]) == 32
    assert credentials["HANDHELD_WECHATPAY_PLATFORM_KEY_ID"].startswith("PUB_KEY_ID_0")
    assert credentials["HANDHELD_ALIPAY_GATEWAY_URL"] == "http://127.0.0.1:4711/gateway.do"
    assert len(base64.b64decode(credentials["HANDHELD_ALIPAY_AES_KEY"])) == 16
    private = [Path(credentials[f"HANDHELD_{party}_PRIVATE_KEY_FILE"]) for party in ("WECHATPAY", "ALIPAY")]
    public = [Path(credentials[f"HANDHELD_{key}_KEY_FILE"]) for key in ("WECHATPAY_PLATFORM", "ALIPAY_PUBLIC")]
    assert {file.read_text().partition("\n")[0] for file in private} == {"-----BEGIN PRIVATE KEY-----"}
    assert {file.read_text().partition("\n")[0] for file in public} == {"-----BEGIN PUBLIC KEY-----"}
    files = [*private, *public, tmp_path / "credentials.env", tmp_path / "sandbox.sqlite3"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 6


def test_a_folder_from_before_alipay_gains_the_account_and_keeps_the_rest(tmp_path: Path) -> None:
    create_app(tmp_path)
    before = read_credentials(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "sandbox.sqlite3", isolation_level=None)) as kept:
        kept.execute("DELETE FROM settings WHERE name LIKE 'alipay%'")
        kept.execute("DROP TABLE alipay_tokens")
    for name in ("PRIVATE", "PUBLIC"):
        Path(before[f"HANDHELD_ALIPAY_{name}_KEY_FILE"]).unlink()
    create_app(tmp_path)
    after = read_credentials(tmp_path)
    assert set(after) == NAMES
    assert {name for name in NAMES if after[name] != before[name]} == {
        "HANDHELD_ALIPAY_APP_ID", "HANDHELD_ALIPAY_AES_KEY", "HANDHELD_ALIPAY_SELLER_ID",
    }  # fmt: skip
    assert all(Path(after[f"HANDHELD_ALIPAY_{name}_KEY_FILE"]).exists() for name in ("PRIVATE", "PUBLIC"))


def test_a_lost_alipay_app_key_is_issued_anew_for_the_same_app(tmp_path: Path) -> None:
    create_app(tmp_path)
    before = read_credentials(tmp_path)
    file = Path(before["HANDHELD_ALIPAY_PRIVATE_KEY_FILE"])
    lost = file.read_text()
    file.unlink()
    create_app(tmp_path)
    assert read_credentials(tmp_path) == before
    assert file.read_text() != lost


def test_lost_merchant_key_is_issued_anew(tmp_path: Path) -> None:
    create_app(tmp_path)
    before = read_credentials(tmp_path)
    Path(before["HANDHELD_WECHATPAY_PRIVATE_KEY_FILE"]).unlink()
    create_app(tmp_path)
    after = read_credentials(tmp_path)
    assert after["HANDHELD_WECHATPAY_SERIAL_NO"] != before["HANDHELD_WECHATPAY_SERIAL_NO"]
    assert after["HANDHELD_WECHATPAY_MCH_ID"] == before["HANDHELD_WECHATPAY_MCH_ID"]
    assert Path(after["HANDHELD_WECHATPAY_PRIVATE_KEY_FILE"]).exists()


@pytest.mark.parametrize("path", ["/", "/_sandbox/charges", "/_sandbox/cashier", "/_sandbox/faults"])
async def test_control_surface_is_for_this_machine_only(tmp_path: Path, path: str) -> None:
    app = create_app(tmp_path)

    async def status(client: tuple[str, int], url: str = "http://127.0.0.1:8001", **headers: str) -> int:
        transport = httpx2.ASGITransport(app, client=client)
        async with httpx2.AsyncClient(transport=transport, base_url=url) as line:
            return (await line.get(path, headers=headers)).status_code

    here = 409 if path.endswith("cashier") else 200
    assert await status(("127.0.0.1", 1)) == here
    assert await status(("::1", 1), "http://[::1]:8001") == here
    assert await status(("127.0.0.1", 1), origin="http://localhost:8000") == here
    assert await status(("192.0.2.7", 1)) == 403
    assert await status(("127.0.0.1", 1), "http://rebound.example") == 403
    assert await status(("127.0.0.1", 1), origin="https://evil.example") == 403


async def test_faces_of_this_machine_may_call_across_origins(tmp_path: Path) -> None:
    asked = {"Origin": "http://127.0.0.1:8000", "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "content-type"
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(tmp_path)), base_url="http://127.0.0.1"
    ) as line:
        allowed = await line.options("/_sandbox/codes", headers=asked)
        refused = await line.options("/_sandbox/codes", headers=asked | {"Origin": "https://evil.example"})
    assert allowed.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
    assert "access-control-allow-origin" not in refused.headers


async def test_front_page_links_to_the_control_surface(tmp_path: Path) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(tmp_path)), base_url="http://127.0.0.1"
    ) as line:
        page = (await line.get("/")).text
    for part in ("平台沙箱", 'href="/_sandbox/charges"', "POST /_sandbox/pay", "credentials.env"):
        assert part in page


def test_taken_port_ends_in_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "miniapp_stub.sandbox", "--port", str(port), "--data", str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr and "choose another --port" in done.stderr


async def test_control_may_be_called_from_a_running_loop(tmp_path: Path) -> None:
    server = await anyio.to_thread.run_sync(start_sandbox, tmp_path)
    try:
        person = await server.control_async("/people", {"platform": "wechat", "phone": "13800000001"})
        assert person == server.control("/people", {"platform": "wechat", "phone": "13800000001"})
    finally:
        server.stop()


def test_sandbox_imports_nothing_of_the_server() -> None:
    code = "import json, sys, miniapp_stub.sandbox.__main__; print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert loaded & {"kit", "auth", "chat", "payments", "mobileapi", "tortoise"} == set()
    assert "miniapp_stub" in loaded
