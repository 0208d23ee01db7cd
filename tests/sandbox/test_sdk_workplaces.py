"""Third-party SDKs, unchanged but for the address they call: wechatpy for WeCom, dingtalk-sdk for DingTalk."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from dingtalk import AppKeyClient, DingTalkClientException
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.sandbox.test_workplaces import CHEN, OUTSIDER, code, issued
from tests.sandbox_server import SandboxServer


class Rerouted(requests.Session):
    """Every address of the platform is the sandbox's."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.trust_env = base, False

    def request(self, method: Any, url: Any, *args: Any, **more: Any) -> requests.Response:
        here = urlsplit(self.base)
        there = urlsplit(str(url))._replace(scheme=here.scheme, netloc=here.netloc)
        return super().request(method, urlunsplit(there), *args, **more)


@pytest.fixture
def wecom(platform: SandboxServer) -> Any:
    client = WeChatClient(issued(platform, "WECOM_CORP_ID"), issued(platform, "WECOM_SECRET"))
    client._http = Rerouted(platform.url)
    yield client
    platform.calm()


@pytest.fixture
def dingtalk(platform: SandboxServer) -> Any:
    client = AppKeyClient(
        issued(platform, "DINGTALK_CORP_ID"), issued(platform, "DINGTALK_APP_KEY"),
        issued(platform, "DINGTALK_APP_SECRET"),
    )  # fmt: skip
    client._http = Rerouted(platform.url)
    yield client
    platform.calm()


def test_the_wecom_sdk_learns_whose_a_code_is_once(wecom: Any, platform: SandboxServer) -> None:
    given = code(platform, "wecom", "LinXiaolan", "app")
    assert wecom.oauth.get_user_info(given)["UserId"] == "LinXiaolan"
    with pytest.raises(WeChatClientException) as refused:
        wecom.oauth.get_user_info(given)
    assert refused.value.errcode == 40029


def test_the_wecom_sdk_fetches_its_token_anew_when_it_is_not_accepted(wecom: Any, platform: SandboxServer) -> None:
    assert wecom.oauth.get_user_info(code(platform, "wecom", "LinXiaolan", "app"))["UserId"] == "LinXiaolan"
    platform.control("/organisation/tokens?kind=wecom", method="DELETE")
    assert wecom.oauth.get_user_info(code(platform, "wecom", "LiangMinyi", "app"))["UserId"] == "LiangMinyi"


def test_the_dingtalk_sdk_learns_who_opened_the_page_once(dingtalk: Any, platform: SandboxServer) -> None:
    given = {"code": code(platform, "dingtalk", CHEN, "app")}
    assert dingtalk.post("/topapi/v2/user/getuserinfo", given)["result"]["userid"] == CHEN
    with pytest.raises(DingTalkClientException) as refused:
        dingtalk.post("/topapi/v2/user/getuserinfo", given)
    assert refused.value.errcode == 40078


def test_the_dingtalk_sdk_is_told_of_outsiders(dingtalk: Any, platform: SandboxServer) -> None:
    with pytest.raises(DingTalkClientException) as refused:
        dingtalk.post("/topapi/v2/user/getuserinfo", {"code": code(platform, "dingtalk", OUTSIDER, "app")})
    assert refused.value.errcode == 60121
