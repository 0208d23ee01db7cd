"""How a person finds the way through the faces: by the words on the screen, nothing else."""

import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

PICTURES = Path("test-results/screens")


async def sign_in_citizen(page: Page, phone: str) -> None:
    """One tap on the marked demonstration phone."""
    await page.goto("/app/")
    await page.get_by_role("link", name=re.compile("登录后查看")).click()
    await page.get_by_role("radio", name=re.compile(re.escape(f"{phone[:3]}****{phone[-4:]}"))).check()
    await page.get_by_role("checkbox", name=re.compile("已阅读并同意")).check()
    await page.get_by_role("button", name=re.compile("用这部手机登录")).click()
    await expect(page.get_by_role("link", name=re.compile("登录后查看"))).to_have_count(0)


async def sign_in_clerk(page: Page, name: str) -> None:
    """A demonstration account: one click fills in the form, with the current code."""
    await page.goto("/console/")
    await page.get_by_placeholder(re.compile("搜索账号")).fill(name)
    await page.get_by_role("button", name=re.compile(re.escape(name))).click()
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("heading", level=1).first).to_be_visible()


async def picture(page: Page, name: str) -> None:
    """Kept to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")


class Watched:
    """What a page did that it must not: policy violations, errors, requests to elsewhere."""

    def __init__(self, page: Page, office: str) -> None:
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((office, "data:", "blob:", "ws:")) else self.faults.append(r.url),
        )

    def _console(self, message: Any) -> None:
        if "Content Security" in message.text:
            self.faults.append(message.text)
