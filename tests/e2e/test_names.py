"""A passport by its photograph and by the keyboard, at the desk of names; and a village agent's year, at the supervisor's."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, sign_in_clerk
from tests.e2e.test_quality_console import judged
from tests.flows.town import Town, photo

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
FOREIGNER = "16600000005"  # whom no other walk needs by another document
HOLDER = {"name": "Emily Carter", "id_number": "L8988901C", "document": "passport"}
DESK, CHIEF = "zwfw.meng", "ZWFW"


async def claimed(town: Town) -> Any:
    """A foreigner, whose passport waits with a photograph of it."""
    foreigner = await town.one_tap(next(c for c in town.accounts["citizens"] if c["phone"] == FOREIGNER))
    sent = await foreigner.ask("POST", "/uploads", files={"file": ("p.jpg", photo("passport"))}, status=201)
    told = await foreigner.ask("POST", "/me/real-name", json=HOLDER | {"uploads": [sent["id"]]})
    assert told["claim"]["state"] == "waiting"
    return foreigner


async def press(desk: Page, name: str) -> None:
    """With the keyboard alone."""
    button = desk.get_by_role("button", name=name, exact=True)
    await button.focus()
    await desk.keyboard.press("Enter")


async def test_a_name_is_refused_with_a_reason_and_verified_beside_its_photograph(desk: Page, town: Town) -> None:
    foreigner, watched = await claimed(town), Watched(desk, town.url)
    await sign_in_clerk(desk, DESK)
    await desk.goto("/console/#/names")
    row = desk.get_by_role("link", name=re.compile(r"E\*+ C\*+ .*L\*+1C"))
    await expect(row).to_contain_text("L******1C")
    wrong = {"names": await judged(desk, "names")}
    await row.focus()
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("L8988901C")).to_be_visible()
    await expect(desk.locator("img[src*='/files/']").first).to_be_visible()
    wrong["name"] = await judged(desk, "name")
    await desk.get_by_role("button", name="English").click()
    wrong["name-en"] = await judged(desk, "name", english=True)
    await desk.get_by_role("button", name="中文").click()
    await press(desk, "核验通过")
    await expect(desk.get_by_role("alert")).to_contain_text("请逐项核对清单")
    await press(desk, "不通过")
    await expect(desk.get_by_role("alert")).to_contain_text("请写明不通过的理由")
    assert (await foreigner.ask("GET", "/me/real-name"))["claim"]["state"] == "waiting"
    await desk.get_by_role("textbox", name="不通过的理由").fill("照片边角不全，请重拍")
    await press(desk, "不通过")
    await expect(desk.get_by_role("status").filter(has_text="已退回")).to_be_visible()
    await expect(desk.get_by_text("L8988901C")).to_have_count(0)
    told = (await foreigner.ask("GET", "/me/real-name"))["claim"]
    assert (told["state"], told["reason"]) == ("refused", "照片边角不全，请重拍")
    await claimed(town)
    await desk.goto("/console/#/names")
    await desk.get_by_role("link", name=re.compile(r"E\*+ C\*+ .*L\*+1C")).click()
    await expect(desk.get_by_role("checkbox")).to_have_count(3)
    for box in await desk.get_by_role("checkbox").all():
        await box.focus()
        await desk.keyboard.press("Space")
    await press(desk, "核验通过")
    await expect(desk.get_by_role("status").filter(has_text="已通过")).to_be_visible()
    wrong["decided"] = await judged(desk, "name-decided")
    assert (await foreigner.ask("GET", "/me/real-name"))["assurance"] == "real_name"
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_other_offices_have_no_desk_of_names(desk: Page, town: Town) -> None:
    await sign_in_clerk(desk, next(s["username"] for s in town.accounts["staff"] if s["department"] == "GA"))
    await expect(desk.get_by_role("link", name="办件")).to_be_visible()
    await expect(desk.get_by_role("link", name="姓名核验")).to_have_count(0)
    await desk.goto("/console/#/names")
    await expect(desk.get_by_text("没有姓名核验申请")).to_be_visible()


async def test_a_village_agent_is_appointed_renewed_and_ended(desk: Page, town: Town) -> None:
    watched = Watched(desk, town.url)
    chief = next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == CHIEF)
    named = town.demo_citizen(2)
    person = await town.one_tap(named)
    if person.who["assurance"] == "phone":
        await person.ask("POST", "/me/real-name", json={"name": named["name"], "id_number": named["id_number"]})
    await sign_in_clerk(desk, chief["username"])
    await desk.goto("/console/#/mandates")
    await desk.get_by_role("link", name="村级代办员").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("村级代办员")
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    wrong = {"agents": await judged(desk, "agents")}
    await press(desk, "任命代办员")
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="手机号").fill("123")
    await dialog.get_by_role("button", name="任命代办员").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("请输入 11 位手机号")
    await dialog.get_by_role("textbox", name="手机号").fill(named["phone"])
    await dialog.get_by_role("textbox", name="筛选事项").fill("身份证")
    await dialog.get_by_role("checkbox").first.check()
    wrong["appoint"] = await judged(desk, "appoint")
    before = await desk.get_by_role("row").count()
    await dialog.get_by_role("button", name="任命代办员").click()
    await expect(desk.get_by_role("status").filter(has_text="已任命")).to_be_visible()
    await expect(desk.get_by_role("row")).to_have_count(before + 1)  # the latest stands first
    row = desk.get_by_role("row").filter(has=desk.get_by_text("在任", exact=True)).nth(0)
    await row.get_by_role("button", name=re.compile("^续任一年")).click()
    await expect(desk.get_by_role("status").filter(has_text="已续任一年")).to_be_visible()
    await row.get_by_role("button", name=re.compile("^终止")).click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_role("button", name="终止").last.click()
    await expect(dialog.get_by_role("alert")).to_contain_text("请写明理由")
    await dialog.get_by_role("textbox", name="理由").fill("任期调整")
    wrong["end"] = await judged(desk, "agent-end")
    await dialog.get_by_role("button", name="终止").last.click()
    await expect(desk.get_by_role("status").filter(has_text="已终止")).to_be_visible()
    await desk.get_by_role("button", name="English").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("Village agents")
    wrong["agents-en"] = await judged(desk, "agents", english=True)
    boss = await town.clerk(chief["username"])
    states = [a["state"] for a in (await boss.ask("GET", "/desk/agents"))["items"]]
    assert states[0] == "revoked"
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
