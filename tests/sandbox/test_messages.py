"""Messages to people: one-time subscriptions at WeChat and Alipay, work messages at DingTalk and WeCom; by their SDKs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alipay import AliPay
from alipay.exceptions import AliPayException
from dingtalk import AppKeyClient, DingTalkClientException
from wechatpy import WeChatClient
from wechatpy.enterprise import WeChatClient as WeComClient
from wechatpy.exceptions import WeChatClientException

from tests.sandbox.test_sdk_workplaces import Rerouted
from tests.sandbox.test_workplaces import CHEN, OUTSIDER, issued
from tests.sandbox_server import ControlRefused, SandboxServer

GOOD = {
    "thing1": {"value": "居住证办理"},
    "thing2": {"value": "您的咨询有新回复"},
    "time3": {"value": "2026-11-21 15:01"},
}
KEYWORDS = {f"keyword{n}": {"value": "居住证"} for n in (1, 2, 3)}
SEND = "alipay.open.app.mini.templatemessage.send"
ROOM = "sub/chat/room?id=7"


@pytest.fixture(autouse=True)
def calm(platform: SandboxServer) -> Iterator[None]:
    yield
    platform.calm()


@pytest.fixture
def wechat(platform: SandboxServer) -> Any:
    client = WeChatClient(issued(platform, "WECHAT_APP_ID"), issued(platform, "WECHAT_APP_SECRET"))
    client._http = Rerouted(platform.url)
    return client


@pytest.fixture
def alipay(platform: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keys = {name: Path(issued(platform, f"ALIPAY_{name}_KEY_FILE")).read_text() for name in ("PRIVATE", "PUBLIC")}
    client = AliPay(
        appid=issued(platform, "ALIPAY_APP_ID"), app_private_key_string=keys["PRIVATE"],
        alipay_public_key_string=keys["PUBLIC"],
    )  # fmt: skip
    client._gateway = issued(platform, "ALIPAY_GATEWAY_URL")
    return client


def template(platform: SandboxServer, name: str) -> str:
    return issued(platform, name).split()[0]


def person(platform: SandboxServer, kind: str, phone: str) -> str:
    return str(platform.control("/people", {"platform": kind, "phone": phone})["openid"])


def came_to(platform: SandboxServer, openid: str) -> list[dict[str, Any]]:
    return list(platform.control(f"/messages?openid={openid}")["messages"])


def test_each_allow_is_good_for_one_message_of_its_template(wechat: Any, platform: SandboxServer) -> None:
    openid, answers = person(platform, "wechat", "13900000501"), template(platform, "WECHAT_MESSAGE_ANSWERS")
    cases = template(platform, "WECHAT_MESSAGE_CASES")
    told = platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept", cases: "reject"}})
    assert told["credits"] == {answers: 1, cases: 0}
    sent = wechat.wxa.send_subscribe_message(openid, answers, GOOD, page=ROOM)
    assert (sent["errcode"], [m["number"] for m in came_to(platform, openid)]) == (0, [f"{sent['msgid']:018d}"])
    assert came_to(platform, openid)[0]["page"] == ROOM
    with pytest.raises(WeChatClientException) as refused:
        wechat.wxa.send_subscribe_message(openid, answers, GOOD, page=ROOM)
    assert (refused.value.errcode, len(came_to(platform, openid))) == (43101, 1)


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"thing1": "二十一个字的事项名称超过了平台允许的长度限"}, 47003),
        ({"thing1": ""}, 47003),
        ({"time3": "下午三点"}, 47003),
        ({"time3": "25:01"}, 47003),
        ({"name9": "多出来的字段"}, 47003),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused_and_spends_nothing(
    changes: dict[str, str], errcode: int, wechat: Any, platform: SandboxServer
) -> None:
    openid, answers = person(platform, "wechat", "13900000502"), template(platform, "WECHAT_MESSAGE_ANSWERS")
    held = platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept"}})["credits"]
    with pytest.raises(WeChatClientException) as refused:
        wechat.wxa.send_subscribe_message(openid, answers, GOOD | {k: {"value": v} for k, v in changes.items()})
    assert refused.value.errcode == errcode
    assert next(iter(changes)) in refused.value.errmsg
    again = platform.control("/subscriptions", {"openid": openid, "templates": {answers: "reject"}})["credits"]
    assert (again, came_to(platform, openid)) == (held, [])


def test_strangers_templates_and_pages_are_checked(wechat: Any, platform: SandboxServer) -> None:
    openid, answers = person(platform, "wechat", "13900000503"), template(platform, "WECHAT_MESSAGE_ANSWERS")
    platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept"}})
    asked = [
        (("nobody", answers, ROOM), 40003), ((person(platform, "alipay", "13900000503"), answers, ROOM), 40003),
        ((openid, "no-such-template", ROOM), 40037), ((openid, template(platform, "ALIPAY_MESSAGE_ANSWERS"), ROOM), 40037),
        ((openid, answers, "/sub/chat/room"), 41030), ((openid, answers, "https://elsewhere.example"), 41030),
    ]  # fmt: skip
    for (touser, template_id, page), errcode in asked:
        with pytest.raises(WeChatClientException) as refused:
            wechat.wxa.send_subscribe_message(touser, template_id, GOOD, page=page)
        assert refused.value.errcode == errcode
    assert came_to(platform, openid) == []


def test_the_phone_asks_about_three_templates_at_most_and_only_of_its_app(platform: SandboxServer) -> None:
    openid = person(platform, "wechat", "13900000504")
    for templates in ({}, {"no-such-template": "accept"}, {template(platform, "WECHAT_MESSAGE_CASES"): "perhaps"}):
        with pytest.raises(ControlRefused):
            platform.control("/subscriptions", {"openid": openid, "templates": templates})


def test_switching_messages_off_ends_every_credit(wechat: Any, platform: SandboxServer) -> None:
    openid, answers = person(platform, "wechat", "13900000505"), template(platform, "WECHAT_MESSAGE_ANSWERS")
    for _ in range(3):
        platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept"}})
    platform.control(f"/subscriptions?openid={openid}", method="DELETE")
    with pytest.raises(WeChatClientException) as refused:
        wechat.wxa.send_subscribe_message(openid, answers, GOOD)
    assert refused.value.errcode == 43101


def test_the_alipay_sdk_sends_one_message_for_each_allow(alipay: Any, platform: SandboxServer) -> None:
    openid, answers = person(platform, "alipay", "13900000506"), template(platform, "ALIPAY_MESSAGE_ANSWERS")
    platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept"}})
    content = {
        "to_open_id": openid, "user_template_id": answers, "page": ROOM,
        "data": json.dumps(KEYWORDS, ensure_ascii=False),
    }  # fmt: skip
    assert alipay.server_api(SEND, biz_content=content)["code"] == "10000"
    assert [m["title"] for m in came_to(platform, openid)] == ["咨询回复提醒"]
    for changes, sub_code in (
        ({}, "USER_NOT_SUBSCRIBE"), ({"to_open_id": "nobody"}, "USER_NOT_EXIST"),
        ({"user_template_id": "none"}, "TEMPLATE_NOT_EXIST"), ({"data": "{}"}, "TEMPLATE_DATA_INVALID"),
        ({"page": "/pages/home"}, "isv.invalid-parameter"), ({"data": "no json"}, "isv.invalid-parameter"),
    ):  # fmt: skip
        with pytest.raises(AliPayException) as refused:
            alipay.server_api(SEND, biz_content=content | changes)
        assert sub_code in str(refused.value)
    assert len(came_to(platform, openid)) == 1


CARD = {
    "title": "待办提醒",
    "markdown": "一条咨询等您回复",
    "single_title": "查看",
    "single_url": "https://office.example/console/",
}


def dingtalk_message(platform: SandboxServer, changes: Any = None) -> dict[str, Any]:
    message = {"msgtype": "action_card", "action_card": CARD}
    return {"agent_id": issued(platform, "DINGTALK_AGENT_ID"), "userid_list": CHEN, "msg": message} | (changes or {})


def test_the_dingtalk_sdk_sends_a_work_message_and_a_repeat_is_shown_once(platform: SandboxServer) -> None:
    sdk = AppKeyClient(*(issued(platform, f"DINGTALK_{name}") for name in ("CORP_ID", "APP_KEY", "APP_SECRET")))
    sdk._http = Rerouted(platform.url)
    path, before = "/topapi/message/corpconversation/asyncsend_v2", len(came_to(platform, CHEN))
    for _ in range(2):
        assert sdk.post(path, dingtalk_message(platform))["task_id"] > 0
    assert [m["title"] for m in came_to(platform, CHEN)][: len(came_to(platform, CHEN)) - before] == ["待办提醒"]
    wrong = [({"agent_id": "1"}, 33014), ({"userid_list": ""}, 33013), ({"msg": {"msgtype": "text"}}, 40035)]
    for changes, errcode in wrong:
        with pytest.raises(DingTalkClientException) as refused:
            sdk.post(path, dingtalk_message(platform, changes))
        assert refused.value.errcode == errcode
    sdk.post(path, dingtalk_message(platform, {"userid_list": OUTSIDER}))
    assert came_to(platform, OUTSIDER) == []


def test_the_wecom_sdk_sends_a_card_to_members_alone(platform: SandboxServer) -> None:
    sdk = WeComClient(issued(platform, "WECOM_CORP_ID"), issued(platform, "WECOM_SECRET"))
    sdk._http = Rerouted(platform.url)
    agent = issued(platform, "WECOM_AGENT_ID")
    card = {"title": "待办提醒", "description": "一条咨询等您回复", "url": "https://office.example/console/"}
    message = {"msgtype": "textcard", "textcard": card}
    told = sdk.message.send(agent, ["LinXiaolan", "Nobody"], msg=message)
    assert told["invaliduser"] == "Nobody"
    assert [m["page"] for m in came_to(platform, "LinXiaolan")] == ["https://office.example/console/"]
    for agent_id, users, errcode in (
        (1, ["LinXiaolan"], 40056),
        (agent, ["Nobody"], 81013),
        (agent, ["WaiDanWei"], 81013),
    ):
        with pytest.raises(WeChatClientException) as refused:
            sdk.message.send(agent_id, users, msg=message)
        assert refused.value.errcode == errcode


def test_faults_strike_before_or_after_a_message_came(wechat: Any, platform: SandboxServer) -> None:
    openid, answers = person(platform, "wechat", "13900000507"), template(platform, "WECHAT_MESSAGE_ANSWERS")
    for _ in range(3):
        platform.control("/subscriptions", {"openid": openid, "templates": {answers: "accept"}})
    wechat.access_token  # noqa: B018 - fetched before the faults, as the office has it
    for kind, came in (("drop", 0), ("http_500", 0), ("not_subscribed", 0), ("timeout_after", 1)):
        platform.control("/faults", {"where": "message", "kind": kind, "times": 1, "delay_s": 0})
        with pytest.raises(Exception) as failed:
            wechat.wxa.send_subscribe_message(openid, answers, GOOD)
        assert (getattr(failed.value, "errcode", None) == 43101) == (kind == "not_subscribed")
        assert len(came_to(platform, openid)) == came
