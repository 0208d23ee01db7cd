"""Members of staff at the door, a workplace to come from, and an administrator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pyotp
import pytest
from pydantic import SecretStr

from auth.models import StaffMember
from auth.staff import Made, add_staff, give_secrets
from kit import clock, config, outbound
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk
from tests.sandbox_server import SandboxServer

API = "/api/v1"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Mobile/15E148 Safari/604.1"
GOOD = "Haizhu-window-7"


def set_to(**changes: Any) -> None:
    """Other settings for the rest of the test."""
    config.install(config.current(OfficeSettings).model_copy(update=changes))


@dataclass
class Desk:
    """A browser of one member of staff."""

    http: httpx2.AsyncClient
    agent: str = DESKTOP
    token: str = ""
    refresh: str = ""

    async def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        headers = {"user-agent": self.agent} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        return await self.http.request(method, API + path, json=body, headers=headers)

    async def told(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        told = answer.json()
        self.take(told.get("signed_in") or told)
        return told

    def take(self, told: dict[str, Any]) -> None:
        if "access_token" in told:
            self.token, self.refresh = told["access_token"], told["refresh_token"]

    async def sign_in(self, username: str, password: str, **more: Any) -> httpx2.Response:
        body = {"username": username, "password": password} | {k: v for k, v in more.items() if v is not None}
        answer = await self.ask("POST", "/auth/staff/sign-in", body)
        if answer.status_code == 200:
            self.take(answer.json())
        return answer


def code_of(secret: str, *, half_minutes: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * half_minutes)


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
def desk(door: httpx2.AsyncClient) -> Desk:
    return Desk(door)


@pytest.fixture
def phone_of_staff(door: httpx2.AsyncClient) -> Desk:
    return Desk(door, PHONE)


@pytest.fixture
async def at_desk(desk: Desk, clerk: Clerk) -> Desk:
    """`ga.chen`, signed in with password and code."""
    otp = code_of(clerk.secrets.totp_secret)
    assert (await desk.sign_in("ga.chen", clerk.secrets.password, otp=otp)).status_code == 200
    return desk


@pytest.fixture
async def newcomer(clerk: Clerk) -> Made:
    """`ga.lin`, with a password an administrator gave and no authenticator."""
    return await add_staff("ga.lin", name="林晓岚", roles=["clerk"], department="GA")


@pytest.fixture
async def admin(door: httpx2.AsyncClient, clerk: Clerk) -> Desk:
    made = await add_staff("it.zhou", name="周管理", roles=["admin"], department="GA")
    password, secret = await give_secrets(await StaffMember.get(id=made.staff_id))
    desk = Desk(door, DESKTOP.replace("Windows", "Linux"))
    assert (await desk.sign_in("it.zhou", password, otp=code_of(secret))).status_code == 200
    return desk


@pytest.fixture
async def workplaces(
    wechat_process: SandboxServer, settings: OfficeSettings, database: str
) -> AsyncIterator[SandboxServer]:
    """The sandbox's DingTalk and WeCom, calm, with the office connected to both."""
    wechat_process.calm()
    issued = wechat_process.credentials
    names = [n for n in issued if n.startswith(("HANDHELD_DINGTALK_", "HANDHELD_WECOM_"))]
    values: dict[str, Any] = {n.removeprefix("HANDHELD_").lower(): issued[n] for n in names}
    secret = {n: SecretStr(v) for n, v in values.items() if n.endswith("secret")}
    config.install(settings.model_copy(update=values | secret))
    client = outbound.Outbound([wechat_process.url])
    outbound.install(client)
    yield wechat_process
    await client.close()
    wechat_process.calm()
