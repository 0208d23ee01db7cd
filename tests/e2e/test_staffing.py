"""A supervisor arranges who answers, in the browser; the citizen's next question lands there."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.e2e.faces import Watched, picture, sign_in_clerk
from tests.e2e.lives import REGION, named
from tests.e2e.test_quality_console import judged, name_of
from tests.flows.town import Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def an_item(chief: Person) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """An item of the supervisor's department with its owner and a clerk who has no duty for it."""
    told = await chief.ask("GET", "/staffing/duties")
    people = [p for p in (await chief.ask("GET", "/organisation"))["people"] if "clerk" in p["roles"]]
    for item in reversed([i["code"] for i in told["items"]]):
        duties = [d for d in told["duties"] if d["item"] == item]
        free = [p for p in people if p["id"] not in {d["staff"]["id"] for d in duties}]
        if free:
            return item, next(d["staff"] for d in duties if d["role"] == "owner"), free[0]
    raise AssertionError("every clerk has a duty for every item")


async def test_a_supervisor_edits_a_duty_and_sets_leave_and_the_next_question_lands_at_the_cover(
    desk: Any, town: Town
) -> None:
    watched = Watched(desk, town.url)
    chief = await town.clerk("rs.luo")
    item, owner, other = await an_item(chief)
    await sign_in_clerk(desk, name_of(town, "rs.luo"))
    await desk.get_by_role("link", name="事项职责").click()
    await desk.get_by_role("searchbox", name="事项、编码、姓名").fill(item)
    await desk.get_by_role("button", name=re.compile("^编辑 ")).click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("岗位").select_option("backup")
    await dialog.get_by_label("人员").select_option(other["id"])
    await dialog.get_by_role("button", name="指定").click()
    await expect(dialog.get_by_role("row", name=re.compile(other["name"]))).to_be_visible()
    await picture(desk, "staffing-duty")
    await dialog.get_by_role("button", name="关闭", exact=True).click()
    await desk.get_by_role("link", name="排班请假").click()
    await desk.get_by_role("button", name="登记请假").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("人员").select_option(owner["id"])
    await dialog.get_by_label("开始日期").fill(today())
    await dialog.get_by_label("结束日期").fill(today())
    await dialog.get_by_label("代班人").select_option(other["id"])
    await dialog.get_by_role("button", name="登记请假").click()
    await expect(desk.get_by_role("row", name=re.compile(owner["name"])).first).to_contain_text(
        re.compile("休假中|已同意")
    )
    await picture(desk, "staffing-leave")
    citizen = await named(town, town.demo_citizen(0))
    cover = await town.clerk(next(s["username"] for s in town.accounts["staff"] if s["name"] == other["name"]))
    away = await town.clerk(next(s["username"] for s in town.accounts["staff"] if s["name"] == owner["name"]))
    async with town.socket(away) as absent, town.socket(cover) as there:
        for side in (absent, there):
            await side.send(type="presence", status="online", capacity=5)
            await side.send(type="ping", t=1)
            await side.until("pong")
        about = {"item": item, "region": REGION, "text": "谁来答复我？"}
        talk = await citizen.ask("POST", "/consultations", json=about, status=201)
        await there.until("offer", conversation=talk["id"])
    await citizen.ask("POST", f"/consultations/{talk['id']}/close", json={})
    await ended(chief)
    assert watched.faults == []


def today() -> str:
    """In the office's zone."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


async def ended(chief: Person) -> None:
    """The person is back, so that what comes after finds them."""
    for leave in (await chief.ask("GET", "/staffing/leaves"))["items"]:
        action = next((a for a in leave["actions"] if a in {"end", "cancel"}), None)
        if action is not None:
            path = {"end": "end", "cancel": "cancellation"}[action]
            await chief.ask("POST", f"/staffing/leaves/{leave['id']}/{path}")


TITLES = {
    "organisation": ("组织", "Structure"),
    "duties": ("事项职责", "Duties"),
    "rosters": ("排班请假", "Rosters"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_the_organisation_can_be_seen_and_read(desk: Any, town: Town, lang: str) -> None:
    english, watched, wrong = lang == "en", Watched(desk, town.url), {}
    await sign_in_clerk(desk, name_of(town, "ga.huang"))
    if english:
        await desk.get_by_role("button", name="English").click()
    for name, ready in (("organisation", "listitem"), ("duties", "row"), ("rosters", "row")):
        await desk.goto(f"/console/#/{name}")
        await expect(desk.get_by_role("heading", level=1)).to_have_text(TITLES[name][english])
        await expect(desk.get_by_role("main").get_by_role(ready).nth(2)).to_be_visible()
        wrong[name] = await judged(desk, name, english=english)
    await desk.goto("/console/#/me")
    await expect(desk.get_by_role("heading", name=re.compile("我的排班|My roster"))).to_be_visible()
    wrong["me"] = await judged(desk, "me-roster", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_a_role_is_given_by_two_admins(desk: Any, town: Town) -> None:
    admin, second = await town.clerk("zwfw.admin"), await town.clerk("zwfw.admin2")
    people = (await admin.ask("GET", "/organisation"))["people"]
    someone = next(p for p in people if p["username"] == "zwfw.audit")
    await sign_in_clerk(desk, name_of(town, "zwfw.admin"))
    await desk.get_by_role("link", name="组织").click()
    await desk.get_by_role("button", name="提出角色变更").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("人员").select_option(someone["id"])
    await dialog.get_by_label("角色", exact=True).select_option("finance")
    await dialog.get_by_label("理由").fill("年度轮岗")
    await dialog.get_by_role("button", name="提交").click()
    row = desk.get_by_role("row", name=re.compile("年度轮岗"))
    await expect(row).to_contain_text("待审批")
    await expect(row.get_by_role("button", name="同意")).to_have_count(0)
    await picture(desk, "staffing-roles")
    change = (await second.ask("GET", "/staffing/role-changes?state=proposed"))["items"][0]
    refused = await admin.ask(
        "POST", f"/staffing/role-changes/{change['id']}/decision", json={"approve": True}, status=403
    )
    assert refused["code"] == "two_persons_needed"
    await second.ask("POST", f"/staffing/role-changes/{change['id']}/decision", json={"approve": True})
    after = (await admin.ask("GET", "/organisation"))["people"]
    assert next(p for p in after if p["id"] == someone["id"])["roles"] == ["auditor", "finance"]
    await second.ask(
        "POST",
        "/staffing/role-removals",
        json={"staff": someone["id"], "role": "finance", "reason": "轮岗结束"},
        status=201,
    )


async def test_an_admin_sets_when_a_department_serves_the_public(desk: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    admin = await town.clerk("zwfw.admin")

    async def held() -> dict[str, Any]:
        regions = (await admin.ask("GET", "/organisation"))["regions"]
        return next(d for r in regions for d in r["departments"] if d["units"] or d["head"])

    before = await held()
    assert before["own_hours"] is False
    await sign_in_clerk(desk, name_of(town, "zwfw.admin"))
    await desk.get_by_role("link", name="组织").click()
    await desk.get_by_role("heading", level=3, name=before["name"]["zh"]).click()
    await desk.get_by_role("button", name=f"服务时间 {before['name']['zh']}").click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog.get_by_label("星期一")).to_be_disabled()
    await dialog.get_by_label("按全市统一的服务时间").uncheck()
    await dialog.get_by_label("星期一").fill("9:00-12:00，13：30—17:00")
    await dialog.get_by_label("星期六").fill("12:00-09:00")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_be_visible()
    assert await held() == before
    await dialog.get_by_label("星期六").fill("09:00-12:00")
    assert await judged(desk, "organisation-hours", english=False) == []
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)
    after = await held()
    assert (after["own_hours"], after["hours"]["mon"], after["hours"]["sat"], after["hours"]["sun"]) == (
        True, [["09:00", "12:00"], ["13:30", "17:00"]], [["09:00", "12:00"]], [],
    )  # fmt: skip
    await desk.get_by_role("button", name=f"服务时间 {before['name']['zh']}").click()
    await dialog.get_by_label("按全市统一的服务时间").check()
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)
    assert await held() == before
    assert watched.faults == []
