"""How staff come in, in a browser: the first time, by a scan, and after an administrator gave a fresh beginning."""

import os
import re
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import DATA, ROOT
from tests.e2e.faces import Watched, picture, sign_in_clerk
from tests.e2e.probes import faults
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
OWN = "Window-seven-haizhu"


def operator_adds(office: str) -> tuple[str, str]:
    """`handheld staff add`, as an operator types it: the user name, and the one-time password it prints."""
    username = f"ga.{uuid4().hex[:8]}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
    command = [sys.executable, "-m", "mobileapi.cli", "staff", "add", username, "--role", "clerk", "--department", "GA"]
    told = subprocess.run(
        command, cwd=ROOT, env=environment | {"HANDHELD_DATA_DIR": str(DATA[office])}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    found = re.search(r"password\s+(\S+)", told.stdout)
    assert found, told.stdout + told.stderr
    return username, found[1]


async def typed(page: Page, username: str, password: str) -> None:
    await page.goto("/console/")
    await page.get_by_label("用户名").fill(username)
    await page.get_by_label("密码", exact=True).fill(password)
    await page.keyboard.press("Enter")


async def own_password(page: Page, given: str, *, new: str = OWN) -> None:
    await expect(page.get_by_role("heading", name="请先修改密码")).to_be_visible()
    await page.get_by_label("当前密码").fill(given)
    await page.get_by_label("新密码", exact=True).fill(new)
    await page.get_by_label("再输一次新密码").fill(new)
    await page.keyboard.press("Enter")


async def enrolled(page: Page) -> tuple[str, list[str]]:
    """The secret typed by hand into an authenticator, confirmed; the recovery codes, kept."""
    await expect(page.get_by_role("img", name="身份验证器的二维码")).to_be_visible()
    await page.get_by_text("无法扫码？手动输入密钥").click()
    secret = (await page.locator(".access-secret code").inner_text()).replace(" ", "")
    await page.get_by_label("动态码").fill(pyotp.TOTP(secret).now())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="恢复码")).to_be_focused()
    codes = await page.locator(".access-codes code").all_inner_texts()
    return secret, codes


async def kept(page: Page) -> None:
    await page.get_by_role("button", name="继续").click()
    await expect(page.get_by_text("请先保存恢复码并勾选")).to_be_visible()
    await page.get_by_role("checkbox", name=re.compile("我已把恢复码")).check()
    await page.get_by_role("button", name="继续").click()


async def test_a_fresh_account_changes_enrols_and_gets_to_its_desk(desk: Page, office_url: str) -> None:
    watched = Watched(desk, office_url)
    name, given = operator_adds(office_url)
    await typed(desk, name, given)
    await expect(desk.get_by_role("heading", name="请先修改密码")).to_be_visible()
    await picture(desk, "staff-first-password")
    assert await faults(desk, least=24) == []
    await desk.goto("/console/#/cases")
    await own_password(desk, given)
    await expect(desk.get_by_role("img", name="身份验证器的二维码")).to_be_visible()
    await picture(desk, "staff-enrol")
    secret, codes = await enrolled(desk)
    assert await faults(desk, least=24) == []
    await picture(desk, "staff-recovery")
    assert len(set(codes)) == 10
    await kept(desk)
    await expect(desk.get_by_role("navigation", name="主导航")).to_be_visible()
    await expect(desk.get_by_role("heading", level=1).first).to_have_text(re.compile("办件"))
    assert watched.faults == []
    await desk.goto("/console/#/me/sign-in")
    await expect(desk.get_by_role("heading", name="登录与安全")).to_be_visible()
    await expect(desk.get_by_role("button", name="绑定 钉钉")).to_be_visible()
    assert await faults(desk, least=24) == []
    await picture(desk, "staff-own-sign-in")
    await desk.goto("/console/#/me")
    await desk.get_by_role("button", name="退出登录").click()
    await typed(desk, name, OWN)
    await desk.get_by_role("button", name="手机不在身边？用恢复码").click()
    await desk.get_by_label("恢复码").fill(codes[0])
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("heading", level=1).first).to_have_text(re.compile("办件"))
    await expect(desk.get_by_text("有人用恢复码登录了您的账号")).to_be_visible()
    assert pyotp.TOTP(secret).now()


async def test_the_rules_are_judged_while_typing_and_again_by_the_office(desk: Page, office_url: str) -> None:
    name, given = operator_adds(office_url)
    await typed(desk, name, given)
    await expect(desk.get_by_role("heading", name="请先修改密码")).to_be_visible()
    rules = desk.locator(".access-rules li[data-kept='true']")
    await expect(rules).to_have_count(0)
    await desk.get_by_label("新密码", exact=True).fill("short")
    await expect(rules).to_have_count(1)
    await desk.get_by_label("新密码", exact=True).fill("Haizhu-window-7")
    await expect(rules).to_have_count(3)
    await own_password(desk, given, new="P@ssw0rd2026!")
    await expect(desk.get_by_role("alert")).to_contain_text("不能是常见、容易被猜到的密码")
    await expect(desk.get_by_role("alert")).to_be_focused()
    await expect(desk.get_by_role("heading", name="请先修改密码")).to_be_visible()


@pytest.mark.parametrize(("way", "who", "lands_on"), [("钉钉", "陈立群", "办件"), ("企业微信", "林晓岚", "办件")])
async def test_a_scan_leads_to_the_desk(desk: Page, office_url: str, way: str, who: str, lands_on: str) -> None:
    await desk.goto("/console/")
    await expect(desk.get_by_role("button", name=f"{way}扫码")).to_be_visible()
    assert await faults(desk, least=24) == []
    await picture(desk, "staff-sign-in")
    await desk.get_by_role("button", name=f"{way}扫码").click()
    await expect(desk.get_by_role("heading", name=f"{way}登录")).to_be_visible()
    await picture(desk, f"staff-scan-{'dingtalk' if way == '钉钉' else 'wecom'}")
    await desk.get_by_role("button", name=re.compile(f"^{who} 同意登录")).click()
    await expect(desk.get_by_role("heading", level=1).first).to_have_text(re.compile(lands_on))
    assert "code=" not in desk.url
    assert "state=" not in desk.url


async def test_an_outsider_and_an_unknown_member_are_told_why_not(desk: Page, office_url: str) -> None:
    for who, words in (("外单位访客", "不是本单位成员"), ("林晓岚", "尚未绑定工作人员账号")):
        await desk.goto("/console/")
        await desk.get_by_role("button", name="钉钉扫码").click()
        await desk.get_by_role("button", name=re.compile(f"^{who}.*同意登录")).click()
        await expect(desk.get_by_role("alert")).to_contain_text(words)
        await expect(desk.get_by_label("用户名")).to_be_visible()


async def test_who_was_bound_by_others_types_the_code_as_well(desk: Page, office_url: str, town: Town) -> None:
    secret = next(s["totp_secret"] for s in town.accounts["staff"] if s["username"] == "rs.liang")
    await desk.goto("/console/")
    await desk.get_by_role("button", name="企业微信扫码").click()
    await desk.get_by_role("button", name=re.compile("^梁敏仪 同意登录")).click()
    await expect(desk.get_by_label("请再输入动态码")).to_be_focused()
    await desk.keyboard.type(pyotp.TOTP(secret).now())
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("navigation", name="主导航")).to_be_visible()


async def test_an_administrator_adds_resets_and_disables(desk: Page, chromium: Any, office_url: str) -> None:
    name = f"ga.{uuid4().hex[:8]}"
    await sign_in_clerk(desk, "尹志勤")
    await desk.goto("/console/#/people")
    await desk.get_by_role("button", name="新增人员").first.click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("用户名").fill(name)
    await dialog.get_by_label("姓名").fill(f"温静{name}")
    await dialog.get_by_label("部门").select_option(label="海珠区公安分局")
    await desk.get_by_role("dialog").get_by_role("button", name="新增人员").click()
    once = desk.locator(".access-once code")
    await expect(once).to_be_visible()
    await picture(desk, "people-added")
    given = await once.inner_text()
    await desk.get_by_role("dialog").get_by_role("button", name="关闭").last.click()
    context = await chromium.new_context(base_url=office_url, viewport={"width": 1280, "height": 800}, locale="zh-CN")
    theirs = await context.new_page()
    await typed(theirs, name, given)
    await own_password(theirs, given)
    secret, _ = await enrolled(theirs)
    await kept(theirs)
    await expect(theirs.get_by_role("navigation", name="主导航")).to_be_visible()

    await desk.get_by_role("searchbox", name="用户名、姓名或工号").fill(f"温静{name}")
    await desk.get_by_role("button", name="搜索").click()
    await picture(desk, "people")
    assert await faults(desk, least=24) == []
    await desk.get_by_role("link", name=name).click()
    await expect(desk.get_by_text("已绑定，剩 10 个恢复码")).to_be_visible()
    assert await faults(desk, least=24) == []
    await picture(desk, "people-account")
    await desk.get_by_role("button", name="重置动态码").click()
    await desk.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(desk.get_by_text("未绑定动态码")).to_be_visible()
    await theirs.reload()  # the session has ended: the sheet asks for the password, in place of the page's own form
    await theirs.get_by_label("密码", exact=True).fill(OWN)
    await theirs.keyboard.press("Enter")
    await expect(theirs.get_by_role("heading", name="动态验证码")).to_be_visible()
    assert (await enrolled(theirs))[0] != secret
    await kept(theirs)
    await expect(theirs.get_by_text("管理员重置了您的动态验证码")).to_be_visible()
    await picture(theirs, "staff-told")

    await desk.get_by_role("button", name="停用账号").click()
    await desk.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(desk.get_by_text("已停用")).to_be_visible()
    await theirs.reload()
    await theirs.get_by_label("密码", exact=True).fill(OWN)
    await theirs.keyboard.press("Enter")
    await expect(theirs.get_by_role("alert").first).to_contain_text("不正确")
    await context.close()


async def test_the_pages_speak_english(desk: Page, office_url: str) -> None:
    name, given = operator_adds(office_url)
    await desk.goto("/console/")
    await desk.get_by_role("button", name=re.compile("English|EN")).first.click()
    await desk.get_by_label("User name").fill(name)
    await desk.get_by_label("Password", exact=True).fill(given)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("heading", name="Choose your own password")).to_be_visible()
    words = await desk.locator("main").inner_text()
    assert not re.search(r"[\u4e00-\u9fff]", words.replace("中文", "")), words
