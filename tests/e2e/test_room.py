"""The citizen's room: words taken back and written anew, a line that breaks, pages of the past, in every look."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.e2e.lives import asked
from tests.flows.town import Person, Socket, Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
LOOKS = {"standard": "elder=0&lang=zh", "elder": "elder=1&lang=zh", "english": "elder=0&lang=en"}


@dataclass
class Room:
    """A conversation under way: the clerk's socket, and the citizen's page once it is opened."""

    id: str
    citizen: Person
    clerk: Socket

    async def said(self, words: str, *, by: Socket | None = None) -> int:
        """Sent over a socket; its place."""
        client_id = uuid4().hex
        side = by or self.clerk
        await side.send(type="send", conversation=self.id, client_id=client_id, kind="text", body={"text": words})
        return int((await side.until("ack", client_id=client_id))["seq"])

    async def changed(self, of: int, words: str | None = None) -> None:
        what: dict[str, Any] = {"type": "recall"} if words is None else {"type": "edit", "body": {"text": words}}
        client_id = uuid4().hex
        await self.clerk.send(conversation=self.id, client_id=client_id, of=of, **what)
        await self.clerk.until("ack", client_id=client_id)


@asynccontextmanager
async def room(town: Town, place: int) -> AsyncIterator[Room]:
    """The person who answers for the item has taken the citizen's question."""
    clerk = await town.clerk(town.owner_of(CASE_ITEM))
    async with town.socket(clerk) as line:
        await line.send(type="presence", status="online", capacity=50, auto_accept=True)
        citizen = await town.one_tap(town.demo_citizen(place))
        talk = await asked(citizen, "外地能补办身份证吗？")
        await line.until("message", conversation=talk, seq=2)
        yield Room(talk, citizen, line)
        await line.send(type="presence", status="away", auto_accept=False)
        await line.until("presence", status="away")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def say(page: Page, words: str) -> None:
    await page.get_by_role("textbox").fill(words)
    await page.get_by_role("button", name=re.compile("^(发送|Send)$")).click()


async def choose(page: Page, words: str, action: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^(更多操作：|More actions: ){re.escape(words)}")).last.click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{action}")).click()


async def test_own_words_are_edited_recalled_and_written_anew(phone: Page, town: Town) -> None:
    watched = Watched(phone, town.url)
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await say(phone, "我在广州，带什么去？")
        sent = await talk.clerk.until("message", conversation=talk.id, kind="text")
        await expect(log(phone)).to_contain_text("已送达")
        await choose(phone, "我在广州", "编辑")
        await expect(phone.get_by_role("textbox")).to_have_value("我在广州，带什么去？")
        await picture(phone, "room-editing")
        await phone.get_by_role("textbox").fill("我在广州海珠，带什么去？")
        await phone.get_by_role("button", name="保存").click()
        told = await talk.clerk.until("message", conversation=talk.id, kind="edit")
        assert told["body"] == {"of": sent["seq"], "text": "我在广州海珠，带什么去？"}
        await expect(log(phone)).to_contain_text("已编辑")
        await expect(log(phone)).to_contain_text("我在广州海珠")
        await choose(phone, "我在广州海珠", "撤回")
        assert (await talk.clerk.until("message", conversation=talk.id, kind="recall"))["body"] == {"of": sent["seq"]}
        await expect(log(phone)).to_contain_text("您撤回了一条消息")
        await expect(log(phone)).not_to_contain_text("我在广州")
        await picture(phone, "room-recalled")
        await phone.get_by_role("button", name="重新编辑").click()
        await expect(phone.get_by_role("textbox")).to_have_value("我在广州海珠，带什么去？")
        await phone.reload()
        await expect(phone.get_by_role("textbox")).to_have_value(
            "我在广州海珠，带什么去？"
        )  # a draft outlives the page
        await expect(log(phone)).to_contain_text("您撤回了一条消息")
        await expect(phone.get_by_role("button", name="重新编辑")).to_have_count(0)
    assert watched.faults == []


async def test_what_the_clerk_edits_and_recalls_changes_before_the_citizen_s_eyes(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        of = await talk.said("带户口本")
        await expect(log(phone)).to_contain_text("带户口本")
        await talk.changed(of, "带户口本和一张照片")
        await expect(log(phone)).to_contain_text("带户口本和一张照片")
        await talk.changed(of)
        await expect(log(phone)).to_contain_text("撤回了一条消息")
        await expect(log(phone)).not_to_contain_text("户口本")
        await phone.get_by_role("button", name="返回").click()
        await phone.goto("/app/#/pages/messages")
        await expect(phone.get_by_role("link").filter(has_text="该消息已撤回")).to_be_visible()


async def test_the_menu_of_a_message_is_reached_and_left_by_keys(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await say(phone, "用键盘写的")
        more = phone.get_by_role("button", name="更多操作：用键盘写的")
        await more.focus()
        await phone.keyboard.press("Enter")
        menu = phone.get_by_role("dialog", name="对这条消息")
        await expect(menu.get_by_role("button", name="复制")).to_be_visible()
        await phone.keyboard.press("Escape")
        await expect(menu).to_have_count(0)
        await expect(more).to_be_focused()
        assert talk.id


async def test_what_a_broken_line_kept_goes_again_under_the_same_id(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    asked_for: list[str] = []
    blocked = True

    async def middle(route: WebSocketRoute) -> None:
        if blocked and asked_for:
            await route.close(code=1012)
            return
        server = route.connect_to_server()

        async def up(raw: str | bytes) -> None:
            frame = json.loads(raw)
            if frame["type"] == "send":
                asked_for.append(frame["client_id"])
                if blocked:  # the frame is lost with its line
                    await route.close(code=1012)
                    return
            server.send(raw)

        route.on_message(up)

    await phone.route_web_socket(re.compile("/api/v1/chat"), middle)
    await phone.route(re.compile("/consultations/[^/]+/messages$"), lambda route: route.abort())  # nor any other way
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await expect(log(phone)).to_contain_text("外地能补办身份证吗")
        await say(phone, "断线前写的")
        failed = phone.get_by_role("button", name="发送失败，点按重发")
        await expect(failed).to_be_visible()
        await expect(phone.get_by_role("button", name="不发了")).to_be_visible()
        await expect(phone.get_by_text("连接已断开，正在重连")).to_be_visible()
        await picture(phone, "room-failed")
        assert await probes.faults(phone, least=44) == []
        blocked = False
        await failed.evaluate_all("all => all.forEach(one => one.click())")  # unless the line was back sooner
        told = await talk.clerk.until("message", conversation=talk.id, kind="text")
        await expect(failed).to_have_count(0)
        await expect(log(phone)).to_contain_text("已送达")
        assert set(asked_for) == {told["client_id"]}
        assert [m["body"].get("text") for m in talk.clerk.seen if m["type"] == "message"].count("断线前写的") == 1


async def test_the_past_comes_page_by_page_and_news_while_reading_it_wait_below(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    async with room(town, 5) as talk, town.socket(talk.citizen) as other:
        for n in range(1, 71):
            await talk.said(f"第{n}句", by=other if n % 2 else None)
        await other.send(type="read", conversation=talk.id, seq=60)
        await talk.clerk.until("receipt", conversation=talk.id, by="citizen", read=60)
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await expect(log(phone)).to_contain_text("第70句")
        await expect(log(phone).get_by_text("以下是未读消息")).to_have_count(1)
        await expect(log(phone)).not_to_contain_text("第5句")
        assert await log(phone).evaluate("e => /\\d+月\\d+日/.test(e.innerText)")  # the day stands above its words
        await expect(log(phone).get_by_text("第70句", exact=True)).to_be_in_viewport()
        older = phone.get_by_role("button", name="查看更早的消息")
        await older.scroll_into_view_if_needed()
        kept = log(phone).get_by_text("第26句", exact=True)
        before = await top_of(kept)
        await older.click()
        await expect(log(phone)).to_contain_text("第5句")
        await expect(older).to_have_count(0)
        await probes.settled(phone)
        after = await top_of(kept)
        assert abs(after - before) < 60, (before, after)
        await talk.said("看完请回我")
        await talk.said("谢谢")
        pill = phone.get_by_role("button", name="有 2 条新消息")
        await expect(pill).to_be_visible()
        await picture(phone, "room-news")
        assert await probes.faults(phone, least=44) == []
        assert (await talk.citizen.ask("GET", f"/consultations/{talk.id}"))["unread"] >= 2
        await pill.click()
        await expect(log(phone).get_by_text("谢谢", exact=True)).to_be_in_viewport()
        await expect(pill).to_have_count(0)
        await talk.clerk.until("receipt", conversation=talk.id, by="citizen", read=last_place(talk))


async def top_of(shown: Locator) -> float:
    box = await shown.bounding_box()
    assert box is not None, "it stands on the page"
    return box["y"]


def last_place(talk: Room) -> int:
    return max(
        int(f["seq"]) for f in talk.clerk.seen if f["type"] in {"ack", "message"} and f["conversation"] == talk.id
    )


@pytest.mark.parametrize("look", LOOKS)
async def test_the_room_with_everything_in_it_can_be_seen_read_and_touched(phone: Page, town: Town, look: str) -> None:
    least = 60 if look == "elder" else 44
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    async with room(town, 5) as talk, town.socket(talk.citizen) as other:
        edited, gone = await talk.said("Bring your household register"), await talk.said("Wrong window")
        await talk.changed(edited, "Bring your household register and a photo")
        await talk.changed(gone)
        await talk.said("Thank you", by=other)
        await phone.goto(f"/app/?{LOOKS[look]}#/sub/chat/room?id={talk.id}")
        await expect(log(phone)).to_contain_text("Thank you")
        await phone.set_viewport_size({"width": 375, "height": 1100})
        await picture(phone, f"room-{look}")
        assert await probes.faults(phone, least=least) == []
        assert await phone.evaluate(probes.WIDE, 375) == []
        await phone.get_by_role("button", name=re.compile("Thank you")).click()
        await expect(phone.get_by_role("dialog")).to_be_visible()
        await probes.settled(phone)
        await picture(phone, f"room-{look}-menu")
        assert await probes.faults(phone, least=least) == []
