"""A window is booked on the phone and used at the hall; a request is followed to its answer and back."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import named
from tests.e2e.matters import booking_of, nothing_booked, order_of
from tests.e2e.test_quality_console import judged
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_a_window_is_booked_from_the_guide_moved_and_checked_in(phone: Any, desk: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    account = town.demo_citizen(1)
    await nothing_booked(await named(town, account))
    await sign_in_citizen(phone, account["phone"])
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await phone.get_by_role("button", name="预约窗口").first.click()
    await phone.get_by_role("radio", name=re.compile("公安专区")).click()
    times = phone.get_by_role("radiogroup", name=re.compile("选择时段")).get_by_role("radio")
    await times.first.click()
    await picture(phone, "booking-pick")
    await phone.get_by_role("button", name=re.compile("确认预约")).click()
    await expect(phone.get_by_role("main")).to_contain_text("预约成功")
    code = await phone.locator(".book-letters").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{8}", code)
    picture_of_it = phone.get_by_role("img", name=re.compile(f"预约码 {code}"))
    await expect(picture_of_it).to_be_visible()
    assert await picture_of_it.evaluate("image => image.naturalWidth") > 0
    await picture(phone, "booking-done")
    await phone.get_by_role("button", name="改期").click()
    await expect(phone.get_by_role("main")).to_contain_text("正在改期")
    await times.nth(2).click()
    await phone.get_by_role("button", name=re.compile("^改到")).click()
    await expect(phone.get_by_role("main")).to_contain_text("改期：")
    await picture(phone, "booking-moved")

    await sign_in_clerk(desk, town.owner_of(CASE_ITEM))
    await desk.get_by_role("link", name="预约", exact=True).click()
    await expect(desk.get_by_label("地点")).to_be_visible()
    await desk.get_by_label("预约码").fill(code)
    await desk.get_by_role("button", name="签到").click()
    await expect(desk.get_by_role("alert")).to_contain_text("不在该预约的签到时间内")
    await picture(desk, "hall-day")

    await phone.get_by_role("button", name="取消预约").click()
    await phone.get_by_role("dialog").get_by_role("button", name="取消预约").click()
    await expect(phone.get_by_role("main")).to_contain_text("已取消")
    assert watched.faults == []


async def test_a_closed_slot_moves_who_was_booked_and_tells_them(desk: Any, town: Town) -> None:
    watched = Watched(desk, town.url)
    citizen = await named(town, town.demo_citizen(2))
    await nothing_booked(citizen)
    told = await citizen.ask("GET", f"/booking-slots?item={CASE_ITEM}")
    hall = next(p for p in told["places"] if p["code"] == "GA-HALL")
    day = hall["days"][-1]
    slot = next(s for s in day["slots"] if s["left"])
    body = {"item": CASE_ITEM, "place": "GA-HALL", "starts_at": slot["starts_at"]}
    made = await citizen.ask("POST", "/bookings", json=body, status=201)
    await sign_in_clerk(desk, town.owner_of(CASE_ITEM))
    await desk.get_by_role("link", name="预约", exact=True).click()
    await desk.get_by_label("地点").select_option("GA-HALL")
    await desk.get_by_label("日期").fill(day["day"])
    row = desk.locator(".hall-slot").filter(has_text=f"{slot['starts_at'][11:16]}–")
    await row.get_by_role("button", name="停办此时段").click()
    sheet = desk.get_by_role("dialog")
    await sheet.get_by_label("停办原因").fill("设备检修")
    await picture(desk, "hall-close")
    await sheet.get_by_role("button", name="停办此时段").click()
    await expect(row).to_contain_text("已停办")
    for _ in range(40):
        now = await citizen.ask("GET", f"/bookings/{made['id']}")
        if now["starts_at"] != made["starts_at"]:
            break
        await desk.wait_for_timeout(500)
    assert (now["state"], now["place"]["code"]) == ("booked", "GA-HALL")
    notices = (await citizen.ask("GET", "/me/notices"))["items"]
    assert [n["kind"] for n in notices if made["id"] in n["link"]] == ["booking.moved"]
    assert watched.faults == []


async def test_a_request_is_answered_at_the_desk_and_reopened_on_the_phone(phone: Any, desk: Any, town: Town) -> None:
    watched, watching = Watched(phone, town.url), Watched(desk, town.url)
    account = town.demo_citizen(1)
    citizen = await named(town, account)
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    order = await order_of(town, citizen, clerk)
    await sign_in_clerk(desk, town.owner_of(CASE_ITEM))
    await desk.get_by_role("link", name="工单", exact=True).click()
    await picture(desk, "orders")
    await desk.goto(f"/console/#/orders/{order['id']}")
    await desk.get_by_role("button", name="受理", exact=True).click()
    await expect(desk.get_by_role("main")).to_contain_text("办理中")
    await desk.get_by_role("button", name="答复", exact=True).click()
    sheet = desk.get_by_role("dialog")
    await sheet.get_by_role("button", name="答复").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("请写明内容")
    await sheet.get_by_label("答复").fill("路灯已于今日修复，感谢您的反映。")
    await sheet.get_by_role("button", name="答复").click()
    await expect(desk.get_by_role("main")).to_contain_text("已答复")
    await picture(desk, "order-answered")

    await sign_in_citizen(phone, account["phone"])
    await phone.goto("/app/#/pages/me")
    await phone.get_by_role("link", name="我的诉求").click()
    await phone.get_by_role("link", name=re.compile(order["number"])).click()
    await expect(phone.get_by_role("main")).to_contain_text("路灯已于今日修复")
    await picture(phone, "order-answered-citizen")
    await phone.get_by_role("button", name="不满意，重新办理").click()
    dialog = phone.get_by_role("dialog")
    await dialog.get_by_label("哪里没有解决").fill("昨晚又灭了")
    await dialog.get_by_role("button", name="提交").click()
    await expect(phone.get_by_role("main")).to_contain_text("重新办理")
    await picture(phone, "order-reopened-citizen")
    await desk.reload()
    await expect(desk.get_by_role("main")).to_contain_text("昨晚又灭了")
    assert watched.faults == []
    assert watching.faults == []


async def test_a_full_slot_is_said_and_another_can_be_chosen(phone: Any, town: Town) -> None:
    """Somebody else takes the last seat while the page is open."""
    account = town.demo_citizen(4)
    citizen = await town.one_tap(account)
    await nothing_booked(citizen)
    await sign_in_citizen(phone, account["phone"])
    await phone.goto(f"/app/#/sub/booking/pick?item={CASE_ITEM}")
    await expect(phone.get_by_role("heading", name="1. 选择地点")).to_be_visible()
    full = {
        "type": "urn:handheld:error:slot_full", "title": "约满", "detail": "该时段刚刚约满，请另选时段", "status": 409,
        "code": "slot_full", "request_id": uuid4().hex,
    }  # fmt: skip
    await phone.route(
        "**/api/v1/bookings",
        lambda route: route.fulfill(status=409, json=full, content_type="application/problem+json"),
    )
    times = phone.get_by_role("radiogroup", name=re.compile("选择时段")).get_by_role("radio")
    await times.first.click()
    await phone.get_by_role("button", name=re.compile("确认预约")).click()
    await expect(phone.get_by_role("alert")).to_contain_text("刚刚约满")
    await picture(phone, "booking-full")
    await phone.unroute("**/api/v1/bookings")
    await times.nth(1).click()
    await phone.get_by_role("button", name=re.compile("确认预约")).click()
    await expect(phone.get_by_role("main")).to_contain_text("预约成功")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_hall_and_hotline_can_be_seen_and_read(desk: Any, town: Town, lang: str) -> None:
    english, watched = lang == "en", Watched(desk, town.url)
    citizen = await named(town, town.demo_citizen(3))
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    booking = await booking_of(citizen)
    order = await order_of(town, citizen, clerk)
    await sign_in_clerk(desk, town.owner_of(CASE_ITEM))
    if english:
        await desk.get_by_role("button", name="English").click()
    wrong = {}
    await desk.goto("/console/#/orders")
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    wrong["orders"] = await judged(desk, "orders", english=english)
    await desk.get_by_role("button", name=re.compile("^(登记工单|New order)$")).click()
    await expect(desk.get_by_role("dialog")).to_be_visible()
    wrong["new"] = await judged(desk, "order-new", english=english)
    await desk.keyboard.press("Escape")
    await desk.goto(f"/console/#/orders/{order['id']}")
    await expect(desk.get_by_role("heading", name=re.compile(order["number"]))).to_be_visible()
    wrong["order"] = await judged(desk, "order", english=english)
    await desk.get_by_role("button", name=re.compile("^(转同事|Hand to a colleague)$")).click()
    await expect(desk.get_by_role("dialog").get_by_role("option").nth(1)).to_be_attached()
    wrong["offer"] = await judged(desk, "order-offer", english=english)
    await desk.keyboard.press("Escape")
    await desk.goto("/console/#/bookings")
    await desk.get_by_label(re.compile("^(地点|Place)$")).select_option(booking["place"]["code"])
    await desk.get_by_label(re.compile("^(日期|Day)$")).fill(booking["starts_at"][:10])
    await expect(desk.locator(".hall-slot").first).to_be_visible()
    wrong["hall"] = await judged(desk, "hall", english=english)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
