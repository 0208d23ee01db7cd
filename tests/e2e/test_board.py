"""The supervisor's board: figures with words, charts that are tables as well, filters in the address, the wall."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_clerk
from tests.e2e.lives import asked
from tests.e2e.test_watching import supervisor_of
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def kpi(page: Page, name: str) -> str:
    shown = page.locator(".kpi").filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator(".kpi-value")
    return (await shown.inner_text()).strip()


async def test_the_board_tells_how_it_stands_and_renews_itself(desk: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    owner = await town.clerk(town.owner_of(CASE_ITEM))
    await sign_in_clerk(desk, supervisor_of(town, owner.who["department"]["code"]))
    await desk.get_by_role("link", name="监控").click()
    await expect(desk.get_by_text(re.compile("^更新于 .+:.+:.+"))).to_be_visible()
    async with town.socket(owner):  # at the desk: who vanishes has nothing in hand for long
        before = int(await kpi(desk, "咨询量"))
        citizen = await town.one_tap(town.demo_citizen(9))
        talk = await asked(citizen, "外地能补办吗？")
        await owner.ask("POST", f"/consultations/{talk}/take")
        await expect(desk.locator(".kpi").filter(has_text="咨询量").locator(".kpi-value")).to_have_text(str(before + 1))  # fmt: skip
        await expect(desk.locator(".kpi").filter(has_text="接待中").first).to_contain_text(re.compile(r"[1-9]"))
        charts = desk.get_by_role("img", name=re.compile("次|件|今天"))
        await expect(charts).to_have_count(3)
        await expect(desk.locator(".board-chart-box svg")).to_have_count(3)
        await probes.settled(desk)
        await picture(desk, "board-1440")
        assert await probes.faults(desk, least=24) == []
        for card in ("每小时咨询", "首次答复用时", "在办件时限"):
            chart = desk.get_by_role("region", name=card)
            await chart.get_by_role("button", name="看表格").click()
            await expect(chart.get_by_role("row")).not_to_have_count(0)
        await picture(desk, "board-tables")
        assert await probes.faults(desk, least=24) == []
        await desk.get_by_role("button", name="暂停刷新").click()
        await expect(desk.get_by_role("button", name="继续刷新")).to_be_visible()
        await desk.get_by_label("事项").select_option(CASE_ITEM)
        await expect(desk).to_have_url(re.compile(f"item={CASE_ITEM}"))
        await expect(desk.get_by_role("link", name="接待中")).to_be_visible()
        async with desk.expect_download() as taken:
            await desk.get_by_role("button", name="导出表格").click()
        assert re.fullmatch(r"board-\d{4}-\d\d-\d\d\.csv", (await taken.value).suggested_filename)
        await desk.set_viewport_size({"width": 1024, "height": 768})
        await picture(desk, "board-1024")
        assert await desk.evaluate("document.documentElement.scrollWidth") <= 1024
        await desk.set_viewport_size({"width": 1440, "height": 900})
        await desk.get_by_role("link", name="接待中").click()
        await expect(desk.get_by_role("button", name=re.compile("^同事"))).to_have_attribute("aria-pressed", "true")
        await expect(desk.get_by_role("region", name="会话列表")).to_contain_text(owner.who["name"])
        await citizen.ask("POST", f"/consultations/{talk}/close", json={})
    assert watched.faults == []


async def test_the_board_hangs_on_a_wall_and_speaks_english(desk: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    owner = await town.clerk(town.owner_of(CASE_ITEM))
    await sign_in_clerk(desk, supervisor_of(town, owner.who["department"]["code"]))
    await desk.set_viewport_size({"width": 1920, "height": 1080})
    await desk.goto("/console/#/board?wall=1")
    await expect(desk.locator(".board-chart-box svg")).to_have_count(3)
    await expect(desk.get_by_role("navigation")).to_have_count(0)
    await probes.settled(desk)
    await picture(desk, "board-wall")
    fits = "(e => e.scrollHeight <= e.clientHeight + 1)(document.querySelector('.board'))"
    assert await desk.evaluate(fits)
    assert await probes.faults(desk, least=24) == []
    await desk.keyboard.press("Escape")
    await expect(desk).not_to_have_url(re.compile("wall"))
    await desk.get_by_role("button", name="English").click()
    await probes.settled(desk)
    await picture(desk, "board-english")
    assert await probes.faults(desk, least=24, english=True) == []
    assert watched.faults == []


async def test_a_board_that_cannot_be_read_says_so_and_can_be_asked_again(desk: Any, town: Town) -> None:
    owner = await town.clerk(town.owner_of(CASE_ITEM))
    await sign_in_clerk(desk, supervisor_of(town, owner.who["department"]["code"]))
    await desk.route("**/api/v1/desk/board*", lambda route: route.abort())
    await desk.goto("/console/#/board")
    await expect(desk.get_by_role("alert")).to_contain_text("监控数据")
    await picture(desk, "board-failed")
    await desk.unroute("**/api/v1/desk/board*")
    await desk.get_by_role("button", name="重试").click()
    await expect(desk.locator(".kpi").first).to_be_visible()


async def test_a_clerk_finds_no_board(desk: Any, town: Town) -> None:
    await sign_in_clerk(desk, town.owner_of(CASE_ITEM))
    await expect(desk.get_by_role("link", name="监控")).to_have_count(0)
    await desk.goto("/console/#/board")
    await expect(desk).to_have_url(re.compile("no-access"))
