"""Citizen and clerk side by side in a real browser: one conversation, one bill, one case."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


def owner_name(town: Town) -> str:
    username = town.owner_of(CASE_ITEM)
    return str(next(s["name"] for s in town.accounts["staff"] if s["username"] == username))


async def test_citizen_and_clerk_talk_live_and_nothing_is_lost_on_reload(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await sign_in_clerk(desk, owner_name(town))
    await desk.get_by_role("link", name=re.compile("会话")).click()
    await expect(desk.get_by_role("button", name="在线")).to_be_visible()
    await sign_in_citizen(phone, town.demo_citizen(1)["phone"])
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await phone.get_by_role("button", name="咨询", exact=True).click()
    await phone.get_by_role("textbox").fill("身份证在外地丢了怎么办？")
    await phone.get_by_role("button", name="开始咨询").click()
    await desk.get_by_role("button", name="接待").click()
    conversation = desk.get_by_role("log")
    await expect(conversation).to_contain_text("身份证在外地丢了怎么办？")
    await desk.get_by_role("textbox", name=re.compile("回复")).fill("可以就近异地补领，带上户口簿。")
    await desk.keyboard.press("Enter")
    thread = phone.get_by_role("log")
    await expect(thread).to_contain_text("可以就近异地补领，带上户口簿。")
    await expect(thread).to_contain_text("已读")
    await phone.get_by_role("textbox", name="输入您的问题").fill("谢谢！")
    await phone.get_by_role("button", name="发送", exact=True).click()
    await expect(conversation).to_contain_text("谢谢！")
    await picture(phone, "conversation-citizen")
    await picture(desk, "conversation-clerk")
    await phone.reload()
    await expect(thread).to_contain_text("谢谢！")
    words = await thread.inner_text()
    assert [words.count(said) for said in ("身份证在外地丢了怎么办？", "可以就近异地补领", "谢谢！")] == [1, 1, 1]
    assert [w.faults for w in watched] == [[], []]


async def test_a_conversation_survives_a_lost_network(phone: Any, desk: Any, town: Town) -> None:
    await sign_in_clerk(desk, owner_name(town))
    await desk.get_by_role("link", name=re.compile("会话")).click()
    await sign_in_citizen(phone, town.demo_citizen(2)["phone"])
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await phone.get_by_role("button", name="咨询", exact=True).click()
    await phone.get_by_role("textbox").fill("要多久？")
    await phone.get_by_role("button", name="开始咨询").click()
    await desk.get_by_role("button", name="接待").click()
    await expect(desk.get_by_role("log")).to_contain_text("要多久？")
    await phone.context.set_offline(True)
    await expect(phone.get_by_role("main")).to_contain_text("断开")
    await desk.get_by_role("textbox", name=re.compile("回复")).fill("十五个工作日。")
    await desk.keyboard.press("Enter")
    await phone.get_by_role("textbox", name="输入您的问题").fill("断网时写的")
    await phone.get_by_role("button", name="发送", exact=True).click()
    await phone.context.set_offline(False)
    await expect(phone.get_by_role("log")).to_contain_text("十五个工作日。")
    again = phone.get_by_role("button", name=re.compile("重发|重新发送"))
    if await again.count():
        await again.first.click()
    await expect(desk.get_by_role("log")).to_contain_text("断网时写的")
    assert (await desk.get_by_role("log").inner_text()).count("断网时写的") == 1


async def test_a_bill_is_paid_and_the_result_is_the_servers(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    await sign_in_citizen(phone, town.demo_citizen(3)["phone"])
    before = (await town.charges())["totals"]["net_fen"]
    await phone.goto("/app/#/sub/bill/list")
    await phone.get_by_role("link", name=re.compile("¥")).first.click()
    await expect(phone.get_by_role("heading", name="金额是怎么算的")).to_be_visible()
    total = await phone.get_by_role("region", name="操作").inner_text()
    await picture(phone, "bill")
    await phone.get_by_role("button", name="去缴费").click()
    cashier = phone.get_by_role("dialog")
    await expect(cashier).to_contain_text("模拟")
    await picture(phone, "cashier")
    await cashier.get_by_role("button", name=re.compile("^(确认)?(支付|付款)")).click()
    await expect(phone.get_by_role("main")).to_contain_text("缴费成功")
    await picture(phone, "paid")
    found = re.search(r"¥([\d,]+)\.(\d\d)", total)
    assert found is not None, total
    fen = int(found[1].replace(",", "") + found[2])
    assert (await town.charges())["totals"]["net_fen"] - before == fen
    await (
        phone.get_by_role("button", name=re.compile("票据|收据"))
        .or_(phone.get_by_role("link", name=re.compile("票据|收据")))
        .first.click()
    )
    await expect(phone.get_by_role("main")).to_contain_text("票据")
    assert watched.faults == []


async def test_cancelling_at_the_cashier_charges_nobody(phone: Any, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(4)["phone"])
    before = (await town.charges())["totals"]["net_fen"]
    await phone.goto("/app/#/sub/bill/list")
    await phone.get_by_role("link", name=re.compile("¥")).first.click()
    await phone.get_by_role("button", name="去缴费").click()
    await phone.get_by_role("dialog").get_by_role("button", name=re.compile("取消|暂不")).first.click()
    await expect(phone.get_by_role("main")).to_contain_text(re.compile("没有付款|未付款|已取消|还没有缴费|未支付"))
    assert (await town.charges())["totals"]["net_fen"] == before


@pytest.mark.parametrize("size", [(375, 812), (320, 640), (412, 915)])
async def test_nothing_sticks_out_sideways(phone: Any, size: tuple[int, int]) -> None:
    await phone.set_viewport_size({"width": size[0], "height": size[1]})
    for page in ("", "#/pages/services", f"#/sub/item/guide?code={CASE_ITEM}", "#/sub/item/search"):
        await phone.goto(f"/app/{page}")
        await expect(phone.get_by_role("heading").first).to_be_visible()
        right = await phone.evaluate(
            "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
        )
        assert right <= size[0] + 1, page


async def test_no_page_asks_anything_from_elsewhere(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await phone.goto("/app/")
    await desk.goto("/console/")
    await phone.wait_for_timeout(4000)  # a vendor's beacon would come three seconds after the start
    assert [w.faults for w in watched] == [[], []]
