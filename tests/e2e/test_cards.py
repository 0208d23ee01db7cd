"""Cards that act, in one conversation and two browsers: a list photographed, materials corrected, a fee paid, all live."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import corrected, filed, named
from tests.e2e.test_browser import owner_name
from tests.flows.town import Town, photo
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def talking(phone: Page, desk: Page, town: Town, *, who: int) -> None:
    """A citizen with a case to be corrected, and the clerk who holds it, in a conversation."""
    citizen = await named(town, town.demo_citizen(who))
    await corrected(await town.clerk(town.owner_of(CASE_ITEM)), await filed(citizen))
    await sign_in_clerk(desk, owner_name(town))
    await desk.get_by_role("link", name=re.compile("会话")).click()
    await expect(desk.get_by_role("button", name="在线")).to_be_visible()
    await sign_in_citizen(phone, town.demo_citizen(who)["phone"])
    await phone.goto(f"/app/#/sub/chat/start?item={CASE_ITEM}")
    await phone.get_by_role("textbox").fill("补正要拍哪几张？")
    await phone.get_by_role("button", name="开始咨询").click()
    await desk.get_by_role("button", name="接待").click()
    await expect(desk.get_by_role("log")).to_contain_text("补正要拍哪几张？")


async def send_card(desk: Page, kind: str) -> None:
    """By keyboard alone: the menu opens at its first row, arrows walk it, Enter sends."""
    await desk.get_by_role("button", name="事项卡片").focus()
    await desk.keyboard.press("Enter")
    rows = desk.get_by_role("menuitem")
    await expect(rows.first).to_be_focused()
    for _ in range(await rows.count()):
        if await desk.get_by_role("menuitem", name=re.compile(kind)).first.evaluate(
            "row => row === document.activeElement"
        ):
            break
        await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    await expect(rows).to_have_count(0)


def card(page: Page, kind: str) -> Locator:
    return page.get_by_role("log").get_by_role("group", name=re.compile(kind)).last


async def take(page: Page, button: Locator, words: str) -> None:
    async with page.expect_file_chooser() as chooser:
        await button.click()
    await (await chooser.value).set_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(words)})


async def back_to_the_room(phone: Page) -> None:
    await phone.get_by_role("button", name="返回").first.click()
    await expect(phone.get_by_role("log")).to_be_visible()


async def test_a_conversation_gets_the_materials_and_the_fee_done(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await talking(phone, desk, town, who=5)
    beside = desk.get_by_role("complementary", name="会话信息")
    await expect(beside).to_contain_text("待补正")
    await picture(desk, "cards-context")

    await send_card(desk, "材料清单")
    await card(phone, "我的材料清单").get_by_role("button", name="看我要准备什么").click()
    await phone.get_by_role("radio", name="找不到了").check()
    await expect(phone.get_by_role("main")).to_contain_text("您需要准备")
    await picture(phone, "cards-checklist")
    await phone.get_by_role("button", name="现在就拍照准备").click()
    tile = phone.get_by_role("group", name=re.compile("居民身份证数字相片回执"))
    await take(phone, tile.get_by_role("button", name=re.compile("拍照或选图")), "checklist")
    await expect(tile).to_contain_text("已上传")
    await picture(phone, "cards-checklist-photographed")
    await back_to_the_room(phone)

    await send_card(desk, "材料补正")
    await expect(card(desk, "材料补正")).to_contain_text("待补正")
    await picture(phone, "cards-correction")
    assert await probes.faults(phone, least=44, english=False) == []
    await card(phone, "材料补正").get_by_role("button", name=re.compile("^重拍")).click()
    again = phone.get_by_role("main").get_by_role("button", name=re.compile("重新拍一张")).first
    await take(phone, again, "corrected")
    await expect(phone.get_by_role("main")).to_contain_text("已上传")
    await phone.get_by_role("button", name="重新提交").click()
    await expect(phone.get_by_role("log")).to_contain_text("补正材料已提交")
    await expect(desk.get_by_role("log")).to_contain_text("补正材料已提交")
    await expect(card(desk, "材料补正")).to_contain_text("已补正")

    await beside.get_by_role("button", name="开具缴款书").click()
    await desk.get_by_role("dialog").get_by_role("button", name="开具并发给市民").click()
    await expect(card(phone, "缴款书")).to_contain_text("¥40.00")
    await picture(phone, "cards-bill")
    await card(phone, "缴款书").get_by_role("button", name="去缴款").click()
    await phone.get_by_role("button", name="去缴费").click()
    await phone.get_by_role("dialog").get_by_role("button", name=re.compile("^(确认)?(支付|付款)")).click()
    await expect(phone.get_by_role("main")).to_contain_text("缴费成功")
    await expect(desk.get_by_role("log")).to_contain_text("该笔缴款已缴清")
    await expect(card(desk, "缴费单")).to_contain_text("已缴清")
    await picture(desk, "cards-desk")
    assert await probes.faults(desk, least=24, english=False) == []
    assert [w.faults for w in watched] == [[], []]


async def test_a_citizen_shows_a_case_and_a_draft_comes_back(phone: Any, desk: Any, town: Town) -> None:
    await talking(phone, desk, town, who=4)
    await phone.get_by_role("button", name="发送我的办件、缴款或证照").click()
    choosing = phone.get_by_role("dialog")
    await expect(choosing).to_contain_text("发送即同意")
    await expect(choosing.get_by_role("link").first).to_be_visible()
    await picture(phone, "cards-share")
    await choosing.get_by_role("link").filter(has_text="我的办件").first.click()
    await expect(card(desk, "办件")).to_contain_text("待补正")
    beside = desk.get_by_role("complementary", name="会话信息")
    await beside.get_by_role("button", name="建立申请草稿").click()
    await desk.get_by_role("dialog").get_by_role("button", name="建立并发给市民").click()
    await expect(card(phone, "我的办件")).to_contain_text("草稿")
    await picture(phone, "cards-draft")
    await phone.reload()
    await card(phone, "我的办件").get_by_role("button", name="继续填写").click()
    await expect(phone.get_by_role("main")).to_contain_text("继续填写")
    await expect(phone.get_by_role("link", name=re.compile("由咨询转入"))).to_be_visible()
    await send_card(desk, "办事指南")
    await send_card(desk, "材料补正")
    citizen = await town.one_tap(town.demo_citizen(4))
    talk = (await citizen.ask("GET", "/consultations"))["items"][0]["id"]
    for look, least in (("elder=0&lang=en", 44), ("elder=1&lang=en", 60), ("elder=1&lang=zh", 60)):
        await phone.goto(f"/app/?{look}#/sub/chat/room?id={talk}")
        await expect(phone.get_by_role("log").get_by_role("group")).to_have_count(4)
        await probes.settled(phone)
        await picture(phone, f"cards-{look}")
        assert await probes.faults(phone, least=least) == [], look
