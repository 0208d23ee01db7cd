"""DingTalk and WeCom for one organisation: codes, tokens, members and outsiders, and the page that plays the phone."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox_server import ControlRefused, SandboxServer

CHEN, OUTSIDER = "4801520013", "900001"
BACK = "http://127.0.0.1:8000/console/"


@pytest.fixture(autouse=True)
def calm(platform: SandboxServer) -> Any:
    yield
    platform.calm()


def issued(platform: SandboxServer, name: str) -> str:
    return platform.credentials[f"HANDHELD_{name}"]


def dingtalk_token(platform: SandboxServer) -> str:
    body = {"appKey": issued(platform, "DINGTALK_APP_KEY"), "appSecret": issued(platform, "DINGTALK_APP_SECRET")}
    told = platform.client.post(f"{platform.url}/v1.0/oauth2/accessToken", json=body).json()
    assert told["expireIn"] <= 7200
    return str(told["accessToken"])


def wecom_token(platform: SandboxServer) -> str:
    query = {"corpid": issued(platform, "WECOM_CORP_ID"), "corpsecret": issued(platform, "WECOM_SECRET")}
    return str(platform.client.get(f"{platform.url}/cgi-bin/gettoken", params=query).json()["access_token"])


def code(platform: SandboxServer, kind: str, userid: str, scene: str) -> str:
    return str(platform.control("/organisation/codes", {"kind": kind, "userid": userid, "scene": scene})["code"])


def older(platform: SandboxServer, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    url = f"{platform.url}{path}?access_token={token or dingtalk_token(platform)}"
    told: dict[str, Any] = platform.client.post(url, json=body).json()
    return told


def user_token(platform: SandboxServer, given: str, **changes: str) -> Any:
    body = {
        "clientId": issued(platform, "DINGTALK_APP_KEY"), "clientSecret": issued(platform, "DINGTALK_APP_SECRET"),
        "code": given, "grantType": "authorization_code",
    }  # fmt: skip
    return platform.client.post(f"{platform.url}/v1.0/oauth2/userAccessToken", json=body | changes)


def who(platform: SandboxServer, given: str, **changes: str) -> dict[str, Any]:
    query = {"access_token": wecom_token(platform), "code": given} | changes
    told: dict[str, Any] = platform.client.get(f"{platform.url}/cgi-bin/auth/getuserinfo", params=query).json()
    return told


def test_a_page_opened_within_dingtalk_learns_the_member_once(platform: SandboxServer) -> None:
    given = code(platform, "dingtalk", CHEN, "app")
    told = older(platform, "/topapi/v2/user/getuserinfo", {"code": given})
    assert (told["errcode"], told["result"]["userid"], told["result"]["name"]) == (0, CHEN, "陈立群")
    assert older(platform, "/topapi/v2/user/getuserinfo", {"code": given})["errcode"] == 40078


def test_a_scan_tells_the_union_id_and_the_organisation_tells_the_member(platform: SandboxServer) -> None:
    told = user_token(platform, code(platform, "dingtalk", CHEN, "scan")).json()
    assert told["corpId"] == issued(platform, "DINGTALK_CORP_ID")
    me = platform.client.get(
        f"{platform.url}/v1.0/contact/users/me", headers={"x-acs-dingtalk-access-token": told["accessToken"]}
    ).json()
    assert "userid" not in me
    found = older(platform, "/topapi/user/getbyunionid", {"unionid": me["unionId"]})
    assert found["result"] == {"contact_type": 0, "userid": CHEN}
    assert older(platform, "/topapi/v2/user/get", {"userid": CHEN})["result"]["active"] is True


def test_outsiders_are_60121_at_dingtalk_and_an_openid_at_wecom(platform: SandboxServer) -> None:
    assert (
        older(platform, "/topapi/v2/user/getuserinfo", {"code": code(platform, "dingtalk", OUTSIDER, "app")})["errcode"]
        == 60121
    )
    told = user_token(platform, code(platform, "dingtalk", OUTSIDER, "scan")).json()
    assert told["corpId"] != issued(platform, "DINGTALK_CORP_ID")
    assert older(platform, "/topapi/user/getbyunionid", {"unionid": "nobody"})["errcode"] == 60121
    outside = who(platform, code(platform, "wecom", "WaiDanWei", "scan"))
    assert (outside["errcode"], "userid" in outside) == (0, False)
    assert outside["openid"]
    assert outside["external_userid"]


def test_codes_of_the_app_and_of_scans_are_not_interchangeable(platform: SandboxServer) -> None:
    assert (
        user_token(platform, code(platform, "dingtalk", CHEN, "app")).json()["code"]
        == "invalidParameter.authCode.notFound"
    )
    scan = code(platform, "dingtalk", CHEN, "scan")
    assert older(platform, "/topapi/v2/user/getuserinfo", {"code": scan})["errcode"] == 40078
    assert user_token(platform, scan).status_code == 200
    assert who(platform, code(platform, "dingtalk", CHEN, "scan"))["errcode"] == 40029


@pytest.mark.parametrize(("age", "living"), [(295, True), (301, False)])
def test_codes_live_five_minutes_and_once(platform: SandboxServer, age: int, living: bool) -> None:
    scan, wecom = code(platform, "dingtalk", CHEN, "scan"), code(platform, "wecom", "LinXiaolan", "scan")
    platform.control("/clock", {"offset_s": age})
    assert (user_token(platform, scan).status_code == 200) is living
    assert (who(platform, wecom)["errcode"] == 0) is living
    assert who(platform, wecom)["errcode"] == 40029


def test_tokens_are_repeated_while_they_live_and_refused_afterwards(platform: SandboxServer) -> None:
    for fetch in (dingtalk_token, wecom_token):
        assert fetch(platform) == fetch(platform)
    old, mine = dingtalk_token(platform), wecom_token(platform)
    platform.control("/clock", {"offset_s": 7201})
    assert older(platform, "/topapi/v2/user/get", {"userid": CHEN}, token=old)["errcode"] == 42001
    assert who(platform, "x", access_token=mine)["errcode"] == 42001
    assert who(platform, "x", access_token="nobody")["errcode"] == 40014
    assert older(platform, "/topapi/v2/user/get", {"userid": CHEN}, token="nobody")["errcode"] == 40014


def test_a_wrong_secret_gets_no_token(platform: SandboxServer) -> None:
    body = {"appKey": issued(platform, "DINGTALK_APP_KEY"), "appSecret": "wrong"}
    refused = platform.client.post(f"{platform.url}/v1.0/oauth2/accessToken", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "invalidClientIdOrSecret")
    query = {"corpid": issued(platform, "WECOM_CORP_ID"), "corpsecret": "wrong"}
    assert platform.client.get(f"{platform.url}/cgi-bin/gettoken", params=query).json()["errcode"] == 40001
    query = {"corpid": "nobody", "corpsecret": "wrong"}
    assert platform.client.get(f"{platform.url}/cgi-bin/gettoken", params=query).json()["errcode"] == 40013
    assert user_token(platform, "x", clientSecret="wrong").status_code == 403


def test_the_older_paths_answer_as_they_did(platform: SandboxServer) -> None:
    query = {"appkey": issued(platform, "DINGTALK_APP_KEY"), "appsecret": issued(platform, "DINGTALK_APP_SECRET")}
    told = platform.client.get(f"{platform.url}/gettoken", params=query).json()
    assert (told["errcode"], told["access_token"]) == (0, dingtalk_token(platform))
    query = {"access_token": wecom_token(platform), "code": code(platform, "wecom", "LinXiaolan", "app")}
    told = platform.client.get(f"{platform.url}/cgi-bin/user/getuserinfo", params=query).json()
    assert told["UserId"] == "LinXiaolan"


def page(platform: SandboxServer, path: str, **query: str) -> Any:
    return platform.client.get(f"{platform.url}{path}", params=query)


@pytest.mark.parametrize("kind", ["dingtalk", "wecom"])
def test_the_page_asks_and_the_browser_goes_back_with_code_and_state(platform: SandboxServer, kind: str) -> None:
    if kind == "dingtalk":
        asked = page(
            platform, "/oauth2/auth", client_id=issued(platform, "DINGTALK_APP_KEY"), response_type="code",
            scope="openid corpid", state="s1", redirect_uri=BACK, prompt="consent",
        )  # fmt: skip
    else:
        asked = page(
            platform, "/wwlogin/sso/login", appid=issued(platform, "WECOM_CORP_ID"), login_type="CorpApp",
            agentid=issued(platform, "WECOM_AGENT_ID"), state="s1", redirect_uri=BACK,
        )  # fmt: skip
    assert asked.status_code == 200
    assert "同意登录" in asked.text
    userid = CHEN if kind == "dingtalk" else "LinXiaolan"
    form = {"kind": kind, "back": BACK, "state": "s1", "userid": userid}
    answer = platform.client.post(f"{platform.url}/_sandbox/organisation/agree", data=form, follow_redirects=False)
    assert answer.status_code == 303
    brought = parse_qs(urlsplit(answer.headers["location"]).query)
    assert brought["state"] == ["s1"]
    if kind == "dingtalk":
        assert brought["authCode"] == brought["code"]
        assert user_token(platform, brought["authCode"][0]).status_code == 200
    else:
        assert who(platform, brought["code"][0])["userid"] == "LinXiaolan"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "ding0"},
        {"redirect_uri": "https://evil.example/console/"},
        {"state": ""},
        {"response_type": "token"},
    ],
)
def test_a_page_that_was_not_asked_for_rightly_says_so(platform: SandboxServer, changes: dict[str, str]) -> None:
    right = {
        "client_id": issued(platform, "DINGTALK_APP_KEY"), "response_type": "code", "scope": "openid", "state": "s",
        "redirect_uri": BACK,
    }  # fmt: skip
    assert page(platform, "/oauth2/auth", **right | changes).status_code == 400


def test_nobody_is_sent_to_another_machine(platform: SandboxServer) -> None:
    form = {"kind": "dingtalk", "back": "https://evil.example/", "state": "s", "userid": CHEN}
    answer = platform.client.post(f"{platform.url}/_sandbox/organisation/agree", data=form, follow_redirects=False)
    assert answer.status_code == 400


def test_members_join_and_leave(platform: SandboxServer) -> None:
    body = {"kind": "wecom", "userid": "XinRen", "name": "新人"}
    assert platform.control("/organisation/people", body)["member"] == 1
    assert who(platform, code(platform, "wecom", "XinRen", "scan"))["userid"] == "XinRen"
    assert platform.control("/organisation/people", body | {"member": False})["member"] == 0
    assert "userid" not in who(platform, code(platform, "wecom", "XinRen", "scan"))
    assert "XinRen" in {p["userid"] for p in platform.control("/organisation/people?kind=wecom")["people"]}
    for wrong in ({"kind": "feishu"}, {"userid": "Nobody"}, {"scene": "dream"}):
        with pytest.raises(ControlRefused):
            platform.control("/organisation/codes", {"kind": "wecom", "userid": "XinRen", "scene": "scan"} | wrong)
