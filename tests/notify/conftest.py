"""The platforms' sandbox over HTTP, and citizens whose phones can be written to."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth.citizens import phone_index, seal_phone
from auth.models import Citizen, PlatformIdentity
from auth.privacy.models import Consent
from auth.privacy.notices import present
from auth.sessions import open_session
from auth.tokens import access_token, authenticator
from kit import clock, config, db, outbound
from kit.edge import Edge
from kit.ids import new_id
from kit.web import install_authenticator
from mobileapi import wiring
from mobileapi.notify.routes import ROUTES
from mobileapi.settings import OfficeSettings
from tests.sandbox_server import SandboxServer, start_sandbox

SEALED = ("_secret", "_secret_key", "_aes_key")
USED = ("wechat_", "alipay_", "sms_", "dingtalk_", "wecom_")


@pytest.fixture(scope="session")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with start_sandbox(tmp_path_factory.mktemp("platforms")) as server:
        yield server


def told_to_the_office(sandbox: SandboxServer) -> dict[str, Any]:
    named = {name.removeprefix("HANDHELD_").lower(): value for name, value in sandbox.credentials.items()}
    found: dict[str, Any] = {}
    for name, value in named.items():
        if name.startswith(USED) and not name.startswith("wechatpay_"):
            kind = Path if name.endswith("_file") else SecretStr if name.endswith(SEALED) else str
            found[name] = kind(value)
    return found


@pytest.fixture
async def sandbox(
    platforms: SandboxServer, settings: OfficeSettings, database: str
) -> AsyncIterator[SandboxServer]:  # fmt: skip
    """The sandbox, calm, with our settings pointing at it, and everything wired."""
    platforms.calm()
    more = {"texts_quiet_from": 0, "texts_quiet_until": 0}  # tests run at night, too
    config.install(settings.model_copy(update=told_to_the_office(platforms) | more))
    wiring.connect()
    client = outbound.Outbound([platforms.url])
    outbound.install(client)
    yield platforms
    await client.close()
    platforms.calm()


@pytest.fixture
async def door(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    install_authenticator(authenticator)
    app = Starlette(routes=[spec.route("/api/v1") for spec in ROUTES], middleware=[Middleware(Edge)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


@dataclass
class Phone:
    """One person with an account, and their phone at one platform."""

    sandbox: SandboxServer
    citizen: UUID
    openid: str
    number: str
    platform: str

    def template(self, topic: str) -> str:
        return self.sandbox.credentials[f"HANDHELD_{self.platform.upper()}_MESSAGE_{topic.upper()}"].split()[0]

    async def allows(self, topic: str = "answers", *, at_platform_only: bool = False) -> None:
        """Taps "allow" on the platform's sheet, and the app says so to the office."""
        from mobileapi.notify import grants
        from mobileapi.notify.topics import Topic

        answers = {self.template(topic): "accept"}
        await self.sandbox.control_async("/subscriptions", {"openid": self.openid, "templates": answers})
        if not at_platform_only:
            await grants.book(self.citizen, self.platform, {Topic(topic): "accept"})

    async def messages(self) -> list[dict[str, Any]]:
        told = await self.sandbox.control_async(f"/messages?openid={self.openid}")
        return list(told["messages"])

    async def texts(self) -> list[str]:
        told = await self.sandbox.control_async(f"/texts?phone={self.number}")
        return [one["values"][0] for one in told["texts"]]


async def phone(sandbox: SandboxServer, number: str, *, platform: str = "wechat", citizen: UUID | None = None) -> Phone:
    """An account with that number, signed in from the platform."""
    registered = await sandbox.control_async("/people", {"platform": platform, "phone": number})
    if citizen is None:
        person = Citizen(id=new_id(), assurance="phone", created_at=clock.now())
        seal_phone(person, number)
        assert person.phone_index == phone_index(number)
        await person.save(force_create=True)
        citizen = person.id
    app_id = sandbox.credentials[f"HANDHELD_{platform.upper()}_APP_ID"]
    await PlatformIdentity.create(
        platform=platform, app_id=app_id, open_id=registered["openid"], citizen_id=citizen, created_at=clock.now()
    )  # fmt: skip
    return Phone(sandbox, citizen, registered["openid"], number, platform)


async def agrees_to_texts(citizen: UUID) -> None:
    await Consent.create(
        citizen=citizen, purpose="reminders", given=True, version=present().version, digest=present().digest,
        channel="app", scope={}, at=clock.now(),
    )  # fmt: skip


async def bearer(citizen: UUID) -> dict[str, str]:
    async with db.transaction():
        opened = await open_session(kind="citizen", person=citizen, device="d")
    token = access_token(person=citizen, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id)
    return {"authorization": f"Bearer {token.text}"}
