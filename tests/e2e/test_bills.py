"""A department's bill from its issue to the first instalment: issued, asked about, examined by one, approved by another."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.probes import faults
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def issued(desk: Page, *, phone: str, title: str) -> tuple[str, str]:
    """Issued at the console: the bill's id and payment code."""
    await desk.goto("/console/#/bills")
    await desk.get_by_role("button", name="开具缴款书").click()
    form = desk.get_by_role("dialog")
    await expect(form).to_be_visible()
    await picture(desk, "console-bill-issue")
    for label, value in (
        ("名称", title), ("金额（元）", "300.01"), ("缴款人", "测试缴款人"), ("手机号", phone), ("计算说明", "罚款 300.01 元"),
        ("依据（法律条款）", "《道路交通安全法》第九十条"), ("收入项目编码", "103050101"), ("收入项目", "公安罚没收入"),
    ):  # fmt: skip
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_label("逾期加收").select_option("penalty_law_72")
    await form.get_by_role("button", name="开具缴款书").click()
    await desk.wait_for_url(re.compile(r"#/bills/[0-9a-f-]{36}"))
    head = desk.get_by_role("heading", level=1)
    await expect(head).to_have_text(re.compile(r"^\d{20}$"))
    return desk.url.rpartition("/")[2], await head.inner_text()


async def test_a_bill_is_issued_asked_about_and_paid_in_parts_by_two_peoples_word(
    phone: Any, desk: Any, chromium: Any, town: Town, office_url: str
) -> None:
    watched = Watched(phone, town.url)
    citizen, title = town.demo_citizen(6)["phone"], f"示范罚款 {uuid4().hex[:6]}"
    await sign_in_clerk(desk, "jj.peng")
    bill, code = await issued(desk, phone=citizen, title=title)
    await expect(desk.get_by_role("main")).to_contain_text("300.01")
    assert await faults(desk, least=24) == []
    await picture(desk, "console-bill")

    await phone.goto(f"/app/#/sub/bill/lookup?code={code}")
    await expect(phone.get_by_role("main")).to_contain_text("¥300.01")
    await expect(phone.get_by_role("main")).to_contain_text("测***人")
    assert await faults(phone, least=44) == []
    await picture(phone, "bill-lookup")
    await sign_in_citizen(phone, citizen)
    await phone.goto(f"/app/#/sub/bill/detail?id={bill}")
    await phone.get_by_text("申请延期、分期或减免").click()
    first = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    await phone.get_by_label("第一期在哪天前缴（如 2026-12-15）").fill(first)
    await phone.get_by_role("button", name="提交申请").click()
    await expect(phone.get_by_role("main")).to_contain_text("请填写")
    await phone.get_by_label("理由").fill("收入不足，一次缴纳有困难")
    await phone.get_by_role("button", name="提交申请").click()
    await expect(phone.get_by_role("main")).to_contain_text("已申请，待审查")
    assert await faults(phone, least=44) == []
    await picture(phone, "bill-relief")

    await desk.goto("/console/#/bills/amendments")
    await desk.get_by_role("button", name=f"审查 {code}").click()
    await desk.get_by_role("dialog").get_by_label("依据（法律条款）").fill("《行政处罚法》第六十六条")
    await desk.get_by_role("dialog").get_by_role("button", name="提交").click()
    await expect(desk.get_by_role("row", name=re.compile(code))).to_contain_text("由您提出")
    await expect(desk.get_by_role("button", name=f"批准 {code}", exact=True)).to_have_count(0)
    assert await faults(desk, least=24) == []
    await picture(desk, "console-bill-amendments")
    await approved_by(chromium, office_url, name="jj.deng", code=code)

    await phone.goto(f"/app/#/sub/bill/relief?id={bill}")
    await expect(phone.get_by_role("main")).to_contain_text("第 1 期（共 3 期）")
    await expect(phone.get_by_role("main")).to_contain_text("¥100.01")
    await picture(phone, "bill-plan")
    await phone.goto(f"/app/#/sub/bill/detail?id={bill}")
    await expect(phone.get_by_role("region", name="操作")).to_contain_text("¥100.01")
    assert watched.faults == []


async def approved_by(chromium: Any, office_url: str, *, name: str, code: str) -> None:
    """The second person, on a screen of their own."""
    context = await chromium.new_context(base_url=office_url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    try:
        page = await context.new_page()
        await sign_in_clerk(page, name)
        await page.goto("/console/#/bills/amendments")
        await page.get_by_role("button", name=f"批准 {code}", exact=True).click()
        await expect(page.get_by_role("row", name=re.compile(code))).to_have_count(0)
    finally:
        await context.close()
