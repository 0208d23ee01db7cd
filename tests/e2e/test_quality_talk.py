"""Consultation on both faces, in every state it is seen in: axe, targets, width, both languages, large type."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import asked, filed, named
from tests.e2e.matters import answered
from tests.e2e.test_quality_citizen import LOOKS
from tests.e2e.test_quality_console import judged, name_of, turned
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
WIDTH = 375


async def looked_at(phone: Page, name: str, *, look: str) -> list[str]:
    """The faults of the phone's page as it stands; a picture of the whole of it is kept."""
    await probes.settled(phone)
    await picture(phone, f"talk-{look}-{name}")
    found = await probes.faults(phone, least=60 if "elder" in look else 44, english="english" in look)
    return found + [str(one) for one in await phone.evaluate(probes.WIDE, WIDTH)]


async def waited(phone: Page, town: Town, judge: Callable[[str], Awaitable[None]], *, look: str) -> str:
    """A conversation from the queue to its date to its end; its id."""
    citizen, clerk = await named(town, town.demo_citizen(6)), await town.clerk(town.owner_of(CASE_ITEM))
    async with town.socket(clerk) as line:
        await line.send(type="presence", status="busy", capacity=5, auto_accept=False)
        await line.until("presence", status="busy")
        talk = await asked(citizen, "多久能拿到？")
        await phone.goto(f"/app/?{LOOKS[look]}#/sub/chat/room?id={talk}")
        leave = phone.get_by_role("button", name=re.compile("改为留言|Leave a message"))
        await expect(leave).to_be_visible()
        await judge("queued")
        await leave.click()
        await expect(phone.get_by_role("dialog")).to_be_visible()
        await judge("instead")
        await phone.get_by_role("dialog").get_by_role("button", name=re.compile("^(改为留言|Leave a message)")).click()
        await expect(phone.get_by_role("main")).to_contain_text(re.compile("留言已登记|Your message is recorded"))
        await judge("dated")
    await phone.get_by_role("button", name=re.compile("^(结束|End)$")).click()
    await expect(phone.get_by_role("dialog")).to_be_visible()
    await judge("ending")
    await citizen.ask("POST", f"/consultations/{talk}/close", json={})
    return talk


@pytest.mark.parametrize("look", LOOKS)
async def test_a_consultation_can_be_followed_from_queue_to_rating(phone: Page, town: Town, look: str) -> None:
    wrong: dict[str, list[str]] = {}
    watched = Watched(phone, town.url)

    async def judge(name: str) -> None:
        wrong[name] = await looked_at(phone, name, look=look)

    await sign_in_citizen(phone, town.demo_citizen(6)["phone"])
    talk = await waited(phone, town, judge, look=look)
    await phone.goto(f"/app/?{LOOKS[look]}#/sub/chat/room?id={talk}")
    bad = phone.get_by_role("radio", name=re.compile("^(不满意|Dissatisfied)$"))
    await expect(bad).to_be_visible()
    await judge("to-rate")
    await bad.click()
    await expect(phone.get_by_role("checkbox").first).to_be_visible()
    await phone.get_by_role("checkbox").first.click()
    await bad.scroll_into_view_if_needed()
    await judge("rating")
    await phone.get_by_role("button", name=re.compile("^(提交评价|Send)")).click()
    await expect(phone.get_by_role("heading", name=re.compile("我的评价|My rating"))).to_be_visible()
    await judge("rated")
    await phone.goto(f"/app/?{LOOKS[look]}#/sub/chat/start")
    await probes.settled(phone)
    await judge("start")
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_dialog_of_a_conversation_can_be_seen_and_read(desk: Page, town: Town, lang: str) -> None:
    english, watched, wrong = lang == "en", Watched(desk, town.url), {}
    citizen, owner = await named(town, town.demo_citizen(3)), town.owner_of(CASE_ITEM)
    await filed(citizen)
    await answered(town, citizen, await town.clerk(owner))
    talk = next(t for t in (await citizen.ask("GET", "/consultations"))["items"] if t["state"] != "closed")
    await sign_in_clerk(desk, name_of(town, owner))
    if english:
        await desk.get_by_role("button", name="English").click()
    await desk.goto(f"/console/#/consultations/{talk['id']}")
    main = desk.get_by_role("main")
    reply = main.get_by_role("textbox", name=re.compile("^(回复|Reply)"))
    await reply.fill("可以就近异地补领，带上户口簿。")
    await reply.press("Enter")
    await expect(desk.get_by_role("log")).to_contain_text(re.compile("已发送|已送达|已读|Sent|Delivered|Read"))
    await reply.press("/")
    await expect(desk.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    wrong["slash"] = await judged(desk, "talk-slash", english=english)
    await desk.keyboard.press("Escape")
    for name, button in (
        ("quote", "引用指南|Quote the guide"), ("note", "内部备注|Internal note"), ("card", "事项卡片|Item card"),
        ("transfer", "转接|Transfer"), ("end", "结束|End"), ("propose", "提为问答|Make public"),
        ("draft", "建立申请草稿|[Dd]raft"), ("bill", "开具缴款书|Raise a bill"),
    ):  # fmt: skip
        opener = main.get_by_role("button", name=re.compile(f"^({button})")).first
        if name == "note":
            await opener.click()
            wrong[name] = await judged(desk, "talk-note", english=english)
            await main.get_by_role("button", name=re.compile("^(回复|Reply)$")).click()
            continue
        await opener.click()
        await expect(desk.locator("[role=dialog]:visible, [role=menu]:visible").first).to_be_visible()
        wrong[name] = await judged(desk, f"talk-{name}", english=english)
        await desk.keyboard.press("Escape")
        await expect(desk.locator("[role=dialog]:visible, [role=menu]:visible")).to_have_count(0)
    await desk.get_by_role("button", name=re.compile("^(通知|Notices|Notifications)")).click()
    wrong["bell"] = await judged(desk, "talk-bell", english=english)
    await citizen.ask("POST", f"/consultations/{talk['id']}/close", json={})
    await desk.goto("/console/#/consultations")
    wrong["none"] = await judged(desk, "talk-none", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_beside_the_conversations_can_be_seen_and_read(desk: Page, town: Town, lang: str) -> None:
    english, watched, wrong = lang == "en", Watched(desk, town.url), {}
    citizen = await named(town, town.demo_citizen(3))
    talk = await asked(citizen, "要等多久？")
    await citizen.ask("POST", f"/consultations/{talk}/close", json={})
    await citizen.ask("POST", f"/consultations/{talk}/rating", json={"level": 1, "reasons": []}, status=201)
    await sign_in_clerk(desk, name_of(town, supervisor(town)))
    if english:
        await desk.get_by_role("button", name="English").click()
    for address, title in (
        ("board", "监控|[Bb]oard|Live"), ("replies", "快捷回复|Quick replies"), ("words", "用语规范|Wording"), ("knowledge", "知识库|Answers"),
        ("rectifications", "评价与整改|Ratings"), ("orders", "工单|[Oo]rders"), ("bookings", "预约|Bookings"),
    ):  # fmt: skip
        await turned(desk, address, title=title)
        wrong[address] = await judged(desk, f"beside-{address}", english=english)
        states = desk.locator(".segments button[aria-pressed]")
        for at in range(await states.count()):
            await states.nth(at).click()
            await probes.settled(desk)
            wrong[f"{address}-{at}"] = await judged(desk, f"beside-{address}-{at}", english=english)
    await turned(desk, "replies", title="快捷回复|Quick replies")
    await desk.get_by_role("button", name=re.compile("^(新建|New)$")).click()
    await expect(desk.get_by_role("dialog")).to_be_visible()
    wrong["reply-new"] = await judged(desk, "beside-reply-new", english=english)
    await desk.keyboard.press("Escape")
    await desk.locator(".reply-row button").first.click()
    await expect(desk.get_by_role("dialog")).to_be_visible()
    wrong["reply-one"] = await judged(desk, "beside-reply-one", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


def supervisor(town: Town) -> str:
    staff: list[dict[str, Any]] = town.accounts["staff"]
    return str(next(s["username"] for s in staff if s["role"] == "supervisor" and s["department"] == "GA"))
