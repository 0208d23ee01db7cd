"""Finance gives money back: found by its payment code, asked for by one, decided by another, seen by the payer."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, sign_in_citizen, sign_in_clerk
from tests.e2e.test_quality_console import judged, name_of
from tests.flows.town import Person, Town
from tests.flows.walks import _settled, with_unpaid_fine

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def paid_fine(town: Town) -> tuple[Person, dict[str, Any], dict[str, Any]]:
    """A citizen's fine that was just paid: who, the demonstration's phone, the bill."""
    payer, told = await with_unpaid_fine(town)
    bill = (await payer.ask("GET", "/bills?state=unpaid"))["items"][0]
    wanted = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp"}
    order = await payer.ask("POST", "/orders", json=wanted, status=201)
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": told["openid"]})
    await _settled(payer, order["id"])
    return payer, told, bill


async def search(desk: Page, number: str) -> None:
    await desk.goto("/console/#/money")
    await desk.get_by_role("searchbox", name=re.compile("号码|Number")).fill(number)
    await desk.get_by_role("button", name=re.compile("^(查询|Search)$")).click()


async def test_two_people_of_finance_give_a_fine_back(desk: Any, phone: Any, chromium: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    asker, decider = [s["username"] for s in town.accounts["staff"] if s["role"] == "finance"][:2]
    _payer, told, bill = await paid_fine(town)
    await sign_in_clerk(desk, name_of(town, asker))
    await search(desk, "0000000000000000")
    await expect(desk.get_by_text("没有与此号码有关的款项")).to_be_visible()
    await search(desk, bill["payment_code"])
    story = desk.get_by_role("article")
    await expect(story.get_by_text("渠道收款")).to_be_visible()
    wrong = {"story": await judged(desk, "money-story")}
    await story.get_by_role("button", name="申请退付").click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog.get_by_text("将原路退回，收款账户不能指定。")).to_be_visible()
    await dialog.get_by_label("事由").select_option("revoked")
    await dialog.get_by_role("button", name="逐项退付").click()
    await expect(dialog.get_by_role("textbox").first).to_be_visible()
    wrong["ask"] = await judged(desk, "refund-ask")
    await dialog.get_by_role("button", name="退全部余额").click()
    await dialog.get_by_label("说明").fill("复议决定撤销处罚")
    await dialog.get_by_role("button", name="申请退付").click()
    await expect(dialog.get_by_text("须由他人审批")).to_be_visible()
    await expect(dialog.get_by_role("button", name="同意退付")).to_have_count(0)
    wrong["own"] = await judged(desk, "refund-own")
    number = (await dialog.get_by_text(re.compile("^退付 HHR")).inner_text()).removeprefix("退付 ")

    context = await chromium.new_context(base_url=town.url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    other = await context.new_page()
    await sign_in_clerk(other, name_of(town, decider))
    await other.goto("/console/#/refunds")
    await other.get_by_role("button", name=f"查看 {number}").click()
    await other.get_by_role("dialog").get_by_role("button", name="同意退付").click()
    await expect(other.get_by_role("dialog").get_by_role("button", name="同意退付")).to_have_count(0)
    await other.get_by_role("dialog").get_by_role("button", name="关闭", exact=True).last.click()
    wrong["list"] = await judged(other, "refunds")
    await context.close()

    await sign_in_citizen(phone, told["phone"])
    await phone.goto(f"/app/#/sub/bill/detail?id={bill['id']}")
    await expect(phone.get_by_text(number)).to_be_visible()
    await expect(phone.get_by_text("原路退回")).to_be_visible()

    await search(desk, number)
    await expect(desk.get_by_role("article").get_by_text("决定撤销或变更").first).to_be_visible()
    await desk.get_by_role("button", name="English").click()
    wrong["story-en"] = await judged(desk, "money-story", english=True)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_the_books_are_read_as_of_a_moment_and_proven(desk: Any, town: Town) -> None:
    await paid_fine(town)
    await sign_in_clerk(
        desk, name_of(town, next(s["username"] for s in town.accounts["staff"] if s["role"] == "auditor"))
    )
    await desk.goto("/console/#/books")
    await expect(desk.get_by_text("借贷平衡")).to_be_visible()
    wrong = {"books": await judged(desk, "books")}
    await desk.get_by_role("button", name="重算校验").click()
    await expect(desk.get_by_text(re.compile("已逐日重算 [0-9]+ 天"))).to_be_visible()
    await desk.get_by_role("button", name="流水 渠道待结算 微信支付").click()
    await expect(desk.get_by_role("row").filter(has_text="期末余额")).to_be_visible()
    wrong["moves"] = await judged(desk, "books-moves")
    await desk.get_by_role("button", name="English").click()
    wrong["moves-en"] = await judged(desk, "books-moves", english=True)
    assert {page: faults for page, faults in wrong.items() if faults} == {}


async def test_finance_says_who_shares_and_hands_on(desk: Any, town: Town) -> None:
    await sign_in_clerk(desk, name_of(town, town.of_role("finance")))
    await desk.goto("/console/#/books")
    await desk.get_by_role("button", name="国库", exact=True).click()
    await desk.get_by_role("button", name="新增分成规则").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("执收单位").select_option("JY")
    await dialog.get_by_label("依据").fill("区级收入分成办法")
    await dialog.get_by_label("市级 %").fill("33.3333")
    await dialog.get_by_label("市级 国库代码").fill("4401")
    await dialog.get_by_role("button", name="新增分成规则").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("合计须为 100%")
    await dialog.get_by_label("县区 %").fill("66.6667")
    await dialog.get_by_label("县区 国库代码").fill("440105")
    wrong = {"rule": await judged(desk, "treasury-rule")}
    await dialog.get_by_role("button", name="新增分成规则").click()
    await expect(desk.get_by_role("cell", name=re.compile("县区 66.6667%"))).to_be_visible()
    await desk.get_by_role("button", name=re.compile("^划缴截至")).click()
    await expect(desk.get_by_role("heading", name="划缴记录")).to_be_visible()
    wrong["treasury"] = await judged(desk, "treasury")
    assert {page: faults for page, faults in wrong.items() if faults} == {}
