"""What comes after: a bad rating followed up, a record taken along, an answer that becomes everybody's."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e import probes
from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.lives import asked, named
from tests.flows.town import Person, Town
from tests.flows.walks import CASE_ITEM
from tests.patience import WAIT_S

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ASKED = "暂住在外省，身份证丢了怎么办？"
ANSWERED = "可以就近补领，带上户口簿即可。"


def supervisor_of(town: Town, department: str) -> dict[str, Any]:
    return next(s for s in town.accounts["staff"] if s["role"] == "supervisor" and s["department"] == department)


async def name_of(town: Town, username: str) -> str:
    return str((await town.clerk(username)).who["name"])


async def judged(page: Page, name: str, *, least: int) -> list[str]:
    await probes.settled(page)
    await picture(page, f"after-{name}")
    return await probes.faults(page, least=least, english=False)


async def followed_up(citizen: Person, talk: str) -> str:
    """The id of what the bad rating began, once the worker has begun it."""
    async with asyncio.timeout(WAIT_S):
        while not (told := await citizen.ask("GET", f"/consultations/{talk}/rating"))["result"]:
            await asyncio.sleep(0.2)
    return str(told["result"]["id"])


async def test_a_bad_rating_is_followed_up_and_the_citizen_reads_how(phone: Any, desk: Any, town: Town) -> None:
    watched, wrong = Watched(phone, town.url), {}
    account = town.demo_citizen(3)
    citizen = await named(town, account)
    talk = await asked(citizen, "要等多久？")
    await citizen.ask("POST", f"/consultations/{talk}/close", json={})
    await sign_in_citizen(phone, account["phone"])
    await phone.goto(f"/app/#/sub/chat/room?id={talk}")
    await phone.get_by_role("radio", name="非常不满意").click()
    await phone.get_by_role("checkbox", name="等得太久").click()
    await phone.get_by_role("textbox", name=re.compile("想说的话")).fill("一直没人接，我的电话13800138000")
    wrong["rating"] = await judged(phone, "rating", least=44)
    await phone.get_by_role("button", name="提交评价").click()
    await expect(phone.get_by_role("heading", name="我的评价")).to_be_visible()
    await expect(phone.get_by_role("main")).to_contain_text("一直没人接，我的电话〔手机号〕")
    wrong["rated"] = await judged(phone, "rated", least=44)

    id_ = await followed_up(citizen, talk)
    await sign_in_clerk(desk, await name_of(town, supervisor_of(town, "GA")["username"]))
    await desk.goto("/console/#/rectifications")
    await expect(desk.get_by_role("row").nth(1)).to_be_visible()
    wrong["list"] = await judged(desk, "rectifications", least=24)
    await desk.goto(f"/console/#/rectifications/{id_}")
    await expect(desk.get_by_text("登记联系后才能答复")).to_be_visible()
    await desk.get_by_role("textbox", name="备注").fill("已致电致歉")
    await desk.get_by_role("button", name="登记联系").click()
    await desk.get_by_role("textbox", name=re.compile("整改措施")).fill("已调整坐席排班，保证五分钟内接入")
    await expect(desk.get_by_text("已保存")).to_have_count(0)
    wrong["detail"] = await judged(desk, "rectification", least=24)
    await desk.get_by_role("button", name=re.compile("提交答复")).click()
    await expect(desk.get_by_text("须由另一人办理")).to_be_visible()
    await expect(desk.get_by_text("已保存")).to_have_count(0)
    await desk.get_by_role("button", name="English").click()
    await desk.set_viewport_size({"width": 1024, "height": 768})
    await probes.settled(desk)
    wrong["detail-en"] = await probes.faults(desk, least=24, english=True)
    await picture(desk, "after-rectification-1024-en")

    watcher = await town.clerk(supervisor_of(town, "ZWFW")["username"])
    seen = await watcher.ask("GET", f"/desk/rectifications/{id_}")
    assert seen["actions"] == ["confirm"]
    await watcher.ask(
        "POST", f"/desk/rectifications/{id_}/confirmation", json={"accept": True, "version": seen["version"]}
    )
    await phone.goto(f"/app/#/sub/rating/result?id={id_}")
    await expect(phone.get_by_role("main")).to_contain_text("已调整坐席排班")
    await phone.get_by_role("radio", name="满意", exact=True).click()
    wrong["result"] = await judged(phone, "result", least=44)
    await phone.get_by_role("button", name="提交评价").click()
    await expect(phone.get_by_role("heading", name="您对结果的评价")).to_be_visible()
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []


async def test_every_consultation_is_found_again_and_taken_along(phone: Any, town: Town) -> None:
    account = town.demo_citizen(3)
    citizen = await named(town, account)
    talk = await asked(citizen, "外地能办吗？")
    await citizen.ask("POST", f"/consultations/{talk}/close", json={})
    await sign_in_citizen(phone, account["phone"])
    await phone.goto("/app/#/pages/messages")
    await phone.get_by_role("button", name="全部咨询记录").click()
    await expect(phone.get_by_role("heading", name=re.compile("居民身份证遗失补领")).first).to_be_visible()
    assert await judged(phone, "history", least=44) == []
    async with phone.expect_download() as download:
        await phone.get_by_role("button", name=re.compile("^下载咨询记录")).first.click()
    assert (await download.value).suggested_filename.endswith(".pdf")
    await phone.get_by_role("textbox").fill("没有这样的事项")
    await expect(phone.get_by_text("没有符合的记录")).to_be_visible()
    await phone.get_by_role("textbox").fill("")
    await phone.get_by_role("button", name=re.compile("^继续追问")).first.click()
    await expect(phone.get_by_role("textbox")).to_have_value(re.compile("接上次咨询"))


async def test_a_good_answer_becomes_everybodys(phone: Any, desk: Any, town: Town) -> None:
    watched, wrong = Watched(desk, town.url), {}
    account = town.demo_citizen(4)
    citizen = await named(town, account)
    await sign_in_clerk(desk, await name_of(town, town.owner_of(CASE_ITEM)))
    await desk.goto("/console/#/consultations")
    await expect(desk.get_by_role("button", name=re.compile("^在线"))).to_be_visible()
    await asked(citizen, ASKED)
    await desk.get_by_role("button", name="接待", exact=True).first.click()
    await expect(desk.get_by_role("log")).to_contain_text(ASKED)
    await desk.get_by_role("textbox", name=re.compile("回复")).fill(ANSWERED)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("log")).to_contain_text(re.compile("已发送|已送达|已读"))
    await desk.get_by_role("button", name="提为问答").click()
    dialog = desk.get_by_role("dialog", name="提为公开问答")
    await expect(dialog.get_by_role("textbox", name="回答")).to_have_value(ANSWERED)
    await dialog.get_by_role("textbox", name="回答").fill(f"{ANSWERED}张先生可打13800138000。")
    await dialog.get_by_role("button", name="检查个人信息").click()
    await expect(dialog.get_by_text("将去除以下内容")).to_be_visible()
    wrong["propose"] = await judged(desk, "propose", least=24)
    await dialog.get_by_role("button", name="提交审核").click()
    await expect(dialog).to_have_count(0)
    await desk.goto("/console/#/knowledge")
    await expect(desk.get_by_role("heading", name=ASKED)).to_be_visible()
    wrong["knowledge"] = await judged(desk, "knowledge", least=24)
    await expect(desk.get_by_role("button", name=re.compile("^审核"))).to_have_count(0)

    chief = await town.clerk(supervisor_of(town, "GA")["username"])
    waiting = next(a for a in (await chief.ask("GET", "/desk/answers"))["items"] if a["question"] == ASKED)
    assert waiting["answer"] == f"{ANSWERED}〔姓名〕先生可打〔手机号〕。"
    mended = {"publish": True, "answer": ANSWERED, "version": waiting["version"]}
    await chief.ask("POST", f"/desk/answers/{waiting['id']}/review", json=mended)
    await asyncio.sleep(2.1)  # other processes look at the edition every two seconds

    await sign_in_citizen(phone, town.demo_citizen(3)["phone"])
    await phone.goto(f"/app/#/sub/item/guide?code={CASE_ITEM}")
    await phone.get_by_role("button", name=ASKED).click()
    await expect(phone.get_by_role("main")).to_contain_text(ANSWERED)
    wrong["guide"] = await judged(phone, "guide-asked", least=44)
    await phone.get_by_role("button", name="有帮助", exact=True).click()
    await expect(phone.get_by_role("main")).to_contain_text("已记录，谢谢")
    await phone.goto("/app/#/sub/item/search?q=外省丢了身份证")
    await expect(phone.get_by_role("heading", name="问答", exact=True)).to_be_visible()
    wrong["search"] = await judged(phone, "search-answers", least=44)
    await phone.goto("/app/#/sub/chat/start")
    await phone.get_by_role("textbox").fill("我在外省暂住，身份证丢了怎么办")
    await phone.get_by_role("button", name="开始咨询").click()
    offered = phone.get_by_role("dialog", name="您可能想问")
    await expect(offered).to_contain_text(ANSWERED)
    wrong["known"] = await judged(phone, "known", least=44)
    await offered.get_by_role("button", name="没有，继续咨询").click()
    await expect(phone.get_by_role("dialog", name="您问的是哪一项？")).to_be_visible()
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
