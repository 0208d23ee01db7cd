"""A case in a real browser, from the first question to the certificate: citizen and clerk side by side."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.test_browser import owner_name
from tests.flows.town import Town, photo
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def file_case(page: Page) -> str:
    """The way a citizen goes: one thing a page; the case number at the end."""
    await page.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await page.get_by_role("button", name="去办理").click()
    await page.get_by_role("button", name="开始填写").click()
    demo, first = page.get_by_role("button", name="填入演示身份"), page.get_by_role("radio", name="找不到了")
    await expect(demo.or_(first)).to_be_visible()
    if await demo.is_visible():  # unless another test has proven this person's name already
        await demo.click()
        await page.get_by_role("dialog").get_by_role("button", name="确认").click()
    onward = page.get_by_role("button", name="下一步")
    for answer in ("找不到了", "已满十六周岁"):
        await page.get_by_role("radio", name=answer).check()
        await onward.click()
    await expect(page.get_by_role("heading", name="上传材料")).to_be_visible()
    await onward.click()
    await expect(page.get_by_role("alert")).to_contain_text("有 2 处需要修改")
    await picture(page, "materials-missing")
    for material in ("居民身份证数字相片回执", "居民户口簿"):
        tile = page.get_by_role("group", name=re.compile(material))
        async with page.expect_file_chooser() as chooser:
            await tile.get_by_role("button", name=re.compile("拍照或选图")).click()
        await (await chooser.value).set_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo(material)}
        )
        await expect(tile).to_contain_text("已上传")
    await onward.click()
    await page.get_by_role("radio", name="遗失").check()
    await page.get_by_role("textbox", name="联系电话").fill("19900000001")
    await page.get_by_role("radio", name="窗口自取").check()
    await onward.click()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="提交申请").click()
    number = page.get_by_text(re.compile(r"HZ\d{8}\d+[0-9A-Z]")).first
    await expect(number).to_be_visible(timeout=20_000)
    await picture(page, "submitted")
    found = re.search(r"HZ[0-9A-Z]+", await number.inner_text())
    assert found is not None
    return found[0]


async def test_a_case_goes_from_photograph_to_certificate(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await sign_in_citizen(phone, town.demo_citizen(0)["phone"])
    number = await file_case(phone)
    await sign_in_clerk(desk, owner_name(town))
    await desk.get_by_role("link", name=re.compile("办件")).click()
    await desk.get_by_text(number).first.click()
    await expect(desk.get_by_role("heading", name=re.compile("居民身份证遗失补领")).first).to_be_visible()
    await expect(desk.locator("img[src*='/files/']").first).to_be_visible()
    await picture(desk, "case-review")
    await desk.get_by_role("button", name="受理", exact=True).click()
    await confirm(desk)
    await expect(desk.get_by_role("button", name=re.compile("准予"))).to_be_visible()
    for point in await desk.get_by_role("button", name="通过", exact=True).all():
        await point.click()
    await desk.get_by_role("button", name=re.compile("准予")).first.click()
    await confirm(desk)
    await expect(desk.get_by_role("main")).to_contain_text("准予")
    await phone.goto("/app/#/sub/case/list")
    await phone.get_by_text(number).first.click()
    await expect(phone.get_by_role("main")).to_contain_text("准予")
    await picture(phone, "case-approved")
    await phone.goto("/app/#/sub/cert/list")
    await expect(phone.get_by_role("main")).to_contain_text("居民身份证")
    await picture(phone, "certificates")
    assert [w.faults for w in watched] == [[], []]


async def confirm(desk: Page) -> None:
    """Decisions ask once more, naming the item."""
    dialog = desk.get_by_role("dialog").last
    await expect(dialog).to_contain_text("居民身份证遗失补领")
    await dialog.get_by_role("button", name=re.compile("确认|确定|准予|受理")).last.click()
