"""Whoever asks and goes away is found: one message on the phone, which opens the room at the answer."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM
from tests.patience import WAIT_S

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def came_to(town: Town, openid: str) -> list[dict[str, Any]]:
    answer = await town.http.get(f"{town.accounts['sandbox']}/_sandbox/messages?openid={openid}")
    return list(answer.json()["messages"])


async def asks_and_allows(phone: Any) -> str:
    """Asks about the service and allows one message; the id of the conversation."""
    await phone.goto(f"/app/#/sub/chat/start?item={CASE_ITEM}")
    await phone.get_by_role("textbox").fill("外地能补办吗？")
    await phone.get_by_role("button", name="开始咨询").click()
    await expect(phone.get_by_role("log")).to_contain_text("外地能补办吗？")
    await phone.get_by_role("button", name="通知我").click()
    sheet = phone.get_by_role("dialog", name="模拟：订阅消息")
    await expect(sheet).to_contain_text("演示环境")
    await picture(phone, "away-sheet")
    assert await probes.faults(phone, least=44, english=False) == []
    await sheet.get_by_role("button", name="允许").click()
    await expect(phone.get_by_role("button", name="通知我")).to_have_count(0)
    await picture(phone, "away-asked")
    return str(phone.url.split("id=")[1].split("&")[0])


async def test_a_citizen_who_left_gets_one_message_and_it_opens_the_room_at_the_answer(phone: Any, town: Town) -> None:
    watched, account = Watched(phone, town.url), town.demo_citizen(5)
    before = len(await came_to(town, account["openid"]))
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    async with town.socket(clerk) as desk:
        await desk.send(type="presence", status="online")
        await sign_in_citizen(phone, account["phone"])
        conversation = await asks_and_allows(phone)
        await desk.send(type="offer_reply", conversation=conversation, accept=True)
        await phone.goto("about:blank")
        for n, words in enumerate(("可以，异地也能补办。", "请带户口簿。")):
            body = {"text": words}
            await desk.send(
                type="send", conversation=conversation, client_id=f"{conversation}-{n}", kind="text", body=body
            )
            await desk.until("ack", client_id=f"{conversation}-{n}")
        async with asyncio.timeout(4 * WAIT_S):
            while len(await came_to(town, account["openid"])) == before:
                await asyncio.sleep(0.5)
    message = (await came_to(town, account["openid"]))[0]
    assert message["page"] == f"sub/chat/room?id={conversation}"
    assert "户口簿" not in str(message["content"])
    await phone.goto(f"/app/#/{message['page']}")
    await expect(phone.get_by_role("log")).to_contain_text("请带户口簿。")
    await expect(phone.get_by_text("请带户口簿。")).to_be_in_viewport()
    await picture(phone, "away-back")
    citizen = await town.one_tap(account)
    async with asyncio.timeout(4 * WAIT_S):
        while [n["read"] for n in (await citizen.ask("GET", "/me/notices"))["items"] if n["kind"] == "chat.missed"][
            :1
        ] != [True]:
            await asyncio.sleep(0.5)
    assert len(await came_to(town, account["openid"])) == before + 1
    assert watched.faults == []


async def test_wishes_are_chosen_topic_by_topic(phone: Any, town: Town) -> None:
    watched, account = Watched(phone, town.url), town.demo_citizen(5)
    await sign_in_citizen(phone, account["phone"])
    await phone.goto("/app/#/sub/account/settings")
    await phone.get_by_role("link", name="消息提醒").click()
    choice = phone.get_by_role("checkbox", name="微信、支付宝消息 · 缴费")
    await expect(choice).to_be_checked()
    await choice.click()
    await expect(choice).not_to_be_checked()
    await picture(phone, "away-wishes")
    assert await probes.faults(phone, least=44, english=False) == []
    await phone.reload()
    await expect(choice).not_to_be_checked()
    await choice.click()
    assert watched.faults == []
