"""A child files for the mother, an operator files and pays for the firm, and both are refused once it is revoked."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import FIELDS, REGION
from tests.flows.town import Person, Town, photo
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
MOTHER, CHILD, OPERATOR = "19900000011", "19900000012", "19900000013"
FIRM = "海珠青禾餐饮管理有限公司"
FIRM_ITEM = "000131102001"


async def act_for(page: Page, name: str) -> None:
    """By the words on the screen: 我的, 代办与企业, the card of the name, 为其办理."""
    await page.goto("/app/#/pages/me")
    await page.get_by_role("link", name=re.compile("代办与企业")).click()
    card = page.locator(".hh-card", has=page.get_by_text(name, exact=True))
    await card.get_by_role("button", name="为其办理").click()
    await expect(page.locator("#acting-bar")).to_contain_text(f"正在为 {name} 办理")


def account(town: Town, phone: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in town.accounts["citizens"] if c["phone"] == phone)
    return found


async def principal(person: Person, name: str) -> str:
    items = (await person.ask("GET", "/me/principals"))["items"]
    return str(next(m["principal"]["id"] for m in items if m["principal"]["name"] == name and m["state"] == "active"))


async def filed_for(person: Person, whose: str, item: str = CASE_ITEM) -> dict[str, Any]:
    guide = await person.ask("GET", f"/catalogue/items/{item}")
    draft = await person.ask(
        "POST", "/applications", json={"item": item, "region": REGION, "on_behalf_of": whose}, status=201
    )
    answers = {question["code"]: question["options"][0]["value"] for question in guide["questions"]}
    form = {
        f["code"]: str(f["options"][0]["value"])
        if f["type"] == "choice"
        else FIELDS.get(f["type"], "海珠区演示路 1 号")
        for f in guide["form"]
    }
    path = f"/applications/{draft['id']}"
    case = await person.ask("PATCH", path, json={"answers": answers, "form": form, "version": draft["version"]})
    for material in [m for m in case["materials"] if m["state"] == "empty" and m["necessity"] == "required"]:
        upload = await person.ask("POST", "/uploads", files={"file": ("p.jpg", photo(material["code"]))}, status=201)
        await person.ask("PUT", f"{path}/materials/{material['code']}", json={"uploads": [upload["id"]]})
    done: dict[str, Any] = await person.ask("POST", f"{path}/submission", json={"consent": True})
    return done


async def test_child_files_for_the_mother_who_sees_it_and_revokes(phone: Page, town: Town) -> None:
    child = await town.one_tap(account(town, CHILD))
    mother = await principal(child, "刘桂兰")
    await sign_in_citizen(phone, CHILD)
    await act_for(phone, "刘桂兰")
    await picture(phone, "acting-for-mother")
    case = await filed_for(child, mother)
    await phone.goto("/app/#/sub/case/list")
    await expect(phone.locator("#acting-bar")).to_be_visible()
    await phone.get_by_text(case["case_number"]).click()
    await expect(phone.get_by_text(re.compile("刘\\*兰（经办：张\\*峰）")).first).to_be_visible()
    hers = await town.one_tap(account(town, MOTHER))
    deeds = (await hers.ask("GET", "/me/deeds"))["items"]
    assert [d["action"] for d in deeds][:2] == ["case.submitted", "case.begun"]
    assert {d["agent"] for d in deeds} == {"张*峰"}
    for mandate in (await hers.ask("GET", "/me/agents"))["items"]:
        if mandate["agent"]["name"] == "张*峰" and mandate["state"] == "active":
            await hers.ask("POST", f"/me/mandates/{mandate['id']}/revoke", json={"reason": "自己办"})
    await child.ask("GET", f"/applications/{case['id']}", status=404)
    await phone.reload()
    await expect(phone.get_by_text(re.compile("没有找到|不存在|没找到"))).to_be_visible()


async def test_operator_files_and_pays_for_the_firm_until_revoked(phone: Page, town: Town) -> None:
    operator = await town.one_tap(account(town, OPERATOR))
    firm = await principal(operator, FIRM)
    case = await operator.ask(
        "POST", "/applications", json={"item": FIRM_ITEM, "region": REGION, "on_behalf_of": firm}, status=201
    )
    assert case["on_behalf_of"]["name"] == FIRM
    await sign_in_citizen(phone, OPERATOR)
    await act_for(phone, FIRM)
    await phone.goto("/app/#/sub/bill/list")
    await phone.get_by_role("link", name=re.compile("餐厨垃圾处理费")).click()
    await expect(phone.locator("#acting-bar")).to_contain_text(FIRM)
    bill = (await operator.ask("GET", f"/bills?on_behalf_of={firm}"))["items"][0]
    body = {"bills": [bill["id"]], "channel": "wechat", "scene": "miniapp", "on_behalf_of": firm}
    order = await operator.ask("POST", "/orders", json=body, status=201)
    prepay = order["client"]["package"].removeprefix("prepay_id=")
    await town.sandbox("pay", {"prepay_id": prepay, "openid": account(town, OPERATOR)["openid"]})
    await operator.ask("POST", f"/orders/{order['id']}/confirmation", json={})
    boss = await town.one_tap(account(town, CHILD))
    for mandate in (await boss.ask("GET", f"/me/agents?on_behalf_of={firm}"))["items"]:
        if mandate["kind"] == "operator" and mandate["agent"]["name"] == "许*静":
            await boss.ask("POST", f"/me/mandates/{mandate['id']}/revoke", json={})
    await operator.ask("GET", f"/bills?on_behalf_of={firm}", status=404)
    await operator.ask("GET", f"/applications/{case['id']}", status=404)
    deeds = (await boss.ask("GET", f"/me/deeds?on_behalf_of={firm}"))["items"]
    assert {d["action"] for d in deeds} >= {"case.begun", "order.opened"}


async def test_clerk_examines_the_papers_beside_the_check_list(desk: Page) -> None:
    await sign_in_clerk(desk, "zwfw.meng")
    await desk.goto("/console/#/mandates")
    await desk.get_by_role("link", name=re.compile("许\\*福")).click()
    await desk.get_by_role("button", name="通过").click()
    await expect(desk.get_by_role("alert")).to_contain_text("请写明审核意见")
    for box in await desk.get_by_role("checkbox").all():
        await box.check()
    await desk.get_by_role("textbox").fill("监护证明与身份证一致")
    await picture(desk, "mandate-examined")
    await desk.get_by_role("button", name="通过").click()
    await expect(desk.get_by_text("生效中").first).to_be_visible()
