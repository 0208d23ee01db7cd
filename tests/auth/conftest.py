"""The doors of the office over real PostgreSQL, and the platform sandbox over HTTP."""

import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth import routes
from auth.attestation import routes as attestation_routes
from auth.joining import routes as joining_routes
from auth.models import Citizen, Department, StaffMember
from auth.sms import routes as sms_routes
from auth.staff import add_staff, give_secrets
from auth.tokens import authenticator
from kit import config, limits, outbound
from kit.edge import Edge
from kit.log import configure
from kit.web import install_authenticator
from mobileapi.settings import OfficeSettings
from tests.sandbox_server import SandboxServer, start_sandbox


class _Stderr:
    """Standard error as it is at the moment of writing, so that a capturing test sees our log."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


@pytest.fixture(scope="session", autouse=True)
def logs_as_in_production() -> None:
    with contextlib.redirect_stderr(cast("TextIO", _Stderr())):
        configure("INFO")


@pytest.fixture(scope="session")
def wechat_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


def cloud_settings(sandbox: SandboxServer) -> dict[str, Any]:
    """Text messages and attestation, by their settings."""
    named = {name: value for name, value in sandbox.credentials.items() if "_SMS_" in name or "_ATTESTATION_" in name}
    told = {name.removeprefix("HANDHELD_").lower(): value for name, value in named.items()}
    return {name: SecretStr(value) if name.endswith("_key") else value for name, value in told.items()}


@pytest.fixture
async def wechat(
    wechat_process: SandboxServer, settings: OfficeSettings, database: str
) -> AsyncIterator[SandboxServer]:
    """The sandbox, calm, with our settings pointing at it."""
    wechat_process.calm()
    config.install(
        settings.model_copy(
            update={
                "wechat_api_url": wechat_process.url,
                "wechat_app_id": wechat_process.credentials["HANDHELD_WECHAT_APP_ID"],
                "wechat_app_secret": SecretStr(wechat_process.credentials["HANDHELD_WECHAT_APP_SECRET"]),
            }
            | cloud_settings(wechat_process)
        )
    )
    client = outbound.Outbound([wechat_process.url])
    outbound.install(client)
    yield wechat_process
    await client.close()
    wechat_process.calm()


@pytest.fixture
async def door(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Requests to the identity routes as they are served."""
    install_authenticator(authenticator)
    limits.forget()
    below = [*routes.ROUTES, *sms_routes.ROUTES, *attestation_routes.ROUTES, *joining_routes.ROUTES]
    specs = [spec.route("/api/v1") for spec in below] + [spec.route() for spec in routes.OUTSIDE]
    app = Starlette(routes=specs, middleware=[Middleware(Edge)])
    transport = httpx2.ASGITransport(app=app, client=("203.0.113.5", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://office") as client:
        yield client


@dataclass
class Phone:
    """A citizen's phone: hands out the platform's codes and taps."""

    sandbox: SandboxServer
    door: httpx2.AsyncClient
    openid: str
    platform: str = "wechat"

    async def codes(self, **more: Any) -> dict[str, str]:
        return await self.sandbox.control_async("/codes", {"openid": self.openid} | more)

    async def tap(self, *, with_phone: bool = True, **more: Any) -> httpx2.Response:
        codes = await self.codes()
        if not with_phone:
            del codes["phone_code"]
        return await self.door.post("/api/v1/auth/one-tap", json={"platform": self.platform} | codes | more)


@pytest.fixture
def phone(wechat: SandboxServer, door: httpx2.AsyncClient) -> Any:
    """`phone("13800000001")` is the phone with that number."""

    def of(number: str, **more: Any) -> Phone:
        person = wechat.control("/people", {"platform": "wechat", "phone": number} | more)
        return Phone(wechat, door, person["openid"])

    return of


@pytest.fixture
def alipay(wechat: SandboxServer) -> SandboxServer:
    """The sandbox, with Alipay offered beside WeChat."""
    issued = wechat.credentials
    config.install(
        config.current(OfficeSettings).model_copy(
            update={
                "alipay_gateway_url": issued["HANDHELD_ALIPAY_GATEWAY_URL"],
                "alipay_app_id": issued["HANDHELD_ALIPAY_APP_ID"],
                "alipay_private_key_file": Path(issued["HANDHELD_ALIPAY_PRIVATE_KEY_FILE"]),
                "alipay_public_key_file": Path(issued["HANDHELD_ALIPAY_PUBLIC_KEY_FILE"]),
                "alipay_aes_key": SecretStr(issued["HANDHELD_ALIPAY_AES_KEY"]),
            }
        )
    )
    return wechat


@pytest.fixture
def alipay_phone(alipay: SandboxServer, door: httpx2.AsyncClient) -> Any:
    """`alipay_phone("13800000001")` is the phone with that number, in Alipay."""

    def of(number: str) -> Phone:
        person = alipay.control("/people", {"platform": "alipay", "phone": number})
        return Phone(alipay, door, person["openid"], "alipay")

    return of


@dataclass(frozen=True)
class Secrets:
    password: str
    totp_secret: str


@dataclass
class Clerk:
    member: StaffMember
    secrets: Secrets


@pytest.fixture
async def clerk(database: str) -> Clerk:
    await Department.create(code="GA", name={"zh": "海珠区公安分局"}, region_code="440105000000")
    await add_staff("ga.chen", name="陈立群", roles=["clerk"], department="GA", title="户政窗口民警")
    member = await StaffMember.get(username="ga.chen")
    made = Secrets(*await give_secrets(member))
    return Clerk(await StaffMember.get(username="ga.chen"), made)


async def citizens() -> int:
    return await Citizen.all().count()
