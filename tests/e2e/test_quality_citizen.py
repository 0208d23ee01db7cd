"""Every page of the citizens' face, for eyes of all ages: axe, targets, big type, two languages."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.e2e.lives import Life, lived
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PHONE = {"viewport": {"width": 375, "height": 812}, "locale": "zh-CN", "is_mobile": True, "has_touch": True}
LOOKS = {"standard": "elder=0&lang=zh", "elder": "elder=1&lang=zh", "english": "elder=0&lang=en",
         "elder-english": "elder=1&lang=en"}  # fmt: skip
WIDTHS = (320, 375, 412)


@dataclass
class Resident:
    """Somebody whose phone is signed in, and what lies behind them."""

    life: Life
    signed_in: Any


@pytest.fixture(scope="module")
async def resident(chromium: Any, office_url: str) -> Resident:
    async with Town.visit(office_url) as town:
        life = await lived(town, town.demo_citizen(2))
    context = await chromium.new_context(base_url=office_url, **PHONE)
    await sign_in_citizen(await context.new_page(), life.phone)
    state = await context.storage_state()
    await context.close()
    return Resident(life, state)


@pytest.fixture
async def screen(chromium: Any, office_url: str, resident: Resident) -> AsyncIterator[Page]:
    context = await chromium.new_context(base_url=office_url, storage_state=resident.signed_in, **PHONE)
    yield await context.new_page()
    await context.close()


async def turn_to(page: Page, address: str) -> None:
    await page.evaluate("address => { location.hash = '#/' + address }", address)
    if "/detail?" in address:  # the same page with another id, typed by hand: the browser does not load it anew
        await page.reload()
    await probes.settled(page, address.split("?")[0] or "pages/home")
    if "sub/item/search" in address:
        await expect(page.get_by_role("link").nth(5)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_can_be_seen_read_and_touched(screen: Page, resident: Resident, look: str) -> None:
    watched = Watched(screen, "http://127.0.0.1")
    least = 60 if "elder" in look else 44
    await screen.goto(f"/app/?{LOOKS[look]}")
    found = {}
    for name, address in resident.life.pages.items():
        await turn_to(screen, address)
        await picture(screen, f"{look}-{name}")
        wrong = await probes.faults(screen, least=least, english="english" in look)
        wrong += await screen.evaluate(probes.WIDE, PHONE["viewport"]["width"])  # type: ignore[index]
        found[name] = wrong
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert watched.faults == []


@pytest.mark.parametrize("look", ["standard", "elder-english"])
async def test_every_sheet_can_be_seen_read_and_touched(
    screen: Page, phone: Page, resident: Resident, look: str
) -> None:
    english = "english" in look
    wrong: dict[str, list[str]] = {}

    async def judge(page: Page, name: str) -> None:
        await expect(page.get_by_role("dialog")).to_be_visible()
        await probes.settled(page)
        await picture(page, f"{look}-sheet-{name}")
        wrong[name] = await probes.faults(page, least=60 if "elder" in look else 44, english=english)

    await phone.goto(f"/app/?{LOOKS[look]}")
    await phone.get_by_role("link", name=re.compile("登录后查看|Sign in")).click()
    await expect(phone.get_by_role("radio").first).to_be_visible()
    await judge(phone, "sign-in")
    await screen.goto(f"/app/?{LOOKS[look]}")
    await screen.get_by_role("button", name=re.compile("海珠区|Haizhu")).click()
    await judge(screen, "place")
    await turn_to(screen, "pages/me")
    await screen.get_by_role("link", name=re.compile("退出登录|Sign out")).click()
    await judge(screen, "sign-out")
    await turn_to(screen, resident.life.pages["case-to-correct"])
    await screen.get_by_role("button", name=re.compile("撤回申请|Withdraw")).click()
    await judge(screen, "withdraw")
    assert {name: faults for name, faults in wrong.items() if faults} == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_largest_type_fits_every_phone(screen: Page, resident: Resident, lang: str) -> None:
    # What is chosen here is not to be remembered for this person's next phone.
    await screen.route("**/api/v1/me", lambda r: r.abort() if r.request.method == "PATCH" else r.continue_())
    await screen.goto(f"/app/?lang={lang}#/sub/account/settings")
    await screen.get_by_role("radio", name=re.compile("最大|Largest")).click()
    body = "getComputedStyle(document.querySelector('.hh-page')).fontSize"
    assert await screen.evaluate(body) == "30px"
    sticking_out = {}
    for name, address in resident.life.pages.items():
        await turn_to(screen, address)
        for width in WIDTHS:
            await screen.set_viewport_size({"width": width, "height": 812})
            # Not compared with innerWidth: on a phone that grows with what sticks out.
            if wide := await screen.evaluate(probes.WIDE, width):
                sticking_out[f"{name} at {width}"] = wide
        if name in {"home", "guide", "room", "bill", "apply-materials"}:
            await screen.set_viewport_size({"width": 375, "height": 812})
            await picture(screen, f"largest-{lang}-{name}")
    assert sticking_out == {}


async def test_the_large_print_version_is_found_without_looking_for_it(phone: Page) -> None:
    await phone.goto("/app/")
    entry = phone.get_by_role("button", name="长辈版")
    await expect(entry).to_be_in_viewport()
    await entry.click()
    await expect(phone.get_by_role("link", name="我的证照")).to_be_visible()
    await expect(phone.get_by_role("button", name="打电话 12345")).to_be_visible()
    await phone.reload()
    await phone.get_by_role("button", name="标准版").click()
    await phone.goto("/app/#/sub/item/search?q=关怀版")
    await expect(phone.get_by_role("button", name="长辈版")).to_be_visible()
    await phone.goto("/app/#/sub/account/settings")
    await expect(phone.get_by_role("checkbox", name="使用长辈版")).to_be_visible()


async def test_home_shows_what_most_people_come_for(phone: Page) -> None:
    await phone.goto("/app/")
    await expect(phone.get_by_role("heading", name="热门事项")).to_be_visible()
    shown = await phone.get_by_role("main").inner_text()
    for matter in (
        "居民身份证遗失补领",
        "机动车驾驶证期满换证",
        "社会保障卡补领换领",
        "个体工商户设立登记",
        "基本医疗保险",
    ):
        assert matter in shown, matter


async def test_a_search_shows_what_is_meant_before_what_is_related(phone: Page) -> None:
    await phone.goto("/app/#/sub/item/search?q=补身份证")
    await expect(phone.get_by_text("找到 2 项")).to_be_visible()
    names = await phone.get_by_role("link").all_inner_texts()
    assert [name.splitlines()[0] for name in names[:2]] == ["居民身份证遗失补领", "居民身份证首次申领"]
    related = await phone.get_by_role("heading", name="其他相关").bounding_box()
    second = await phone.get_by_role("link", name="居民身份证首次申领").bounding_box()
    assert related and second
    assert second["y"] + second["height"] < related["y"]
    assert len(names) == 7
