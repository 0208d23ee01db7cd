"""What happens to people's hands: keyboards, impatient taps, sessions that end, networks that go, offices that are busy."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e import probes
from tests.e2e.faces import sign_in_citizen, sign_in_clerk
from tests.e2e.lives import FIELDS, drafted, named
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

HOME_BYTES = 110 * 1024
PAGES_BYTES = 60 * 1024  # all pages but the home page, fetched behind it
HOME_DATA_BYTES = 20 * 1024
CONSOLE_BYTES = 160 * 1024


async def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the thing called `name` has the focus; each stop on the way shows a ring."""
    words = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || document.activeElement.id"
    passed = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        passed.append(await page.evaluate(words))
        await page.wait_for_function(probes.RING, timeout=2_000)  # it may fade in
        if name in str(passed[-1]):
            return
    raise AssertionError(f"{name} is not reached by Tab; passed {passed}")


async def heading_with_focus(page: Page) -> str:
    await page.wait_for_function("() => document.activeElement?.dataset.heading === 'page'")
    return str(await page.evaluate("document.activeElement.innerText"))


async def test_a_citizen_gets_to_the_form_by_keyboard_alone(phone: Any) -> None:
    await phone.goto("/app/")
    await expect(phone.get_by_role("heading", name="热门事项")).to_be_visible()
    await tab_to(phone, "居民身份证遗失补领")
    await phone.keyboard.press("Enter")
    assert await heading_with_focus(phone) == "办事指南"
    await expect(phone.get_by_role("button", name="去办理")).to_be_visible()
    await tab_to(phone, "去办理")
    await phone.keyboard.press("Enter")
    await phone.wait_for_function("() => location.hash.startsWith('#/sub/apply/start')")
    assert await heading_with_focus(phone) == "去办理"
    await tab_to(phone, "开始填写")
    await phone.keyboard.press("Enter")
    dialog = phone.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await phone.wait_for_function("document.querySelector('[role=dialog]').contains(document.activeElement)")
    for _ in range(30):
        await phone.keyboard.press("Tab")
        assert await phone.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    await phone.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert "开始填写" in await phone.evaluate("document.activeElement.innerText")


async def test_a_clerk_signs_in_by_keyboard_alone(desk: Any) -> None:
    await desk.goto("/console/")
    await expect(desk.get_by_role("heading", level=1)).to_be_visible()
    await tab_to(desk, "登录")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("alert").first).to_be_visible()


def ended(told: list[str]) -> Any:
    """The first token that knocks has come to its end; what is done about it is between the app and the server."""

    async def knock(route: Route) -> None:
        token = route.request.headers.get("authorization", "")
        told.append(token)
        if token != told[0]:
            await route.continue_()
            return
        body = '{"code": "token_expired", "title": "登录已过期", "status": 401}'
        await route.fulfill(status=401, content_type="application/problem+json", body=body)

    return knock


async def test_a_session_that_ends_midway_keeps_what_was_written(phone: Any, town: Town) -> None:
    account = town.demo_citizen(4)
    citizen = await named(town, account)
    draft = await drafted(citizen)
    await sign_in_citizen(phone, account["phone"])
    await phone.goto(f"/app/#/sub/apply/form?id={draft['id']}")
    telephone = phone.get_by_role("textbox", name="联系电话")
    await expect(telephone).to_have_value(FIELDS["phone"])
    await citizen.ask("POST", "/auth/sign-out", json={"everywhere": True}, status=204)
    await phone.route("**/api/v1/applications/*", ended([]))
    await telephone.fill("13900001111")
    await telephone.press("Tab")
    sheet = phone.get_by_role("dialog")
    await expect(sheet).to_contain_text("登录")
    await sheet.get_by_role("radio", name=re.compile(re.escape(account["phone"][-4:]))).check()
    await sheet.get_by_role("checkbox").check()
    await sheet.get_by_role("button", name=re.compile("用这部手机登录")).click()
    await expect(sheet).to_have_count(0)
    await expect(telephone).to_have_value("13900001111")
    await phone.get_by_role("button", name="下一步").click()
    await expect(phone.get_by_role("heading", name="检查并提交")).to_be_visible()
    kept = await (await town.one_tap(account)).ask("GET", f"/applications/{draft['id']}")
    assert kept["form"]["contact"] == "13900001111"


async def test_two_taps_on_submit_file_one_case(phone: Any, town: Town) -> None:
    account = town.demo_citizen(3)
    citizen = await named(town, account)
    before = {case["id"] for case in (await citizen.ask("GET", "/applications"))["items"]}
    draft = await drafted(citizen)
    await sign_in_citizen(phone, account["phone"])
    await phone.goto(f"/app/#/sub/apply/check?id={draft['id']}")
    sent = []
    phone.on("request", lambda r: sent.append(r.url) if r.url.endswith("/submission") else None)
    await phone.get_by_role("checkbox").check()
    await phone.get_by_role("button", name="提交申请").dblclick()
    await expect(phone.get_by_text(re.compile(r"HZ\d{8}"))).to_be_visible()
    assert len(sent) == 1
    after = (await citizen.ask("GET", "/applications"))["items"]
    assert [case["id"] for case in after if case["id"] not in before] == [draft["id"]]


async def test_a_busy_office_counts_down_and_then_tries_again_by_itself(phone: Any) -> None:
    turned_away: list[str] = []

    async def busy(route: Route) -> None:
        if turned_away:
            await route.continue_()
            return
        turned_away.append(route.request.url)
        body = '{"code": "too_many_requests", "title": "请求太频繁", "status": 429}'
        await route.fulfill(
            status=429, headers={"retry-after": "2"}, content_type="application/problem+json", body=body
        )

    await phone.route("**/api/v1/catalogue/items/*", busy)
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await expect(phone.get_by_text(re.compile(r"人多|稍后|稍等"))).to_be_visible()
    await expect(phone.get_by_text(re.compile(r"[1-4] 秒"))).to_be_visible()
    await expect(phone.get_by_role("button", name="去办理")).to_be_visible(timeout=10_000)
    assert len(turned_away) == 1


async def test_without_a_network_the_last_home_stays_and_says_so(phone: Any) -> None:
    await phone.goto("/app/")
    await expect(phone.get_by_role("heading", name="热门事项")).to_be_visible()
    await other_pages_fetched(phone)
    await phone.context.set_offline(True)
    await expect(phone.get_by_role("status").filter(has_text="网络")).to_be_visible()
    await phone.get_by_role("button", name="办事", exact=True).click()
    await expect(phone.get_by_role("button", name="重试")).to_be_visible()
    await phone.get_by_role("button", name="首页", exact=True).click()
    await expect(phone.get_by_role("heading", name="热门事项")).to_be_visible()
    await phone.context.set_offline(False)
    await expect(phone.get_by_role("status").filter(has_text="网络")).to_have_count(0)


OTHERS = "performance.getEntriesByType('resource').filter(e => /\\/pages[.-][^/]*\\.js$/.test(e.name))"
# Other pages are asked for after this (platform/ahead.ts), which on a busy machine is before the home page has its data.
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


async def other_pages_fetched(page: Page) -> None:
    """The file of the pages behind the home page has come; from then on they open without a network."""
    await page.wait_for_function(f"() => {OTHERS}.some(e => e.responseEnd > 0)")


async def test_an_address_that_differs_in_its_id_alone_opens_the_other_page(phone: Any, town: Town) -> None:
    codes = [item["code"] for item in (await town.http.get("/api/v1/catalogue/items?limit=2")).json()["items"]]
    names = []
    for code in codes:
        await phone.goto(f"/app/#/sub/item/guide?code={code}")  # the document stays, the fragment changes
        name = (await town.http.get(f"/api/v1/catalogue/items/{code}")).json()["name"]["zh"]
        await expect(phone.get_by_role("main")).to_contain_text(name)
        names.append(name)
    assert names[0] != names[1]
    await phone.go_back()
    await expect(phone.get_by_role("main")).to_contain_text(names[0])


async def on_the_wire(page: Page, below: str, *, until: str = "Infinity") -> dict[str, int]:
    """What the page began to load from below an address so far: file → bytes, headers and compression included."""
    entries = await page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        f".filter(e => e.startTime < ({until})).map(e => [new URL(e.name).pathname, e.transferSize])"
    )
    return {path: size for path, size in entries if path.startswith(below)}


async def test_home_is_small_on_the_wire(phone: Any) -> None:
    await phone.goto("/app/")
    await expect(phone.get_by_role("heading", name="热门事项")).to_be_visible()
    await other_pages_fetched(phone)
    face, data = await on_the_wire(phone, "/app/", until=LOADED), await on_the_wire(phone, "/api/")
    everything = await on_the_wire(phone, "/app/")
    assert len(face) >= 3
    assert 0 < sum(face.values()) <= HOME_BYTES, face
    assert 0 < sum(everything.values()) <= HOME_BYTES + PAGES_BYTES, everything
    assert 0 < sum(data.values()) <= HOME_DATA_BYTES, data


async def test_the_console_is_small_on_the_wire(desk: Any, town: Town) -> None:
    await sign_in_clerk(desk, next(s["name"] for s in town.accounts["staff"] if s["role"] == "clerk"))
    await expect(desk.get_by_role("heading", name="待办办件")).to_be_visible()
    face = await on_the_wire(desk, "/console/")
    assert len(face) >= 3
    assert 0 < sum(face.values()) <= CONSOLE_BYTES, face
