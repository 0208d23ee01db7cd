"""A kiosk asks over HTTP, a citizen's phone judges in a real browser."""

import io
import re
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from tests.e2e.faces import Watched, picture, sign_in_citizen
from tests.flows.town import Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
LABEL = "区政务大厅 3 号自助机"


class Kiosk:
    """The asking device: it has the secret, and polls."""

    def __init__(self, town: Town, ticket: dict[str, Any]) -> None:
        self.http, self.ticket = Person(town.http), ticket

    @classmethod
    async def asks(cls, town: Town, label: str = LABEL) -> "Kiosk":
        body = {"purpose": "sign_in", "device_label": label}
        return cls(town, await Person(town.http).ask("POST", "/auth/scans", json=body, status=201))

    async def polls(self) -> dict[str, Any]:
        headers = {"x-scan-secret": self.ticket["secret"]}
        told: dict[str, Any] = await self.http.ask("GET", f"/auth/scans/{self.ticket['ticket']}", headers=headers)
        return told

    async def code(self, town: Town) -> str:
        """What a camera reads from the screen."""
        png = await town.http.get(self.ticket["qr_png_url"])
        (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)).convert("L"))
        return str(read.text)


def page_of(code: str) -> str:
    """The code's address on this office: the code names the public address, whose port a test's office does not have."""
    return "/app/" + code.partition("/app/")[2]


async def test_a_code_is_confirmed_on_the_phone_and_the_kiosk_gets_the_token_once(phone: Any, town: Town) -> None:
    watched = Watched(phone, town.url)
    kiosk, citizen = await Kiosk.asks(town), town.demo_citizen(0)
    await sign_in_citizen(phone, citizen["phone"])
    await phone.goto(page_of(await kiosk.code(town)))
    main = phone.get_by_role("main")
    await expect(main).to_contain_text(LABEL)
    await expect(main).to_contain_text("127.0.0.1")
    await expect(main).to_contain_text(re.compile(r"请求时间.*\d\d:\d\d"))
    await picture(phone, "scan-ask")
    assert (await kiosk.polls())["state"] == "scanned"
    await phone.get_by_role("button", name="确认登录").click()
    await expect(main).to_contain_text("已确认登录")
    await picture(phone, "scan-confirmed")
    told = await kiosk.polls()
    who = await Person(town.http, told["access_token"]).ask("GET", "/me")
    assert (told["state"], who["phone_masked"]) == ("confirmed", f"{citizen['phone'][:3]}****{citizen['phone'][-4:]}")
    assert (await kiosk.polls()).keys() == {"state", "ticket_expires_in"}
    await phone.reload()
    await expect(main).to_contain_text("二维码已被使用")
    await picture(phone, "scan-used")
    assert watched.faults == []


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(phone: Any, town: Town) -> None:
    kiosk, citizen = await Kiosk.asks(town), town.demo_citizen(1)
    await phone.goto(page_of(kiosk.ticket["qr_url"]))
    sheet, number = phone.get_by_role("dialog"), citizen["phone"]
    await sheet.get_by_role("radio", name=re.compile(re.escape(f"{number[:3]}****{number[-4:]}"))).check()
    await sheet.get_by_role("checkbox", name=re.compile("已阅读并同意")).check()
    await sheet.get_by_role("button", name=re.compile("用这部手机登录")).click()
    await expect(phone.get_by_role("main")).to_contain_text(LABEL)
    await phone.get_by_role("button", name="取消").click()
    await expect(phone.get_by_role("main")).to_contain_text("已取消")
    await picture(phone, "scan-refused")
    assert await kiosk.polls() == {"state": "refused", "ticket_expires_in": (await kiosk.polls())["ticket_expires_in"]}


async def test_the_code_is_pasted_from_the_own_page_and_what_is_no_code_is_told(phone: Any, town: Town) -> None:
    kiosk = await Kiosk.asks(town)
    await sign_in_citizen(phone, town.demo_citizen(2)["phone"])
    await phone.goto("/app/#/pages/me")
    await phone.get_by_role("link", name=re.compile("扫一扫")).click()
    await phone.get_by_role("textbox", name="二维码的内容").fill("https://example.com/?ticket=short")
    await phone.get_by_role("button", name="下一步").click()
    await expect(phone.get_by_role("main")).to_contain_text("这不是掌上办的登录二维码")
    await picture(phone, "scan-paste")
    await phone.get_by_role("textbox", name="二维码的内容").fill(kiosk.ticket["qr_url"])
    await phone.get_by_role("button", name="下一步").click()
    await expect(phone.get_by_role("main")).to_contain_text(LABEL)
    await phone.goto(page_of(kiosk.ticket["qr_url"])[:-43] + "A" * 43)
    await expect(phone.get_by_role("main")).to_contain_text("没有这个二维码")


async def test_what_is_judged_is_the_code_in_the_address_whatever_page_was_left_open(phone: Any, town: Town) -> None:
    first, second, third = [await Kiosk.asks(town, label) for label in ("一号机", "二号机", "三号机")]
    await sign_in_citizen(phone, town.demo_citizen(3)["phone"])
    main = phone.get_by_role("main")
    await phone.goto(page_of(first.ticket["qr_url"]))
    await expect(main).to_contain_text("一号机")
    await phone.goto(page_of(second.ticket["qr_url"]))
    await expect(main).to_contain_text("二号机")
    await phone.goto("/app/#/sub/account/settings")
    await phone.goto(page_of(third.ticket["qr_url"]))
    await expect(main).to_contain_text("三号机")
    await phone.get_by_role("button", name="确认登录").click()
    await expect(main).to_contain_text("已确认登录")
    assert [("access_token" in await k.polls()) for k in (first, second, third)] == [False, False, True]
