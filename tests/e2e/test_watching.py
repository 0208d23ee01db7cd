"""A supervisor looks on before the clerk's eyes, whispers, and takes over; the citizen sees only the last."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_clerk
from tests.e2e.lives import asked
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
HINT = "先问是否在外地，再说材料"


async def screen(chromium: Any, url: str, username: str) -> Page:
    context = await chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page: Page = await context.new_page()
    await sign_in_clerk(page, username)
    return page


async def test_a_supervisor_looks_on_whispers_and_takes_over(chromium: Any, office_url: str, town: Town) -> None:
    owner = await town.clerk(town.owner_of(CASE_ITEM))
    boss = supervisor_of(town, owner.who["department"]["code"])
    citizen = await town.one_tap(town.demo_citizen(7))
    clerk_page = await screen(chromium, office_url, town.owner_of(CASE_ITEM))
    boss_page = await screen(chromium, office_url, boss)
    watched = [Watched(clerk_page, town.url), Watched(boss_page, town.url)]
    async with town.socket(citizen) as line, town.socket(owner) as at_desk:
        await at_desk.send(type="presence", status="online", capacity=100)  # whatever else lies on this desk
        await at_desk.until("presence")
        talk = await asked(citizen, "外地能补办吗？")
        path = f"/consultations/{talk}"
        await owner.ask("POST", f"{path}/take")
        await line.until("message", conversation=talk, seq=2)
        await clerk_page.goto(f"/console/#{path}")
        reply = clerk_page.get_by_role("textbox", name=re.compile("^回复"))
        await expect(reply).to_be_enabled()
        await boss_page.goto("/console/#/consultations")
        await boss_page.get_by_role("button", name=re.compile("^同事")).click()
        lists = boss_page.get_by_role("region", name="会话列表")
        row = lists.locator(f'[data-conversation="{talk}"]')
        await expect(row).to_contain_text(owner.who["name"])
        await row.click()
        seen = clerk_page.get_by_text(re.compile("^主管 .+ 正在查看$"))
        await expect(seen).to_be_visible()
        await expect(boss_page.get_by_text("只读，市民看不到")).to_be_visible()
        await expect(boss_page.get_by_role("textbox", name=re.compile("^回复"))).to_have_count(0)
        await picture(clerk_page, "watching-clerk")
        await picture(boss_page, "watching-supervisor")
        assert await probes.faults(boss_page, least=24, english=False) == []
        await boss_page.goto("/console/#/consultations")
        await expect(seen).to_have_count(0)
        await boss_page.goto(f"/console/#{path}")
        await expect(seen).to_be_visible()
        await whispered(boss_page)
        hint = clerk_page.get_by_role("article").filter(has_text=HINT)
        await expect(hint).to_contain_text("主管提示（市民看不到）")
        await picture(clerk_page, "watching-hint")
        await reply.fill("请问您现在在")
        await boss_page.get_by_role("button", name="接手").click()
        dialog = boss_page.get_by_role("dialog")
        await dialog.get_by_role("button", name="接手").click()
        await expect(dialog).to_contain_text("请写明接手原因")
        await dialog.get_by_role("textbox").fill("市民要求主管答复")
        await picture(boss_page, "watching-take")
        await dialog.get_by_role("button", name="接手").click()
        await expect(boss_page.get_by_role("textbox", name=re.compile("^回复"))).to_be_enabled()
        await expect(clerk_page.locator(".el-message").filter(has_text="已接手这个会话，您的草稿还在")).to_be_visible()
        await expect(reply).to_have_count(0)
        await expect(seen).to_have_count(0)
        await picture(clerk_page, "watching-taken")
        told = await line.until("message", conversation=talk, seq=3)
        assert told["body"]["event"] == "assigned"
        assert (await citizen.ask("GET", path))["state"] == "assigned"
        read = (await citizen.ask("GET", f"{path}/messages"))["items"]
        assert HINT not in str(read)
    await citizen.ask("POST", f"{path}/close", json={})
    assert [one.faults for one in watched] == [[], []]
    for page in (clerk_page, boss_page):
        await page.context.close()


async def whispered(page: Page) -> None:
    await page.get_by_role("button", name="提示坐席").click()
    box = page.get_by_role("textbox", name=re.compile("^给 .+ 的提示"))
    await expect(box).to_be_focused()
    await box.fill(HINT)
    await picture(page, "watching-whisper")
    await page.get_by_role("button", name="发送提示").click()
    await expect(page.get_by_role("article").filter(has_text=HINT)).to_contain_text("主管提示")


def supervisor_of(town: Town, department: str) -> str:
    return next(
        str(one["username"])
        for one in town.accounts["staff"]
        if one["role"] == "supervisor" and department_of(one) == department
    )


def department_of(account: dict[str, Any]) -> str:
    department = account["department"]
    return str(department["code"] if isinstance(department, dict) else department)
