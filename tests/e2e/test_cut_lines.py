"""What the faces do when a socket is taken and nothing is said on it, and when none gets through at all."""

import asyncio
import re

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.e2e import probes
from tests.e2e.faces import picture, sign_in_citizen, sign_in_clerk
from tests.e2e.test_browser import owner_name
from tests.e2e.test_room import log, room, say
from tests.flows.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
SOCKET = re.compile("/api/v1/chat")
GIVEN_UP_MS = 15_000


class Frozen:
    """Takes connections and says nothing on the first `silent` of them; when each came, by the loop's clock."""

    def __init__(self, silent: int) -> None:
        self.silent, self.came = silent, list[float]()

    async def meet(self, route: WebSocketRoute) -> None:
        self.came.append(asyncio.get_running_loop().time())
        if len(self.came) > self.silent:
            route.connect_to_server()
        else:
            route.on_message(lambda _: None)

    @property
    def waited(self) -> float:
        return self.came[1] - self.came[0]


async def test_a_phone_gives_up_a_line_it_is_not_welcomed_on(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])
    frozen = Frozen(silent=1)
    await phone.route_web_socket(SOCKET, frozen.meet)
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await phone.reload()  # the line of the page before was not ours
        async with asyncio.timeout(30):
            while len(frozen.came) < 2:
                await phone.wait_for_timeout(100)
        assert 7.5 < frozen.waited < 11
        await talk.said("您好，听得到吗？")
        await expect(log(phone)).to_contain_text("听得到吗")
        await say(phone, "听得到")
        assert (await talk.clerk.until("message", conversation=talk.id, kind="text"))["body"]["text"] == "听得到"


async def test_words_go_the_ordinary_way_where_no_socket_gets_through(phone: Page, town: Town) -> None:
    await sign_in_citizen(phone, town.demo_citizen(5)["phone"])

    async def refuse(route: WebSocketRoute) -> None:
        await route.close(code=1011)

    await phone.route_web_socket(SOCKET, refuse)
    async with room(town, 5) as talk:
        await phone.goto(f"/app/#/sub/chat/room?id={talk.id}")
        await phone.reload()
        await expect(log(phone)).to_contain_text("外地能补办身份证吗")
        await say(phone, "单位网络不让连")
        told = await talk.clerk.until("message", conversation=talk.id, kind="text")
        assert told["body"]["text"] == "单位网络不让连"
        await expect(phone.get_by_text("网络受限，已改用普通方式发送")).to_be_visible()
        await expect(log(phone)).to_contain_text("已送达")
        await expect(phone.get_by_role("button", name="发送失败，点按重发")).to_have_count(0)
        await picture(phone, "room-plain")
        assert await probes.faults(phone, least=44) == []
        await talk.said("没关系，也收得到")
        await expect(log(phone)).to_contain_text("没关系")
        said = [m["body"].get("text") for m in talk.clerk.seen if m["type"] == "message"]
        assert said.count("单位网络不让连") == 1


async def test_a_desk_gives_up_a_line_it_is_not_welcomed_on(desk: Page, town: Town) -> None:
    frozen = Frozen(silent=1)
    await desk.route_web_socket(SOCKET, frozen.meet)
    await sign_in_clerk(desk, owner_name(town))
    async with asyncio.timeout(30):
        while len(frozen.came) < 2:
            await desk.wait_for_timeout(100)
    assert 7.5 < frozen.waited < 11
    await desk.goto("/console/consultations")
    await expect(desk.locator(".line-bar")).to_have_count(0, timeout=GIVEN_UP_MS)
