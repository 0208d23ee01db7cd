"""Several bills paid at once on the phone; a bill paid in cash at a window, counted, confirmed and seen by finance."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.faces import Watched, picture, sign_in_citizen, sign_in_clerk
from tests.e2e.test_quality_console import judged, name_of
from tests.flows.town import Town
from tests.flows.walks import with_unpaid_fine

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def two_bills(town: Town) -> dict[str, Any]:
    """A demonstration citizen with at least two bills to pay."""
    for account in town.accounts["citizens"]:
        person = await town.one_tap(account)
        if len((await person.ask("GET", "/bills?state=unpaid"))["items"]) > 1:
            return dict(account)
    raise AssertionError("nobody has two bills to pay")


async def test_bills_of_a_cart_are_paid_by_one_charge(phone: Any, town: Town) -> None:
    account = await two_bills(town)
    watched = Watched(phone, town.url)
    await sign_in_citizen(phone, account["phone"])
    before = (await town.charges())["totals"]["net_fen"]
    await phone.goto("/app/#/sub/bill/list")
    await phone.get_by_role("button", name="合并缴费").click()
    boxes = phone.get_by_role("main").get_by_role("checkbox")
    await expect(boxes.nth(1)).to_be_visible()
    bar = phone.get_by_role("region", name="操作")
    many = await boxes.count()
    for at in range(2, many):
        await boxes.nth(at).click()
    await expect(bar).to_contain_text("已选 2 笔")
    await picture(phone, "cart")
    total = re.search(r"¥([\d,]+)\.(\d\d)", await bar.inner_text())
    assert total is not None
    await bar.get_by_role("button", name="去缴费").click()
    await phone.get_by_role("dialog").get_by_role("button", name=re.compile("^支付")).click()
    await expect(phone.get_by_role("main")).to_contain_text("缴费成功")
    await picture(phone, "cart-paid")
    await expect(phone.get_by_role("button", name="第 2 张电子票据")).to_be_visible()
    charged = (await town.charges())["totals"]["net_fen"] - before
    assert charged == int(total[1].replace(",", "") + total[2])
    await phone.get_by_role("button", name="第 1 张电子票据").click()
    await phone.get_by_role("button", name="把票据再发到消息").click()
    await expect(phone.get_by_text("已发到消息")).to_be_visible()
    await picture(phone, "cart-receipt")
    assert watched.faults == []


async def opened(desk: Page) -> None:
    """The cashier's own open shift, or a fresh one."""
    await desk.goto("/console/#/till")
    await desk.get_by_label("窗口", exact=True).fill("3 号窗口")
    await desk.get_by_label("备用金（元）").fill("500")
    await desk.get_by_role("button", name="开班").click()
    await expect(desk.get_by_role("heading", name="班次 3 号窗口")).to_be_visible()


async def test_cash_at_a_window_is_taken_counted_and_confirmed(desk: Any, town: Town) -> None:
    payer, _ = await with_unpaid_fine(town)
    bill = (await payer.ask("GET", "/bills?state=unpaid"))["items"][0]
    yuan = f"{bill['amount_fen'] // 100}.{bill['amount_fen'] % 100:02d}"
    watched = Watched(desk, town.url)
    await sign_in_clerk(desk, name_of(town, town.of_role("clerk")))
    await opened(desk)
    shift = desk.url.rpartition("/")[2]
    await desk.get_by_label("缴款码").fill(bill["payment_code"])
    await desk.get_by_role("button", name="查缴款书").click()
    await expect(desk.get_by_text(bill["payment_code"])).to_be_visible()
    await desk.get_by_label("实收现金（元）").fill("1")
    await desk.get_by_role("button", name=re.compile("^收款 ")).click()
    await expect(desk.get_by_role("alert")).to_contain_text("实收现金少于应收")
    await desk.get_by_label("实收现金（元）").fill(str(bill["amount_fen"] // 100 + 1))
    await desk.get_by_role("button", name=re.compile("^收款 ")).click()
    await expect(desk.get_by_role("row").nth(1)).to_contain_text("已收")
    wrong = {"till": await judged(desk, "till")}
    paid = await payer.ask("GET", f"/bills/{bill['id']}")
    assert (paid["state"], paid["amount_fen"]) == ("paid", bill["amount_fen"])
    count = f"{(50000 + bill['amount_fen']) // 100}.{(50000 + bill['amount_fen']) % 100:02d}"
    await desk.get_by_label("实点现金").fill(count)
    await desk.get_by_role("button", name="提交点钞").click()
    await expect(desk.get_by_text("已点钞，待复核")).to_be_visible()
    await desk.get_by_label("金额", exact=True).fill(yuan)
    await desk.get_by_label("参考号").fill("JC 001")
    await desk.get_by_role("button", name="登记缴存").click()
    await expect(desk.get_by_text("待财务核对")).to_be_visible()
    finance = await town.clerk(town.of_role("finance"))
    told = await finance.ask("POST", f"/counter/shifts/{shift}/confirmation", json={})
    assert (told["state"], told["expected_fen"], told["counted_fen"]) == (
        "confirmed", 50000 + bill["amount_fen"], 50000 + bill["amount_fen"],
    )  # fmt: skip
    await desk.goto("/console/#/till")
    await expect(desk.get_by_role("row", name=re.compile("3 号窗口")).first).to_contain_text("已复核")
    wrong["tills"] = await judged(desk, "tills")
    await desk.get_by_role("button", name="English").click()
    wrong["tills-en"] = await judged(desk, "tills", english=True)
    assert {page: faults for page, faults in wrong.items() if faults} == {}
    assert watched.faults == []
