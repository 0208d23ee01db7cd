"""A third-party SDK, unchanged but for the gateway it calls."""

import json
from pathlib import Path
from typing import Any

import pytest
from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError

from tests.sandbox.mini_program import TOKEN, MiniProgram
from tests.sandbox_server import SandboxServer


@pytest.fixture
def sdk(platform: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    issued = platform.credentials
    client = AliPay(
        appid=issued["HANDHELD_ALIPAY_APP_ID"],
        app_private_key_string=Path(issued["HANDHELD_ALIPAY_PRIVATE_KEY_FILE"]).read_text(),
        alipay_public_key_string=Path(issued["HANDHELD_ALIPAY_PUBLIC_KEY_FILE"]).read_text(),
    )
    client._gateway = issued["HANDHELD_ALIPAY_GATEWAY_URL"]
    yield client
    platform.calm()


def test_the_sdk_signs_in_and_refreshes(sdk: Any, platform: SandboxServer) -> None:
    program = MiniProgram(platform)
    openid = program.person()
    code = program.codes(openid)["login_code"]
    told = sdk.server_api(TOKEN, grant_type="authorization_code", code=code)
    assert told["open_id"] == openid
    again = sdk.server_api(TOKEN, grant_type="refresh_token", refresh_token=told["refresh_token"])
    assert again["open_id"] == openid


def test_refusals_reach_the_sdk_as_they_are(sdk: Any) -> None:
    with pytest.raises(AliPayException) as refused:
        sdk.server_api(TOKEN, grant_type="authorization_code", code="nobody-gave-this")
    assert json.loads(refused.value._AliPayException__message)["error_response"]["sub_code"] == "isv.code-invalid"


def test_the_sdk_refuses_a_forged_answer(sdk: Any, platform: SandboxServer) -> None:
    program = MiniProgram(platform)
    code = program.codes(program.person())["login_code"]
    platform.control("/faults", {"where": "gateway", "kind": "forge", "times": 1})
    with pytest.raises(AliPayValidationError):
        sdk.server_api(TOKEN, grant_type="authorization_code", code=code)


def test_the_sdk_agrees_with_the_signature_of_a_sealed_number(sdk: Any, platform: SandboxServer) -> None:
    program = MiniProgram(platform)
    text = json.loads(program.codes(program.person())["phone_code"])
    assert sdk._verify(f'"{text["response"]}"', text["sign"]) is True
    assert sdk._verify(text["response"], text["sign"]) is False
