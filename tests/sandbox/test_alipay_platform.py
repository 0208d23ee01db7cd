import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.mini_program import TOKEN, MiniProgram
from tests.sandbox_server import SandboxServer

FIVE_MINUTES = 300


@pytest.fixture
def program(platform: SandboxServer) -> Iterator[MiniProgram]:
    yield MiniProgram(platform)
    platform.calm()


def refusal(content: dict[str, Any]) -> tuple[str, str]:
    assert set(content) == {"code", "msg", "sub_code", "sub_msg"}
    return content["code"], content["sub_code"]


def test_an_authorisation_code_gives_the_open_id_once(program: MiniProgram) -> None:
    openid = program.person()
    assert len(openid) == 47
    code = program.codes(openid)["login_code"]
    answer = program.ask(code=code)
    assert set(answer) == {"access_token", "auth_start", "expires_in", "open_id", "re_expires_in", "refresh_token"}
    assert answer["open_id"] == openid
    again = program.post(code=code)
    assert set(again.json()) == {"error_response", "sign"}
    assert refusal(program.opened(again)) == ("40002", "isv.code-invalid")


def test_the_gateway_takes_a_query_a_form_and_both_together(program: MiniProgram) -> None:
    openid = program.person()
    asked = program.parameters(code=program.codes(openid)["login_code"])
    by_query = program.sandbox.client.get(program.gateway, params=asked)
    assert program.opened(by_query)["open_id"] == openid
    asked = program.parameters(code=program.codes(openid)["login_code"])
    form = {"code": asked.pop("code")}
    by_both = program.sandbox.client.post(program.gateway, params=asked, data=form)
    assert program.opened(by_both)["open_id"] == openid
    assert by_both.headers["content-type"] == "text/html;charset=utf-8"


def test_a_refresh_token_gives_new_tokens_once(program: MiniProgram) -> None:
    openid = program.person()
    first = program.ask(code=program.codes(openid)["login_code"])
    asked = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = program.ask(**asked)
    assert second["open_id"] == openid
    assert {second["access_token"], second["refresh_token"]}.isdisjoint(first.values())
    assert refusal(program.ask(**asked)) == ("40002", "isv.refresh-token-invalid")
    program.sandbox.control("/clock", {"offset_s": 30 * 86400 + 1})
    late = program.ask(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert refusal(late) == ("40002", "isv.refresh-token-time-out")


@pytest.mark.parametrize(("age", "living"), [(FIVE_MINUTES - 5, True), (FIVE_MINUTES + 1, False)])
def test_a_code_lives_five_minutes(program: MiniProgram, age: int, living: bool) -> None:
    code = program.codes(program.person())["login_code"]
    program.sandbox.control("/clock", {"offset_s": age})
    assert ("open_id" in program.ask(code=code)) is living


def test_codes_of_another_app_another_platform_or_another_kind_are_invalid(program: MiniProgram) -> None:
    openid = program.person()
    wechat = program.sandbox.control("/people", {"platform": "wechat", "phone": "13800000001"})["openid"]
    codes = [
        program.codes(openid, appid="2021999999999999")["login_code"],
        *program.codes(wechat).values(),
        program.codes(openid)["phone_code"],
        "nobody-gave-this",
    ]
    assert [refusal(program.ask(code=code)) for code in codes] == [("40002", "isv.code-invalid")] * 5


@pytest.mark.parametrize(
    ("changes", "code", "sub_code"),
    [
        ({"method": "alipay.user.info.share"}, "40002", "isv.invalid-method"),
        ({"timestamp": None}, "40001", "isv.missing-timestamp"),
        ({"timestamp": "2026-01-02T08:00:00"}, "40002", "isv.invalid-timestamp"),
        ({"timestamp": "2026-02-30 08:00:00"}, "40002", "isv.invalid-timestamp"),
        ({"version": None}, "40001", "isv.missing-version"),
        ({"version": "2.0"}, "40002", "isv.invalid-version"),
        ({"charset": "gbk"}, "40002", "isv.invalid-charset"),
        ({"format": "XML"}, "40002", "isv.invalid-format"),
        ({"grant_type": None}, "40001", "isv.missing-grant-type"),
        ({"grant_type": "password"}, "40002", "isv.grant-type-invalid"),
        ({"code": None}, "40001", "isv.missing-code"),
        ({"code": None, "biz_content": '{"code":"x"}'}, "40001", "isv.missing-code"),
        ({"grant_type": "refresh_token"}, "40001", "isv.missing-refresh-token"),
    ],
)
def test_signed_refusals_say_what_is_wrong(
    program: MiniProgram, changes: dict[str, Any], code: str, sub_code: str
) -> None:
    given = program.codes(program.person())["login_code"]
    assert refusal(program.ask(**{"code": given} | changes)) == (code, sub_code)
    assert "open_id" in program.ask(code=given)


@pytest.mark.parametrize(
    ("spoilt", "sub_code"),
    [
        ({"app_id": None}, "isv.missing-app-id"),
        ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
        ({"method": None}, "isv.missing-method"),
        ({"sign_type": None}, "isv.missing-signature-type"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"sign": None}, "isv.missing-signature"),
        ({"sign": "bm90IG91cnM="}, "isv.invalid-signature"),
        ({"sign": "%%%"}, "isv.invalid-signature"),
        ({"timestamp": "2026-01-02 08:00:01"}, "isv.invalid-signature"),
        ({"extra": "1"}, "isv.invalid-signature"),
        ({"format": None}, "isv.invalid-signature"),
    ],
)
def test_a_request_that_is_not_the_apps_is_refused_without_a_signature(
    program: MiniProgram, spoilt: dict[str, Any], sub_code: str
) -> None:
    given = program.codes(program.person())["login_code"]
    asked = program.parameters(code=given) | spoilt
    answer = program.sandbox.client.post(
        program.gateway, data={name: value for name, value in asked.items() if value is not None}
    )
    told = answer.json()
    assert set(told) == {"error_response"}
    code = "40001" if "missing" in sub_code else "40002"
    assert refusal(told["error_response"]) == (code, sub_code)
    assert "open_id" in program.ask(code=given)


def test_a_parameter_that_comes_twice_and_a_body_that_is_no_form_are_refused(program: MiniProgram) -> None:
    asked = program.parameters(code=program.codes(program.person())["login_code"])
    client = program.sandbox.client
    answers = [
        client.post(program.gateway, params={"code": asked["code"]}, data=asked),
        client.post(program.gateway, json=asked),
        client.post(program.gateway, content=b"\xff", headers={"content-type": "application/x-www-form-urlencoded"}),
    ]
    assert [refusal(a.json()["error_response"]) for a in answers] == [("40002", "isv.invalid-parameter")] * 3
    assert "open_id" in program.opened(client.post(program.gateway, data=asked))


def test_the_phone_hands_over_a_sealed_number_that_is_new_each_time(program: MiniProgram) -> None:
    openid = program.person("13912345678")
    given = [program.codes(openid)["phone_code"] for _ in range(3)]
    assert len(set(given)) == 3
    clear = program.number_in(given[0])
    assert set(clear) == {"code", "msg", "mobile", "timestamp"}
    assert (clear["code"], clear["msg"], clear["mobile"]) == ("10000", "Success", "13912345678")
    assert abs(clear["timestamp"] / 1000 - time.time()) < 60


def test_a_bare_number_has_no_moment_and_is_the_same_each_time(program: MiniProgram) -> None:
    openid = program.person("13912345679")
    first, second = (program.codes(openid, bare=True)["phone_code"] for _ in range(2))
    assert first == second
    assert program.number_in(first) == {"code": "10000", "msg": "Success", "mobile": "13912345679"}


def test_a_number_of_another_app_does_not_open_with_our_key(program: MiniProgram) -> None:
    foreign = program.codes(program.person(), appid="2021999999999999")["phone_code"]
    with pytest.raises(ValueError):
        program.number_in(foreign)


@pytest.mark.parametrize("kind", ["tamper", "forge"])
def test_a_spoilt_answer_does_not_verify(program: MiniProgram, kind: str) -> None:
    program.sandbox.control("/faults", {"where": "gateway", "kind": kind, "times": 1})
    code = program.codes(program.person())["login_code"]
    answer = program.post(code=code)
    assert "open_id" in answer.json()[f"{TOKEN.replace('.', '_')}_response"]
    with pytest.raises(AssertionError):
        program.opened(answer)


def test_a_busy_gateway_says_so_and_keeps_the_code(program: MiniProgram) -> None:
    program.sandbox.control("/faults", {"where": "login", "kind": "busy", "times": 1})
    code = program.codes(program.person())["login_code"]
    assert refusal(program.ask(code=code)) == ("20000", "isp.unknow-error")
    assert "open_id" in program.ask(code=code)
