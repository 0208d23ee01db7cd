"""Waiting, on both sides: a place that moves, a message instead, and the desk that is to answer by a date."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import asked
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_whoever_waits_sees_their_place_move_and_may_leave_a_message(phone: Any, desk: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    owner = town.owner_of(CASE_ITEM)
    clerk, first = await town.clerk(owner), await town.one_tap(town.demo_citizen(5))
    mine = await town.one_tap(town.demo_citizen(6))
    async with town.socket(clerk) as line:
        await line.send(type="presence", status="busy", capacity=5, auto_accept=False)
        await line.until("presence", status="busy")
        ahead, talk = await asked(first, "要带什么材料？"), await asked(mine, "多久能拿到？")
        await sign_in_citizen(phone, town.demo_citizen(6)["phone"])
        await phone.goto(f"/app/#/sub/chat/room?id={talk}")
        main = phone.get_by_role("main")
        await expect(main).to_contain_text("您排在第 2 位")
        await expect(main).to_contain_text("暂时估计不出还要多久")
        assert await probes.faults(phone, least=44, english=False) == []
        await picture(phone, "waiting-second")
        await first.ask("POST", f"/consultations/{ahead}/close", json={})
        await expect(main).to_contain_text("下一位就是您")
        await phone.get_by_role("button", name="不等了，改为留言").click()
        await picture(phone, "waiting-sure")
        await phone.get_by_role("dialog", name="改为留言？").get_by_role("button", name="改为留言").click()
        await expect(main).to_contain_text("留言已登记")
        await expect(main).to_contain_text(re.compile(r"\d+月\d+日 \d\d:\d\d 前答复您"))
        await expect(main).to_contain_text("负责答复")
        await phone.get_by_role("button", name="补充说明").click()
        await expect(phone.get_by_role("textbox")).to_be_focused()
        assert await probes.faults(phone, least=44, english=False) == []
        await picture(phone, "waiting-dated")
    await sign_in_clerk(desk, owner)
    await desk.goto("/console/#/consultations")
    await desk.get_by_role("button", name=re.compile("^留言")).click()
    row = desk.get_by_role("region", name="会话列表").locator(f'[data-conversation="{talk}"]')
    await expect(row).to_contain_text("前答复")
    await expect(row).to_contain_text("由我答复")
    await picture(desk, "waiting-inquiries")
    await row.click()
    await expect(desk.get_by_role("main")).to_contain_text("为什么在这里：市民改为留言")
    await picture(desk, "waiting-inquiry-open")
    assert await probes.faults(desk, least=24, english=False) == []
    assert watched.faults == []
