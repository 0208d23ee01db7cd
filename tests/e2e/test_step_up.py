"""Devices on both faces, and proving again who one is without losing what one was doing."""

import re
from typing import Any

import pyotp
import pytest
from playwright.async_api import Route, expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
HANDSET = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile Safari/604.1"


async def test_a_payment_on_another_device_asks_for_one_tap_and_goes_on(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    await sign_in_citizen(phone, town.demo_citizen(2)["phone"])
    await phone.evaluate("localStorage.removeItem('handheld.device')")  # the session was taken to another device
    await phone.reload()
    await phone.goto("/app/#/sub/bill/list")
    await phone.get_by_role("link", name=re.compile("¥")).first.click()
    await phone.get_by_role("button", name="去缴费").click()
    sheet = phone.get_by_role("dialog")
    await expect(sheet).to_contain_text("确认是您本人")
    await picture(phone, "step-up-citizen")
    await sheet.get_by_role("button", name="一键确认").click()
    cashier = phone.get_by_role("dialog").filter(has_text="模拟")
    await cashier.get_by_role("button", name=re.compile("^(确认)?(支付|付款)")).click()
    await expect(phone.get_by_role("main")).to_contain_text("缴费成功")
    assert watched.faults == []


async def test_a_citizen_ends_another_device_and_sees_it_gone(phone: Any, town: Town) -> None:
    watched, citizen = Watched(phone, town.url), town.demo_citizen(0)
    elsewhere = await town.one_tap(citizen)
    await sign_in_citizen(phone, citizen["phone"])
    await phone.goto("/app/#/sub/account/devices")
    main = phone.get_by_role("main")
    await expect(main.get_by_text("本机", exact=True)).to_have_count(1)
    await picture(phone, "devices-citizen")
    ends = main.get_by_role("button", name="退出此设备")
    await expect(ends.first).to_be_visible()
    before = await ends.count()
    await ends.first.click()  # the newest comes first
    await picture(phone, "devices-citizen-sure")
    await phone.get_by_role("dialog").get_by_role("button", name="退出此设备").click()
    await expect(ends).to_have_count(before - 1)
    await elsewhere.ask("GET", "/me", status=401)
    await main.get_by_role("button", name="退出所有设备").click()
    await phone.get_by_role("dialog").get_by_role("button", name="退出所有设备").click()
    await expect(phone.get_by_role("button", name=re.compile("一键登录"))).to_be_visible()
    assert watched.faults == []


async def test_staff_prove_again_by_password_and_code_and_the_work_goes_on(desk: Any, town: Town) -> None:
    account = next(s for s in town.accounts["staff"] if s["role"] == "clerk")
    code = pyotp.TOTP(account["totp_secret"])
    answer = await town.http.post(
        "/api/v1/auth/staff/sign-in", headers={"user-agent": HANDSET},
        json={"username": account["username"], "password": account["password"], "otp": code.now()},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    await sign_in_clerk(desk, account["name"])
    await desk.goto("/console/#/me")
    asked: list[str] = []

    async def wants_a_proof(route: Route) -> None:
        """The server finds the session's proof too old, once."""
        if asked or route.request.method != "DELETE":
            await route.continue_()
        else:
            asked.append(route.request.url)
            body = '{"code": "fresh_sign_in_required", "title": "为了您的账号安全，请重新登录后继续", "status": 403}'
            await route.fulfill(status=403, content_type="application/problem+json", body=body)

    await desk.route("**/api/v1/me/devices/*", wants_a_proof)
    row = desk.get_by_role("row", name=re.compile("iPhone"))
    await expect(row).to_be_visible()
    await picture(desk, "devices-console")
    await row.get_by_role("button", name="退出此设备").click()
    await desk.get_by_role("dialog").get_by_role("button", name="退出此设备").click()
    prove = desk.get_by_role("dialog", name="请再次验证身份")
    await expect(prove).to_be_visible()
    await picture(desk, "step-up-console")
    await prove.get_by_label("密码").fill("wrong")
    await prove.get_by_label("动态码").fill(code.now())
    await prove.get_by_role("button", name="确认并继续").click()
    await expect(prove.get_by_role("alert")).to_be_visible()
    await prove.get_by_label("密码").fill(account["password"])
    await prove.get_by_label("动态码").fill(code.now())
    await prove.get_by_role("button", name="确认并继续").click()
    await expect(row).to_have_count(0)
    assert len(asked) == 1
