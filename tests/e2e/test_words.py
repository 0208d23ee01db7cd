"""Words in a conversation: quick replies by keyboard, quotes from the guide, numbers that are asked about and hidden."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ID_NUMBER, CARD = "11010519491231002X", "4111 1111 1111 1111"


def named(town: Town, username: str) -> str:
    return str(next(s["name"] for s in town.accounts["staff"] if s["username"] == username))


async def talking(phone: Any, desk: Any, town: Town, question: str) -> None:
    """A citizen asks about the item, and its owner has accepted."""
    await sign_in_clerk(desk, named(town, town.owner_of(CASE_ITEM)))
    await desk.get_by_role("link", name=re.compile("会话")).click()
    await sign_in_citizen(phone, town.demo_citizen(4)["phone"])
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await phone.get_by_role("button", name="咨询", exact=True).click()
    await phone.get_by_role("textbox").fill(question)
    await phone.get_by_role("button", name="开始咨询").click()
    await desk.get_by_role("button", name="接待").click()
    await expect(desk.get_by_role("log")).to_contain_text(question)


async def test_a_clerk_answers_by_keyboard_and_quotes_the_guide(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await talking(phone, desk, town, "要带什么材料？")
    field = desk.get_by_role("textbox", name=re.compile("^回复"))
    await field.focus()
    await desk.keyboard.press("/")
    menu = desk.get_by_role("dialog", name="快捷回复")
    await expect(menu.get_by_role("option").first).to_be_visible()
    await desk.keyboard.type("yzbx")
    await expect(menu).to_contain_text("没有符合的快捷回复")
    for _ in range(4):
        await desk.keyboard.press("Backspace")
    await desk.keyboard.type("yzbnxcl")
    await expect(menu).to_contain_text(re.compile("没有符合|要准备哪些材料"))
    for _ in range(7):
        await desk.keyboard.press("Backspace")
    await desk.keyboard.type("材料")
    await expect(menu.get_by_role("option").first).to_contain_text("要准备哪些材料")
    await picture(desk, "words-menu")
    assert await probes.faults(desk, least=24) == []
    await desk.keyboard.press("Enter")
    await expect(field).to_have_value(re.compile("您好，办理“居民身份证遗失补领”请准备"))
    await expect(field).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(phone.get_by_role("log")).to_contain_text("居民身份证数字相片回执")
    await desk.keyboard.press("/")
    await desk.keyboard.type("bjjd")
    await expect(menu.get_by_role("option").first).to_contain_text("办件进度")
    await desk.keyboard.press("Enter")
    await desk.get_by_role("textbox", name="受理编号").fill("HZ20261121000127")
    await desk.get_by_role("textbox", name="办结日期").fill("2026-12-11")
    await picture(desk, "words-blanks")
    await desk.keyboard.press("Enter")
    await expect(field).to_have_value(re.compile("受理编号 HZ20261121000127.*2026-12-11"))
    await field.fill("{姓名}，您好")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("alert")).to_contain_text("未填写的变量")
    await field.fill("")
    await desk.get_by_role("button", name="引用指南").click()
    quoting = desk.get_by_role("dialog", name="引用指南中的一段")
    await quoting.get_by_role("searchbox").fill("数字相片")
    await picture(desk, "words-cite")
    await quoting.get_by_role("button").filter(has_text="请着深色上衣").click()
    await expect(desk.get_by_role("log")).to_contain_text("请着深色上衣")
    await expect(phone.get_by_role("log")).to_contain_text("请着深色上衣")
    await picture(phone, "words-quote-citizen")
    await phone.get_by_role("log").get_by_role("button", name=re.compile("指南|查看")).last.click()
    await expect(phone.get_by_role("heading", name=re.compile("材料")).first).to_be_visible()
    await picture(phone, "words-quote-opened")
    assert [w.faults for w in watched] == [[], []]


async def test_numbers_are_asked_about_and_hidden_on_both_sides(phone: Any, desk: Any, town: Town) -> None:
    watched = [Watched(phone, town.url), Watched(desk, town.url)]
    await talking(phone, desk, town, "号码要报吗？")
    writing = phone.get_by_role("textbox", name="输入您的问题")
    await writing.fill(f"身份证{ID_NUMBER}，密码是hunter2")
    await phone.get_by_role("button", name="发送", exact=True).click()
    asked = phone.get_by_role("dialog", name="发送前请留意")
    await expect(asked).to_contain_text("请不要发送")
    await picture(phone, "words-warned")
    assert await probes.faults(phone, least=44) == []
    await asked.get_by_role("button", name="返回修改").click()
    await expect(writing).to_have_value(re.compile("hunter2"))
    await phone.get_by_role("button", name="发送", exact=True).click()
    await asked.get_by_role("button", name="仍然发送").click()
    log = phone.get_by_role("log")
    await expect(log).to_contain_text("身份证110***********002X，密码是*******")
    await expect(log).to_contain_text("已隐藏证件号码")
    await picture(phone, "words-hidden-citizen")
    theirs = desk.get_by_role("log")
    await expect(theirs).to_contain_text("110***********002X")
    assert ID_NUMBER not in await theirs.inner_text()
    await desk.get_by_role("button", name="查看原文").click()
    why = desk.get_by_role("dialog", name="查看被隐藏的原文")
    await why.get_by_role("textbox").fill("核对身份证号码")
    await why.get_by_role("button", name="查看原文").click()
    await expect(theirs).to_contain_text(ID_NUMBER)
    await picture(desk, "words-unmasked")
    await desk.get_by_role("button", name="隐藏", exact=True).click()
    field = desk.get_by_role("textbox", name=re.compile("^回复"))
    await field.fill(f"请汇到卡 {CARD}")
    await desk.keyboard.press("Enter")
    note = desk.get_by_role("alert")
    await expect(note).to_contain_text("银行卡号")
    await picture(desk, "words-doubt")
    await note.get_by_role("button", name="仍然发送").click()
    await expect(log).to_contain_text("请汇到卡 **** **** **** 1111")
    await expect(theirs).to_contain_text("请汇到卡 **** **** **** 1111")
    await field.fill("你是傻 子吗")
    await desk.keyboard.press("Enter")
    await expect(note).to_contain_text("不宜使用的词语")
    await note.get_by_role("button", name="返回修改").click()
    await expect(field).to_have_value("你是傻 子吗")
    await field.fill("加我微信")
    await desk.keyboard.press("Enter")
    await expect(theirs).to_contain_text("禁止使用的词语")
    assert [w.faults for w in watched] == [[], []]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_replies_and_words_are_kept_by_two_people(desk: Any, town: Town, lang: str) -> None:
    english, watched = lang == "en", Watched(desk, town.url)
    chief = next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == "GA")
    await sign_in_clerk(desk, chief["name"])
    if english:
        await desk.get_by_role("button", name="English").click()
    await desk.goto("/console/#/replies")
    await expect(
        desk.get_by_role("listitem").filter(has_text=re.compile("办件进度|Progress of a case")).first
    ).to_be_visible()
    await picture(desk, f"words-replies-{lang}")
    wrong = {"replies": await probes.faults(desk, least=24, english=english)}
    await desk.get_by_role("button", name=re.compile("修改 办件进度|Change Progress of a case")).click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog.get_by_role("textbox").first).to_have_value("办件进度")
    await probes.settled(desk)
    wrong["reply"] = await probes.faults(desk, least=24, english=english)
    await picture(desk, f"words-reply-{lang}")
    await dialog.get_by_role("textbox").nth(2).fill(f"您的办件 {{受理编号}} 正在办理（{lang}）。")
    await dialog.get_by_role("button", name=re.compile("^(保存|Save)$")).click()
    await expect(dialog).to_have_count(0)
    row = desk.get_by_role("listitem").filter(has_text=re.compile("办件进度|Progress of a case")).first
    await expect(row).to_contain_text(re.compile("待复核|To review"))
    await desk.goto("/console/#/words")
    await expect(desk.get_by_role("cell", name="加我微信")).to_be_visible()
    wrong["words"] = await probes.faults(desk, least=24, english=english)
    await picture(desk, f"words-list-{lang}")
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
