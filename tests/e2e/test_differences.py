"""Finance's day: an exception worked by two people, and a day closed, asked about and opened again by two."""

import asyncio
import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, sign_in_clerk
from tests.e2e.test_quality_console import judged, name_of
from tests.flows.town import Person, Town
from tests.flows.walks import with_unpaid_fine

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


def cashiers(town: Town) -> list[str]:
    return [s["username"] for s in town.accounts["staff"] if s["role"] == "finance"][:2]


async def wrongly_told(town: Town, finance: Person) -> dict[str, Any]:
    """A payment whose notice tells another amount: the exception it opened."""
    payer, told = await with_unpaid_fine(town)
    bill = (await payer.ask("GET", "/bills?state=unpaid"))["items"][0]
    wanted = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp"}
    order = await payer.ask("POST", "/orders", json=wanted, status=201)
    await town.sandbox("faults", {"where": "notify", "kind": "wrong_amount", "rate": 1.0, "seed": 1, "for_s": 20})
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": told["openid"]})
    async with asyncio.timeout(60):
        while True:
            listed = (await finance.ask("GET", "/differences?source=exception&kind=wrong_amount"))["items"]
            mine = [m for m in listed if m["ours_fen"] == order["amount_fen"] and m["proposal"] is None]
            if mine:
                found: dict[str, Any] = mine[-1]
                return found
            await asyncio.sleep(0.2)


async def signed_in(chromium: Any, town: Town, username: str) -> Page:
    context = await chromium.new_context(base_url=town.url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page: Page = await context.new_page()
    await sign_in_clerk(page, name_of(town, username))
    return page


async def test_an_exception_is_worked_by_two_people(desk: Any, chromium: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    asker, decider = cashiers(town)
    matter = await wrongly_told(town, await town.clerk(asker))
    await sign_in_clerk(desk, name_of(town, asker))
    await desk.goto("/console/#/differences")
    await expect(desk.get_by_role("link", name=re.compile(matter["out_trade_no"]))).to_be_visible()
    await expect(desk.get_by_role("region", name="差异总览")).to_be_visible()
    wrong = {"list": await judged(desk, "differences")}
    await desk.get_by_role("link", name=re.compile(matter["out_trade_no"])).click()
    await expect(desk.get_by_role("heading", level=1)).to_contain_text("到账金额与订单不符")
    await desk.get_by_role("button", name="提交批准").click()
    await expect(desk.get_by_role("alert")).to_contain_text("请写明理由")
    await desk.get_by_role("radio", name=re.compile("^说明")).check()
    await desk.get_by_label("理由与依据").fill("渠道后台金额无误，通知被篡改，不予采信")
    wrong["propose"] = await judged(desk, "difference-propose")
    await desk.get_by_role("button", name="提交批准").click()
    await expect(desk.get_by_text("须由另一位财务人员批准")).to_be_visible()
    await expect(desk.get_by_role("button", name="批准并执行")).to_have_count(0)

    other = await signed_in(chromium, town, decider)
    await other.goto(f"/console/#/differences/{matter['id']}")
    await expect(other.get_by_text("渠道后台金额无误").first).to_be_visible()
    wrong["decide"] = await judged(other, "difference-decide")
    await other.get_by_role("button", name="批准并执行").click()
    await expect(other.locator(".el-message")).to_be_visible()
    await expect(other.get_by_role("main").get_by_text("已说明结案")).to_be_visible()
    await expect(other.locator(".el-message")).to_have_count(0)
    await other.get_by_role("button", name="English").click()
    wrong["done-en"] = await judged(other, "difference-done", english=True)
    await other.context.close()
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_a_day_is_closed_and_opened_again_by_two_people(desk: Any, chromium: Any, town: Town) -> None:
    asker, decider = cashiers(town)
    clerk = await town.clerk(asker)
    today = date.fromisoformat((await clerk.ask("GET", "/days?limit=1"))["items"][0]["day"])
    day = (today - timedelta(days=9)).isoformat()
    await sign_in_clerk(desk, name_of(town, asker))
    await desk.goto("/console/#/days")
    await expect(desk.get_by_role("link", name=day)).to_be_visible()
    wrong = {"days": await judged(desk, "days")}
    await desk.get_by_role("link", name=day).click()
    await (
        desk.get_by_role("banner")
        .get_by_role("button", name="日结")
        .or_(desk.locator(".page-head-acts").get_by_role("button", name="日结"))
        .first.click()
    )
    dialog = desk.get_by_role("dialog")
    await expect(dialog.get_by_text("不能再改")).to_be_visible()
    await dialog.get_by_role("button", name="日结").click()
    await expect(desk.get_by_text("第 1 次日结")).to_be_visible()
    wrong["closed"] = await judged(desk, "day-closed")
    await desk.get_by_label("重开理由").fill("漏记一笔窗口收款凭证")
    await desk.get_by_role("button", name="提交申请").click()
    await expect(desk.get_by_role("heading", name="待批准重开")).to_be_visible()
    await expect(desk.get_by_role("button", name="批准重开")).to_have_count(0)

    other = await signed_in(chromium, town, decider)
    await other.goto(f"/console/#/days/{day}")
    await other.get_by_role("button", name="批准重开").click()
    await expect(other.locator(".el-message")).to_be_visible()
    await expect(other.get_by_role("main").get_by_text(re.compile("于 .*批准重开$"))).to_be_visible()
    await expect(other.locator(".el-message")).to_have_count(0)
    await other.get_by_role("button", name="English").click()
    wrong["day-en"] = await judged(other, "day", english=True)
    await other.context.close()
    assert {page: faults for page, faults in wrong.items() if faults} == {}
