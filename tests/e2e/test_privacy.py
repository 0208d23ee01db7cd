"""The privacy centre in a real browser: a consent and back, a copy, a correction through the console, closing and keeping."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import named
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def into_the_centre(phone: Any, town: Town, place: int) -> str:
    """The masked name of who is in."""
    citizen = town.demo_citizen(place)
    await named(town, citizen)
    await sign_in_citizen(phone, citizen["phone"])
    await phone.goto("/app/#/sub/privacy/centre")
    await expect(phone.get_by_role("link", name=re.compile("同意管理"))).to_be_visible()
    first, *middle, last = citizen["name"]
    return f"{first}{'*' * len(middle)}{last}" if middle else f"{first}*"


async def test_a_consent_is_given_and_withdrawn_with_its_effect_told(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    await into_the_centre(phone, town, 1)
    await phone.get_by_role("link", name=re.compile("同意管理")).click()
    switch = phone.get_by_role("checkbox", name=re.compile("办理提醒"))
    await expect(switch).not_to_be_checked()
    await switch.click()
    await expect(switch).to_be_checked()
    await picture(phone, "privacy-consents")
    await switch.click()
    sheet = phone.get_by_role("dialog")
    await expect(sheet).to_contain_text("撤回前的处理仍然有效")
    await sheet.get_by_role("button", name="撤回同意").click()
    await expect(switch).not_to_be_checked()
    await expect(phone.get_by_role("main")).to_contain_text("已撤回")
    assert watched.faults == []


async def test_a_copy_is_made_and_downloaded(phone: Any, town: Town, tmp_path: Path) -> None:
    watched = Watched(phone, town.url)
    await into_the_centre(phone, town, 1)
    await phone.get_by_role("link", name=re.compile("下载我的信息")).click()
    await phone.get_by_role("button", name="生成副本").click()
    button = phone.get_by_role("button", name="下载", exact=True).first
    await expect(button).to_be_visible(timeout=120_000)
    await picture(phone, "privacy-export")
    async with phone.expect_download() as waiting:
        await button.click()
    file = tmp_path / "copy.zip"
    await (await waiting.value).save_as(file)
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("data.json"))
        assert archive.read("data.pdf").startswith(b"%PDF")
    assert told["chapters"][-1]["code"] == "who_looked"
    assert town.demo_citizen(1)["phone"] in json.dumps(told)
    assert watched.faults == []


async def test_a_correction_is_asked_answered_at_the_data_desk_and_read(phone: Any, desk: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    masked = await into_the_centre(phone, town, 1)
    await phone.get_by_role("link", name=re.compile("更正信息")).click()
    await phone.get_by_role("button", name="提交申请").click()
    await expect(phone.get_by_role("main")).to_contain_text("请填写此项")
    await phone.get_by_role("radio", name="其他信息").click()
    await phone.get_by_label("应更正为").fill("新港西路 2 号")
    await phone.get_by_label("说明").fill("门牌号改了")
    await phone.get_by_role("button", name="提交申请").click()
    await expect(phone.get_by_role("main")).to_contain_text("办理中")
    await picture(phone, "privacy-correction")
    clerk = next(
        s for s in town.accounts["staff"] if s["department"] == "ZWFW" and s["role"] in {"clerk", "supervisor"}
    )
    await sign_in_clerk(desk, clerk["username"])
    await desk.get_by_role("link", name="信息更正").click()
    asked = desk.get_by_role("row").filter(has_text=masked)
    await expect(asked).to_have_count(1)
    await asked.get_by_role("button", name="查看").click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog).to_contain_text("门牌号改了")
    await dialog.get_by_role("button", name="不予更正").click()
    await expect(dialog).to_contain_text("请写明答复理由")
    await dialog.get_by_label("答复（申请人可见）").fill("已更新通信地址")
    await picture(desk, "console-correction")
    await dialog.get_by_role("button", name="通过", exact=True).click()
    await expect(asked).to_have_count(0)
    await phone.reload()
    await expect(phone.get_by_role("main")).to_contain_text("已更新通信地址")
    assert watched.faults == []


async def test_closing_shows_what_it_means_and_can_be_taken_back(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    await into_the_centre(phone, town, 1)
    await phone.get_by_role("link", name=re.compile("注销账号")).click()
    main = phone.get_by_role("main")
    await expect(main).to_contain_text("会计档案 30 年")
    button = phone.get_by_role("button", name="申请注销")
    await expect(button).to_be_disabled()
    await picture(phone, "privacy-closure")
    await phone.get_by_role("checkbox", name=re.compile("我已了解")).click()
    await button.click()
    await expect(main).to_contain_text(re.compile("账号将于 .* 注销"))
    await picture(phone, "privacy-closure-cooling")
    await phone.get_by_role("button", name="保留账号").click()
    await expect(button).to_be_visible()
    assert watched.faults == []


async def test_notice_and_what_is_kept_are_open_to_everybody(phone: Any, town: Town) -> None:
    await phone.goto("/app/#/sub/privacy/notice")
    await expect(phone.get_by_role("main")).to_contain_text("为履行法定职责")
    await phone.goto("/app/#/sub/privacy/kept")
    await expect(phone.get_by_role("main")).to_contain_text("会计档案 30 年")
    await picture(phone, "privacy-kept")
    await phone.goto("/app/#/sub/privacy/consents")
    await expect(phone.get_by_role("main")).to_contain_text("登录后查看您的信息")
