"""Asking in one's own words, without knowing what the service is called."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
QUESTION = "钱包被偷了，身份证在里面，想补一张"


async def test_a_question_in_plain_words_meets_its_service(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    await sign_in_citizen(phone, town.demo_citizen(4)["phone"])
    await phone.goto("/app/#/sub/chat/start")
    await phone.get_by_role("textbox").fill(QUESTION)
    await phone.get_by_role("button", name="开始咨询").click()
    offered = phone.get_by_role("dialog", name="您问的是哪一项？")
    await expect(offered.get_by_role("button").filter(has_text="居民身份证遗失补领")).to_be_visible()
    await picture(phone, "asking-offered")
    assert await probes.faults(phone, least=44, english=False) == []
    await offered.get_by_role("button").filter(has_text="居民身份证遗失补领").click()
    await expect(phone.get_by_role("log")).to_contain_text(QUESTION)
    await expect(phone.get_by_role("main")).to_contain_text("居民身份证遗失补领")
    await picture(phone, "asking-room")
    assert watched.faults == []


async def test_whoever_finds_none_of_them_right_still_reaches_the_department(phone: Any, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(3)["phone"])
    await phone.goto("/app/#/sub/chat/start")
    await phone.get_by_role("textbox").fill(QUESTION)
    await phone.get_by_role("button", name="开始咨询").click()
    await phone.get_by_role("button", name="都不是，直接问").click()
    await expect(phone.get_by_role("log")).to_contain_text(QUESTION)
    talks = (await (await town.one_tap(town.demo_citizen(3))).ask("GET", "/consultations"))["items"]
    assert talks[0]["subject"]["item"] is None
    assert talks[0]["subject"]["department"]["code"] == "GA"
