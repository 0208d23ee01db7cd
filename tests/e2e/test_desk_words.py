"""The clerk's thread: words edited, recalled and written anew, and what the citizen takes back."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_clerk
from tests.e2e.lives import asked
from tests.flows.town import Socket, Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
LEAST = 24  # a mouse's target, WCAG 2.2 criterion 2.5.8


async def say(desk: Page, words: str) -> None:
    await desk.get_by_role("textbox", name=re.compile("回复|[Rr]eply")).fill(words)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("article").filter(has_text=words)).to_be_visible()


async def speak(line: Socket, **frame: Any) -> int:
    client_id = uuid4().hex
    await line.send(client_id=client_id, **frame)
    return int((await line.until("ack", client_id=client_id))["seq"])


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_words_are_edited_recalled_and_written_anew_at_the_desk(desk: Page, town: Town, lang: str) -> None:
    english, watched = lang == "en", Watched(desk, town.url)
    owner = town.owner_of(CASE_ITEM)
    await sign_in_clerk(desk, next(s["name"] for s in town.accounts["staff"] if s["username"] == owner))
    if english:
        await desk.get_by_role("button", name="English").click()
    await desk.goto("/console/#/consultations")
    await expect(desk.get_by_role("button", name=re.compile("^(在线|Online)"))).to_be_visible()
    citizen = await town.one_tap(town.demo_citizen(7 if english else 6))
    async with town.socket(citizen) as line:
        talk = await asked(citizen, "Where do I go?")
        await desk.get_by_role("button", name=re.compile("^(接待|Accept)$")).click()
        log = desk.get_by_role("log")
        await expect(log).to_contain_text("Where do I go?")
        await say(desk, "Counter three")
        mine = desk.get_by_role("article").filter(has_text="Counter three")
        await mine.get_by_role("button", name=re.compile("^(编辑|Edit)$")).focus()
        await desk.keyboard.press("Enter")
        area = desk.get_by_role("textbox", name=re.compile("编辑这条消息|Edit this message"))
        await expect(area).to_be_focused()
        await area.press("Escape")
        await expect(mine.get_by_role("button", name=re.compile("^(编辑|Edit)$"))).to_be_focused()
        await desk.keyboard.press("Enter")
        await area.fill("Counter three, ground floor")
        await picture(desk, f"desk-editing-{lang}")
        await area.press("Enter")
        told = await line.until("message", conversation=talk, kind="edit")
        assert told["body"]["text"] == "Counter three, ground floor"
        await expect(mine).to_contain_text("已编辑" if not english else "Edited")
        own = await speak(line, type="send", conversation=talk, kind="text", body={"text": "My number is one"})
        await expect(log).to_contain_text("My number is one")
        await speak(line, type="edit", conversation=talk, of=own, body={"text": "My number is two"})
        await expect(log).to_contain_text("My number is two")
        await mine.hover()
        await picture(desk, f"desk-acts-{lang}")
        found = await probes.faults(desk, least=LEAST, english=english)
        await mine.get_by_role("button", name=re.compile("^(撤回|Recall)$")).click()
        assert (await line.until("message", conversation=talk, kind="recall"))["body"] == {"of": told["body"]["of"]}
        await speak(line, type="recall", conversation=talk, of=own)
        await expect(log).to_contain_text("您撤回了一条消息" if not english else "You recalled a message")
        await expect(log.get_by_text(re.compile("撤回了一条消息|recalled a message"))).to_have_count(2)
        await expect(log).not_to_contain_text("My number")
        await expect(log).not_to_contain_text("Counter three")
        await desk.get_by_role("button", name=re.compile("^(重新编辑|Write it again)$")).click()
        reply = desk.get_by_role("textbox", name=re.compile("回复|[Rr]eply"))
        await expect(reply).to_have_value("Counter three, ground floor")
        await picture(desk, f"desk-recalled-{lang}")
        found += await probes.faults(desk, least=LEAST, english=english)
        await reply.fill("")
    assert found == []
    assert watched.faults == []
