"""Who somebody is, in a real browser: codes by text message, a desktop let in by a phone, the ladder, the ways in."""

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.flows.town import Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def code_for(town: Town, number: str) -> str:
    """What came to the phone with this number."""
    answer = await town.http.get(f"{town.accounts['sandbox']}/_sandbox/texts?phone={number}")
    return str(answer.json()["texts"][0]["values"][0])


async def by_message(page: Page, town: Town, number: str) -> None:
    await page.goto("/app/")
    await page.get_by_role("link", name=re.compile("登录后查看")).click()
    await page.get_by_role("button", name="用短信登录").click()
    await page.get_by_role("textbox", name="手机号").fill(number)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_role("button", name=re.compile("秒后可重发"))).to_be_visible()
    await page.get_by_role("textbox", name="短信验证码").fill(await code_for(town, number))
    await page.get_by_role("button", name="登录", exact=True).click()


def fresh_number() -> str:
    """Nobody's yet."""
    return f"139{secrets.randbelow(10**8):08d}"


async def test_a_code_signs_in_after_consent_alone(phone: Any, town: Town) -> None:
    number = fresh_number()
    watched = Watched(phone, town.url)
    await by_message(phone, town, number)
    sheet = phone.get_by_role("dialog")
    await expect(sheet).to_contain_text("请先阅读并勾选同意")
    await picture(phone, "signin-sms")
    await sheet.get_by_role("checkbox", name=re.compile("已阅读并同意")).check()
    await sheet.get_by_role("button", name="登录", exact=True).click()
    await expect(sheet).to_have_count(0)
    await phone.goto("/app/#/pages/me")
    await expect(phone.get_by_role("main")).to_contain_text(f"{number[:3]}****{number[-4:]}")
    assert watched.faults == []


async def test_who_declines_still_reads_guides(phone: Any, town: Town) -> None:
    await phone.goto("/app/")
    await phone.get_by_role("link", name=re.compile("登录后查看")).click()
    await phone.get_by_role("button", name="暂不登录").click()
    await phone.goto("/app/#/pages/services")
    await expect(phone.get_by_role("main").get_by_role("link").first).to_be_visible()


async def test_a_desktop_is_let_in_by_a_phone_and_an_expired_code_is_shown_anew(
    desk: Any, phone: Any, town: Town
) -> None:
    citizen = town.demo_citizen(0)
    desktop: Page = desk
    watched = Watched(desktop, town.url)
    await desktop.goto("/app/")
    await desktop.get_by_role("link", name=re.compile("登录后查看")).click()
    sheet = desktop.get_by_role("dialog")
    await expect(sheet).to_contain_text("等待扫码")
    await desktop.get_by_role("img", name="登录二维码").wait_for()
    await picture(desktop, "desktop-scan")
    await desktop.get_by_role("img", name="登录二维码").screenshot(path="test-results/screens/desktop-code.png")
    (read,) = zxingcpp.read_barcodes(Image.open("test-results/screens/desktop-code.png").convert("L"))
    await sign_in_citizen(phone, citizen["phone"])
    await phone.goto("/app/" + read.text.partition("/app/")[2])
    await expect(phone.get_by_role("main")).to_contain_text("电脑浏览器")
    await expect(sheet).to_contain_text("已扫码，请在手机上确认")
    await phone.get_by_role("button", name="确认登录").click()
    await expect(sheet).to_have_count(0)
    await desktop.goto("/app/#/pages/me")
    number = citizen["phone"]
    await expect(desktop.get_by_role("main")).to_contain_text(f"{number[:3]}****{number[-4:]}")
    await picture(desktop, "desktop-signed-in")
    assert watched.faults == []


def fresh_document() -> str:
    """A resident ID that nobody has."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    first = f"11010519491231{secrets.randbelow(1000):03d}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


async def test_what_needs_more_asks_for_it_and_the_page_goes_on(phone: Any, town: Town) -> None:
    """From a bare account to a face, each step where the person stands."""
    number, document = fresh_number(), fresh_document()
    await by_message(phone, town, number)
    await phone.get_by_role("checkbox", name=re.compile("已阅读并同意")).check()
    await phone.get_by_role("dialog").get_by_role("button", name="登录", exact=True).click()
    await expect(phone.get_by_role("dialog")).to_have_count(0)
    await town.sandbox("registry", {"name": "欧阳晴", "id_number": document})
    await phone.goto("/app/#/sub/account/verify")
    await phone.get_by_role("button", name="用其他证件").click()
    await picture(phone, "verify-documents")
    await phone.get_by_role("textbox", name="姓名").fill("欧阳晴")
    await phone.get_by_role("textbox", name="身份证号码").fill(document)
    await phone.get_by_role("button", name="确认", exact=True).click()
    await phone.goto("/app/#/pages/me")
    await phone.goto("/app/#/sub/account/verify")
    await expect(phone.get_by_role("main")).to_contain_text("人脸核验")
    await phone.get_by_role("checkbox", name=re.compile("单独同意")).click()
    await phone.get_by_role("button", name="开始人脸核验").click()
    await expect(phone.get_by_role("button", name="打开核验页面")).to_be_visible()
    await picture(phone, "verify-face")
    async with phone.context.expect_page() as opening:
        await phone.get_by_role("button", name="打开核验页面").click()
    camera = await opening.value
    await camera.get_by_role("button", name="模拟通过").click()
    await expect(camera.get_by_role("heading", name="核身已完成")).to_be_visible()
    await phone.get_by_role("button", name="我已完成").click()
    await expect(phone.get_by_role("main")).to_contain_text("人脸核验已通过")
    await picture(phone, "verify-face-passed")


async def test_a_passport_is_handed_to_the_staff(phone: Any, town: Town) -> None:
    await by_message(phone, town, fresh_number())
    await phone.get_by_role("checkbox", name=re.compile("已阅读并同意")).check()
    await phone.get_by_role("dialog").get_by_role("button", name="登录", exact=True).click()
    await expect(phone.get_by_role("dialog")).to_have_count(0)
    await phone.goto("/app/#/sub/account/verify")
    await phone.get_by_role("button", name="用其他证件").click()
    await phone.get_by_role("radio", name="护照").check()
    await phone.get_by_role("textbox", name="姓名").fill("Emily Carter")
    await phone.get_by_role("textbox", name="证件号码").fill("E12345678")
    await phone.get_by_role("button", name="确认", exact=True).click()
    await expect(phone.get_by_role("status").filter(has_text="护照已提交")).to_be_visible()


async def test_an_account_shows_its_ways_in_and_another_joins_it(phone: Any, town: Town) -> None:
    """The other account shows a code over HTTP; this one types it, looks, and merges."""
    watched, number = Watched(phone, town.url), fresh_number()
    citizen = town.demo_citizen(2)
    await sign_in_citizen(phone, citizen["phone"])
    asked = await town.http.post("/api/v1/auth/sms-codes", json={"phone": number, "purpose": "sign_in"})
    proof = {"flow": asked.json()["flow"], "code": await code_for(town, number)}
    told = (await town.http.post("/api/v1/auth/sms/sign-in", json=proof)).json()
    other = Person(town.http, told["access_token"])
    await phone.goto("/app/#/sub/account/identities")
    await expect(phone.get_by_role("main")).to_contain_text("微信")
    await picture(phone, "identities")
    await phone.get_by_role("link", name=re.compile("合并账号")).click()
    code = (await other.ask("POST", "/me/merge-codes", json={}, status=201))["code"]
    await phone.get_by_role("textbox", name="另一个账号显示的合并码").fill(code)
    await phone.get_by_role("button", name="先看看会合并什么").click()
    await expect(phone.get_by_role("main")).to_contain_text("另一账号的手机号将解除")
    await picture(phone, "merge-plan")
    await phone.get_by_role("button", name="确认合并，不可撤销").click()
    await expect(phone.get_by_role("main")).to_contain_text("两个账号已合并")
    gone = await town.http.get("/api/v1/me", headers={"authorization": f"Bearer {told['access_token']}"})
    assert gone.status_code == 401
    await phone.goto("/app/#/pages/messages")
    await expect(phone.get_by_role("main")).to_contain_text("两个账号已合并")
    await picture(phone, "notices")
    assert watched.faults == []


async def test_the_simulated_inbox_is_marked_and_stays_on_this_machine(town: Town) -> None:
    sandbox = town.accounts["sandbox"]
    shown = await town.http.get(f"{sandbox}/_sandbox/inbox")
    assert "没有短信真的发出" in shown.text
    async with httpx2.AsyncClient(trust_env=False) as client:
        elsewhere = await client.get(
            f"{sandbox}/_sandbox/texts", headers={"host": f"evil.example:{urlsplit(sandbox).port}"}
        )
    assert elsewhere.status_code == 403
