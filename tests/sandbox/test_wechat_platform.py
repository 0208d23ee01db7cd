"""The open platform: login, access token, phone number, session."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from miniapp_stub.sandbox.wechat import session
from tests.sandbox.merchant import Merchant

FIVE_MINUTES = 300


def login(merchant: Merchant, code: str, **changes: Any) -> dict[str, Any]:
    secret = merchant.sandbox.credentials["HANDHELD_WECHAT_APP_SECRET"]
    query = {"appid": merchant.app_id, "secret": secret, "js_code": code, "grant_type": "authorization_code"} | changes
    params = {name: value for name, value in query.items() if value is not None}
    answer = merchant.sandbox.client.get(f"{merchant.sandbox.url}/sns/jscode2session", params=params)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def stable(merchant: Merchant, **changes: Any) -> dict[str, Any]:
    secret = merchant.sandbox.credentials["HANDHELD_WECHAT_APP_SECRET"]
    body = {"grant_type": "client_credential", "appid": merchant.app_id, "secret": secret} | changes
    answer: dict[str, Any] = merchant.sandbox.client.post(
        f"{merchant.sandbox.url}/cgi-bin/stable_token", json=body
    ).json()
    return answer


def classic(merchant: Merchant) -> str:
    secret = merchant.sandbox.credentials["HANDHELD_WECHAT_APP_SECRET"]
    params = {"grant_type": "client_credential", "appid": merchant.app_id, "secret": secret}
    answer = merchant.sandbox.client.get(f"{merchant.sandbox.url}/cgi-bin/token", params=params).json()
    assert answer["expires_in"] == 7200
    return str(answer["access_token"])


def phone(merchant: Merchant, code: str, token: str | None = None, **more: Any) -> dict[str, Any]:
    token = token or stable(merchant)["access_token"]
    url = f"{merchant.sandbox.url}/wxa/business/getuserphonenumber?access_token={token}"
    answer: dict[str, Any] = merchant.sandbox.client.post(url, json={"code": code} | more).json()
    return answer


def codes(merchant: Merchant, openid: str, **more: Any) -> dict[str, Any]:
    return merchant.sandbox.control("/codes", {"openid": openid} | more)


def test_login_code_gives_openid_and_a_session_key_once(merchant: Merchant) -> None:
    openid = merchant.person()
    code = codes(merchant, openid)["login_code"]
    answer = login(merchant, code)
    assert answer["openid"] == openid
    assert len(answer["session_key"]) == 24
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert set(answer) == {"openid", "session_key"}
    assert login(merchant, code)["errcode"] == 40029


def test_same_phone_is_the_same_person_on_each_platform(merchant: Merchant) -> None:
    openid = merchant.person("13800000002")
    assert merchant.person("13800000002") == openid
    assert merchant.person("13800000003") != openid
    alipay = merchant.sandbox.control("/people", {"platform": "alipay", "phone": "13800000002"})["openid"]
    assert alipay != openid


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"js_code": None}, 41008),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "0" * 32}, 40125),
        ({"js_code": "nobody-gave-this"}, 40029),
        ({"grant_type": "client_credential"}, 40002),
    ],
)
def test_login_refusals_say_which_parameter(merchant: Merchant, changes: dict[str, Any], errcode: int) -> None:
    openid = merchant.person()
    code = codes(merchant, openid)["login_code"]
    assert login(merchant, code, **changes)["errcode"] == errcode
    assert login(merchant, code)["openid"] == openid


def test_login_as_a_posted_form_lacks_its_parameters(merchant: Merchant) -> None:
    url = f"{merchant.sandbox.url}/sns/jscode2session"
    assert merchant.sandbox.client.post(url, data={"appid": merchant.app_id}).json()["errcode"] == 41002


@pytest.mark.parametrize(("age", "living"), [(FIVE_MINUTES - 5, True), (FIVE_MINUTES + 1, False)])
def test_codes_live_five_minutes(merchant: Merchant, age: int, living: bool) -> None:
    given = codes(merchant, merchant.person())
    merchant.sandbox.control("/clock", {"offset_s": age})
    assert ("openid" in login(merchant, given["login_code"])) is living
    assert phone(merchant, given["phone_code"])["errcode"] == (0 if living else 40029)


def test_the_two_kinds_of_code_are_not_interchangeable(merchant: Merchant) -> None:
    given = codes(merchant, merchant.person())
    assert login(merchant, given["phone_code"])["errcode"] == 40029
    assert phone(merchant, given["login_code"])["errcode"] == 40029
    assert "openid" in login(merchant, given["login_code"])
    assert phone(merchant, given["phone_code"])["errcode"] == 0


def test_high_risk_person_is_refused_login(merchant: Merchant) -> None:
    body = {"platform": "wechat", "phone": "13800000009", "high_risk": True}
    openid = merchant.sandbox.control("/people", body)["openid"]
    assert login(merchant, codes(merchant, openid)["login_code"])["errcode"] == 40226


def test_hundred_and_first_login_in_a_minute_is_refused(merchant: Merchant) -> None:
    openid = merchant.person("13800000010")
    answers = [login(merchant, codes(merchant, openid)["login_code"]) for _ in range(101)]
    assert ["openid" in answer for answer in answers] == [True] * 100 + [False]
    assert answers[-1]["errcode"] == 45011


def test_phone_code_gives_the_number_once(merchant: Merchant) -> None:
    code = codes(merchant, merchant.person("13912345678"))["phone_code"]
    info = phone(merchant, code)["phone_info"]
    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == ("13912345678", "13912345678", "86")
    assert info["watermark"]["appid"] == merchant.app_id
    assert phone(merchant, code)["errcode"] == 40029


def test_phone_code_is_checked_against_the_openid_sent(merchant: Merchant) -> None:
    openid, other = merchant.person("13800000004"), merchant.person("13800000005")
    code = codes(merchant, openid)["phone_code"]
    assert phone(merchant, code, openid=other)["errcode"] == 40029
    assert phone(merchant, code, openid=openid)["errcode"] == 0


def test_codes_of_another_app_are_refused(merchant: Merchant) -> None:
    given = codes(merchant, merchant.person(), appid="wx0000000000000000")
    assert login(merchant, given["login_code"])["errcode"] == 40029
    assert phone(merchant, given["phone_code"])["errcode"] == 40013


def test_phone_call_wants_json_and_a_living_token(merchant: Merchant) -> None:
    code = codes(merchant, merchant.person())["phone_code"]
    url = f"{merchant.sandbox.url}/wxa/business/getuserphonenumber"
    token = stable(merchant)["access_token"]
    assert merchant.sandbox.client.post(f"{url}?access_token={token}", data={"code": code}).json()["errcode"] == 47001
    assert merchant.sandbox.client.post(url, json={"code": code}).json()["errcode"] == 41001
    assert phone(merchant, code, token="invented")["errcode"] == 40001
    assert phone(merchant, code)["errcode"] == 0


def test_stable_token_stays_the_same_until_its_last_five_minutes(merchant: Merchant) -> None:
    later = 10 * 86400
    merchant.sandbox.control("/clock", {"offset_s": later})
    first = stable(merchant, force_refresh=False)
    again = stable(merchant)
    assert again["access_token"] == first["access_token"]
    assert 300 <= again["expires_in"] <= 7200
    assert len(first["access_token"]) == 512
    merchant.sandbox.control("/clock", {"offset_s": later + first["expires_in"] - FIVE_MINUTES + 5})
    renewed = stable(merchant)
    assert renewed["access_token"] != first["access_token"]
    assert renewed["expires_in"] == 7200
    assert phone(merchant, "no-code", token=first["access_token"])["errcode"] == 40029
    merchant.sandbox.control("/clock", {"offset_s": later + first["expires_in"] + 10})
    assert phone(merchant, "no-code", token=first["access_token"])["errcode"] == 42001
    assert phone(merchant, "no-code", token=renewed["access_token"])["errcode"] == 40029


def test_forced_refresh_ends_the_old_token_and_is_rationed(merchant: Merchant) -> None:
    merchant.sandbox.control("/clock", {"offset_s": 30 * 86400})
    old = stable(merchant)["access_token"]
    forced = stable(merchant, force_refresh=True)["access_token"]
    assert forced != old
    assert phone(merchant, "no-code", token=old)["errcode"] == 42001
    assert stable(merchant, force_refresh=True)["errcode"] == 45011
    for turn in range(1, 20):
        merchant.sandbox.control("/clock", {"offset_s": 30 * 86400 + 31 * turn})
        assert "access_token" in stable(merchant, force_refresh=True)
    merchant.sandbox.control("/clock", {"offset_s": 30 * 86400 + 31 * 20})
    assert stable(merchant, force_refresh=True)["errcode"] == 45009


def test_classic_token_is_new_each_time_and_the_old_one_fades(merchant: Merchant) -> None:
    kept = stable(merchant)["access_token"]
    first, second = classic(merchant), classic(merchant)
    assert first != second
    assert phone(merchant, "no-code", token=first)["errcode"] == 40029
    merchant.sandbox.control("/clock", {"offset_s": FIVE_MINUTES + 5})
    assert phone(merchant, "no-code", token=first)["errcode"] == 42001
    assert phone(merchant, "no-code", token=second)["errcode"] == 40029
    assert phone(merchant, "no-code", token=kept)["errcode"] == 40029


def test_signed_and_encrypted_user_data_opens_with_the_session_key(merchant: Merchant) -> None:
    openid = merchant.person("13800000006")
    key = login(merchant, codes(merchant, openid)["login_code"])["session_key"]
    data = merchant.sandbox.control("/user-data", {"openid": openid})
    assert data["signature"] == hashlib.sha1((data["rawData"] + key).encode()).hexdigest()
    cipher = Cipher(algorithms.AES(base64.b64decode(key)), modes.CBC(base64.b64decode(data["iv"]))).decryptor()
    padded = cipher.update(base64.b64decode(data["encryptedData"])) + cipher.finalize()
    opened = json.loads(padded[: -padded[-1]])
    assert (opened["openId"], opened["watermark"]["appid"]) == (openid, merchant.app_id)


def test_check_session_knows_only_the_newest_key(merchant: Merchant) -> None:
    openid = merchant.person("13800000007")
    keys = [login(merchant, codes(merchant, openid)["login_code"])["session_key"] for _ in range(2)]
    token = stable(merchant)["access_token"]

    def check(key: str) -> int:
        signature = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
        params = {"access_token": token, "openid": openid, "sig_method": "hmac_sha256", "signature": signature}
        return int(
            merchant.sandbox.client.get(f"{merchant.sandbox.url}/wxa/checksession", params=params).json()["errcode"]
        )

    assert [check(key) for key in keys] == [87009, 0]


def test_session_cryptography_matches_the_published_samples() -> None:
    signature = session.session_signature(b'{"foo":"bar"}', "o0q0otL8aEzpcZL/FT9WsQ==")
    assert signature == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
    plain = (
        b'{"phoneNumber":"13800000000","purePhoneNumber":"13800000000","countryCode":"86",'
        b'"watermark":{"timestamp":1767312000,"appid":"wx0000000000000001"}}'
    )
    sealed = session.encrypt(plain, session_key="AAECAwQFBgcICQoLDA0ODw==", iv="EBESExQVFhcYGRobHB0eHw==")
    assert sealed == (
        "aLhedzo+Z6es5zW+YHo9snYC0yqzXTKggXNMQvhcyudkik75xObeE7YxlOkqVmhFK8f+LxhMgOYi9sTvM5HwmI782mFnqn3zZPlUfzWBBP/6"
        "qAGbf5iVZm6scZDBeHhAmgswORJAWqjbl1IFCrb7m1mY1jhR06be6eeOHiD+WsGP75a5Q4B8FWaOEcKWmEtHgBuNzauqrxvbSxJpD196kg=="
    )
