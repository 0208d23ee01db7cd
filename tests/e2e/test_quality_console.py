"""Every page of the clerks' face: axe, targets, width, both languages."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import asked, filed, named
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

LEAST = 24  # a mouse's target, WCAG 2.2 criterion 2.5.8
SIZES = ((1440, 900), (1024, 768))


async def judged(desk: Page, name: str, *, english: bool = False) -> list[str]:
    """The faults of the page at both widths; pictures are kept of it."""
    found = []
    for width, height in SIZES:
        await desk.set_viewport_size({"width": width, "height": height})
        await probes.settled(desk)
        await picture(desk, f"console-{name}-{width}{'-en' if english else ''}")
        sideways = await desk.evaluate("document.documentElement.scrollWidth")
        found += [f"{width}: scrolls to {sideways}"] if sideways > width else []
        found += [f"{width}: {one}" for one in await probes.faults(desk, least=LEAST, english=english)]
    await desk.set_viewport_size({"width": 1440, "height": 900})
    return found


def name_of(town: Town, username: str) -> str:
    return str(next(s["name"] for s in town.accounts["staff"] if s["username"] == username))


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_a_clerk_can_be_seen_and_read(phone: Any, desk: Any, town: Town, lang: str) -> None:
    english, watched = lang == "en", Watched(desk, town.url)
    account = town.demo_citizen(3)
    citizen = await named(town, account)
    case = await filed(citizen)
    wrong = {}
    await desk.goto("/console/")
    await expect(desk.get_by_placeholder(re.compile("搜索账号"))).to_be_visible()
    wrong["sign-in"] = [] if english else await judged(desk, "sign-in")
    await sign_in_clerk(desk, name_of(town, town.owner_of(CASE_ITEM)))
    if english:
        await desk.get_by_role("button", name="English").click()
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    wrong["inbox"] = await judged(desk, "inbox", english=english)
    await desk.goto(f"/console/#/cases/{case}")
    await expect(desk.locator("img[src*='/files/']").first).to_be_visible()
    wrong["case"] = await judged(desk, "case", english=english)
    await desk.get_by_role("button", name=re.compile("^(受理|Accept)$")).click()
    await expect(desk.get_by_role("dialog")).to_be_visible()
    wrong["decision"] = await judged(desk, "decision", english=english)
    await desk.keyboard.press("Escape")
    await desk.goto("/console/#/consultations")
    await expect(desk.get_by_role("button", name=re.compile("^(在线|Online)"))).to_be_visible()
    await asked(citizen, "身份证在外地丢了怎么办？")
    await expect(desk.get_by_role("button", name=re.compile("^(接待|Accept)$"))).to_be_visible()
    wrong["offer"] = await judged(desk, "offer", english=english)
    await desk.get_by_role("button", name=re.compile("^(接待|Accept)$")).click()
    await expect(desk.get_by_role("log")).to_contain_text("身份证在外地丢了怎么办？")
    await desk.get_by_role("textbox", name=re.compile("回复|[Rr]eply")).fill("可以就近异地补领，带上户口簿。")
    await desk.keyboard.press("Enter")
    wrong["conversation"] = await judged(desk, "conversation", english=english)
    await sign_in_citizen(phone, account["phone"])
    await phone.goto("/app/#/pages/messages")
    await phone.get_by_role("link", name=re.compile("居民身份证遗失补领")).first.click()
    await expect(phone.get_by_role("log")).to_contain_text("可以就近异地补领")
    await picture(phone, "office-room")
    await desk.goto("/console/#/me")
    wrong["me"] = await judged(desk, "me", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_every_page_of_the_cashier_can_be_seen_and_read(desk: Any, town: Town) -> None:
    finance = town.of_role("finance")
    clerk = await town.clerk(finance)
    day = "2026-11-20"
    run = await clerk.ask("POST", "/reconciliations", json={"channel": "wechat", "day": day})
    await sign_in_clerk(desk, name_of(town, finance))
    await desk.goto("/console/#/reconciliations")
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    wrong = {"runs": await judged(desk, "runs")}
    await desk.goto(f"/console/#/reconciliations/{run['id']}")
    await expect(desk.get_by_role("heading", level=1)).to_be_visible()
    wrong["run"] = await judged(desk, "run")
    await desk.get_by_role("button", name="English").click()
    wrong["run-en"] = await judged(desk, "run", english=True)
    assert {page: faults for page, faults in wrong.items() if faults} == {}


async def test_every_page_of_the_auditor_can_be_seen_and_read(desk: Any, town: Town) -> None:
    await sign_in_clerk(desk, name_of(town, town.of_role("auditor")))
    await desk.goto("/console/#/audit")
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    await desk.get_by_role("button", name="立即核验").click()
    await expect(desk.get_by_text(re.compile("已核验至第 [0-9]+ 条"))).to_be_visible()
    wrong = {"log": await judged(desk, "log")}
    await desk.get_by_role("button", name=re.compile("^第 [0-9]+ 条记录$")).first.click()
    await expect(desk.get_by_role("dialog")).to_contain_text("SHA-256")
    wrong["act"] = await judged(desk, "act")
    await desk.get_by_role("button", name="关闭", exact=True).last.click()
    await desk.get_by_role("textbox", name="行为").fill("staff.")
    await desk.get_by_role("button", name="查找").click()
    await expect(desk.get_by_role("row").nth(1)).to_contain_text("staff.")
    await desk.get_by_role("button", name="English").click()
    wrong["log-en"] = await judged(desk, "log", english=True)
    assert {page: faults for page, faults in wrong.items() if faults} == {}


async def turned(desk: Page, address: str, *, title: str) -> None:
    """The page whose heading is `title` (a pattern), with what it asked for."""
    await desk.goto(f"/console/#/{address}")
    await expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile(title))
    await probes.settled(desk)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_an_administrator_can_be_seen_and_read(desk: Any, town: Town, lang: str) -> None:
    english, watched, wrong = lang == "en", Watched(desk, town.url), {}
    await sign_in_clerk(desk, name_of(town, town.of_role("admin")))
    if english:
        await desk.get_by_role("button", name="English").click()
    await turned(desk, "people", title="人员|People")
    await expect(desk.get_by_role("row").nth(5)).to_be_visible()
    wrong["people"] = await judged(desk, "people", english=english)
    await desk.get_by_role("button", name=re.compile("新增人员|Add")).click()
    await expect(desk.get_by_role("dialog")).to_be_visible()
    wrong["new"] = await judged(desk, "people-new", english=english)
    await desk.keyboard.press("Escape")
    await desk.get_by_role("main").get_by_role("link", name="ga.chen").click()
    await expect(desk.get_by_role("button", name=re.compile("停用账号|Disable"))).to_be_visible()
    wrong["account"] = await judged(desk, "people-account", english=english)
    for address, title in (
        ("organisation", "组织|Structure"), ("audit", "审计|Audit"), ("me/sign-in", "登录与安全|Signing in"),
        ("nowhere", "没有这个页面|No such page"),
    ):  # fmt: skip
        await turned(desk, address, title=title)
        wrong[address] = await judged(desk, f"admin-{address.replace('/', '-')}", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_the_service_desk_can_be_seen_and_read(desk: Any, town: Town, lang: str) -> None:
    english, watched, wrong = lang == "en", Watched(desk, town.url), {}
    citizen = await named(town, town.demo_citizen(3))
    for open_one in (await citizen.ask("GET", "/me/corrections"))["items"]:
        if open_one["state"] == "asked":
            await citizen.ask("DELETE", f"/me/corrections/{open_one['id']}")
    wish = {"field": "other", "wanted": "新港西路 2 号", "why": "门牌号改了"}
    await citizen.ask("POST", "/me/corrections", json=wish, status=201)
    await sign_in_clerk(desk, name_of(town, "zwfw.meng"))
    if english:
        await desk.get_by_role("button", name="English").click()
    await turned(desk, "corrections", title="信息更正|[Cc]orrections")
    wrong["corrections"] = await judged(desk, "corrections", english=english)
    await desk.get_by_role("row").get_by_role("button").last.click()
    await expect(desk.get_by_role("dialog")).to_contain_text("门牌号改了")
    wrong["correction"] = await judged(desk, "correction-asked", english=english)
    await desk.keyboard.press("Escape")
    for state in ("待审核|To examine", "生效中|In force"):
        await turned(desk, "mandates", title="代办审核|Mandates")
        await desk.get_by_role("button", name=re.compile(state)).click()
        await probes.settled(desk)
        name = f"mandates-{'waiting' if 'Waiting' in state else 'active'}"
        wrong[name] = await judged(desk, name, english=english)
        if await desk.locator(".mandate-row").count():
            await desk.locator(".mandate-row").first.click()
            await expect(desk.get_by_role("checkbox").first).to_be_visible()
            wrong[f"{name}-one"] = await judged(desk, f"{name}-one", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
