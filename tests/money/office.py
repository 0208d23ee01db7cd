"""An office under trial: its own database, all its doors called in the task that asks, the sandbox as its channel."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth.models import Citizen, Department, PlatformIdentity, Region, StaffMember
from auth.tokens import authenticator
from kit import clock, config, db, limits, outbound
from kit.crypto import with_demo_keys
from kit.edge import Edge
from kit.ids import new_id
from kit.web import install_authenticator
from mobileapi import wiring
from mobileapi.app import API, endpoints, outside_endpoints
from mobileapi.settings import OfficeSettings, tables
from tests.payments.conftest import Town, words
from tests.sandbox_server import SandboxServer

NOBODY_LISTENS = "http://127.0.0.1:9"  # notices are carried to our door by hand
NOTICE_PATHS = {"wechat": "/callbacks/wechatpay", "alipay": "/callbacks/alipay"}


def install_settings(platform: SandboxServer, folder: Path) -> OfficeSettings:
    """Demo settings with fresh keys that point to the sandbox."""
    given: dict[str, Any] = {
        name.removeprefix("HANDHELD_").lower(): value for name, value in platform.credentials.items()
    }
    known = {name: value for name, value in given.items() if name in OfficeSettings.model_fields}
    made = with_demo_keys(
        OfficeSettings(
            _env_file=None, data_dir=folder / "data", env="demo", public_url=NOBODY_LISTENS, log_level="ERROR",
            **known,
        )
    )  # fmt: skip
    config.install(made)
    install_authenticator(authenticator)
    wiring.connect()
    return made


def doors() -> Starlette:
    """Every door of the office, as it is served."""
    routes = [spec.route() for spec in outside_endpoints()]
    return Starlette(
        routes=[Mount(API, routes=[spec.route() for spec in endpoints()]), *routes], middleware=[Middleware(Edge)]
    )


@dataclass
class Answer:
    """What came back. `status` is set with the first byte that leaves the office."""

    status: int | None = None
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Office:
    """Its doors, its people, and the channel behind it."""

    app: Starlette
    town: Town
    answer: Answer = field(default_factory=Answer)

    async def ask(self, method: str, path: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """
        One request, in this very task, so that every place where the office waits is a place where it can be stopped.
        `answer` is filled as the answer leaves.
        """
        self.answer = answer = Answer()
        sent = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(sent, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
            else:
                answer.body += message.get("body", b"")

        bare, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": bare,
            "raw_path": bare.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(k.lower().encode(), v.encode()) for k, v in {"host": "127.0.0.1:9", **headers}.items()],
            "client": ("127.0.0.1", 40000), "server": ("127.0.0.1", 9), "state": {},
        }  # fmt: skip
        limits.forget()
        await self.app(scope, receive, send)
        return answer

    async def post(self, path: str, headers: dict[str, str], **body: Any) -> Answer:
        content = json.dumps(body).encode()
        return await self.ask(
            "POST", f"{API}{path}", headers=headers | {"content-type": "application/json"}, body=content
        )

    async def notify(self, letter: dict[str, Any]) -> Answer:
        """Carries a notice as the channel signed it to its door."""
        return await self.ask(
            "POST", NOTICE_PATHS[letter["channel"]], headers=letter["headers"], body=letter["body"].encode("utf-8")
        )

    async def letters(self, citizen: str) -> list[dict[str, Any]]:
        """The newest copy of every notice about a citizen's orders, the earliest first."""
        ours = await db.fetch(
            "SELECT number, channel FROM payments_order WHERE citizen_id = $1 AND channel <> 'counter'", citizen
        )
        found = []
        for row in ours:
            found += [
                notice["attempts"][-1] | {"channel": row["channel"]} for notice in await self._tried(row["number"])
            ]
        return sorted(found, key=lambda letter: str(letter["at"]))

    async def _tried(self, number: str) -> list[dict[str, Any]]:
        """The notices about an order, each of which was sent at least once and is signed afresh now."""
        while True:
            await self.town.platform.control_async("/notices/retry", {"out_trade_no": number, "again": True})
            told = (await self.town.platform.control_async(f"/notices?out_trade_no={number}"))["notices"]
            if all(notice["attempts"] for notice in told):
                return list(told)

    async def staff(self, name: str, role: str = "finance") -> dict[str, str]:
        """The headers of somebody of the department."""
        member = await StaffMember.create(
            username=name, name=name, department=await Department.get(code="JJ"), roles=[role],
            created_at=clock.now(),
        )  # fmt: skip
        return await self.town.token(member.id, kind="staff", roles=frozenset({role}))

    async def pay(self, order: str, *, citizen: str) -> None:
        """The citizen pays what the phone was given for an order; the notice reaches nobody yet."""
        row = await self.town.row(UUID(order))
        handle = {k: v for k, v in json.loads(row["prepay"]).items() if k in {"prepay_id", "trade_no", "code_url"}}
        person = await db.fetch_value(
            "SELECT open_id FROM auth_platform_identity WHERE citizen_id = $1 AND platform = $2",
            citizen,
            row["channel"],
        )
        await self.town.platform.control_async("/pay", handle | {"openid": person})

    async def charges(self) -> list[dict[str, Any]]:
        """What the people of this office were charged, as the channel tells."""
        people = {row["open_id"] for row in await db.fetch("SELECT open_id FROM auth_platform_identity")}
        told = (await self.town.platform.control_async("/charges"))["charges"]
        return [charge for charge in told if charge["openid"] in people]


@asynccontextmanager
async def open_office(url: str, platform: SandboxServer, app: Starlette) -> AsyncIterator[Office]:
    """The office over an existing database, in this process."""
    settings = config.current(OfficeSettings)
    await db.open_database(tables(url, pool=8))
    client = outbound.Outbound(settings.outside_urls())
    outbound.install(client)
    try:
        yield Office(app, Town(settings, platform))
    finally:
        await client.close()
        await db.close_database()


async def furnish(office: Office, *, phone: str) -> tuple[Citizen, Any]:
    """A department, a citizen with a phone of their own, and a bill of theirs."""
    await Region.get_or_create({"name": words("海珠区"), "level": "district"}, code="440105000000")
    await Department.get_or_create({"name": words("交通警察大队"), "region_code": "440105000000"}, code="JJ")
    citizen = await office.town.citizen(phone)
    told = await office.town.platform.control_async("/people", {"platform": "alipay", "phone": phone})
    await PlatformIdentity.create(
        id=new_id(), platform="alipay", app_id=office.town.settings.alipay_app_id, open_id=told["openid"],
        citizen=citizen, created_at=clock.now(),
    )  # fmt: skip
    return citizen, await office.town.bill(code=f"440105260{phone}", payer_phone=phone)


async def virtual_minutes(step: Callable[[], Awaitable[None]], *minutes: int) -> None:
    """Does `step` at each of these minutes from now."""
    for minute in minutes:
        with clock.moved(timedelta(minutes=minute)):
            await step()
