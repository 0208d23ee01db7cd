"""An office that takes money: our callbacks on a port of their own, WeChat Pay played by the sandbox."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from auth.citizens import phone_index
from auth.models import Citizen, Department, PlatformIdentity, Region
from auth.sessions import open_session
from auth.tokens import access_token, authenticator
from kit import clock, config, db, outbound, workdays
from kit.crypto import with_demo_keys
from kit.edge import Edge
from kit.ids import new_id
from kit.web import install_authenticator
from mobileapi.settings import OfficeSettings
from payments import bills, checkout
from payments.bills import NewBill, NewLine, id_number_index
from payments.models import Bill
from payments.orders import Wish
from payments.routes import OUTSIDE, ROUTES
from payments.surcharge import due_date
from tests.sandbox_server import SandboxServer, start_sandbox

CITIZEN = frozenset({"citizen"})


def words(zh: str) -> dict[str, str | None]:
    return {"zh": zh, "en": None}


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with start_sandbox(tmp_path_factory.mktemp("channel")) as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def settings(tmp_path: Path, platform: SandboxServer) -> OfficeSettings:
    """Demo settings that point to the sandbox, with a public address that is really served."""
    given: dict[str, Any] = {
        name.removeprefix("HANDHELD_").lower(): value for name, value in platform.credentials.items()
    }
    made = with_demo_keys(
        OfficeSettings(
            _env_file=None,
            data_dir=tmp_path / "data",
            env="demo",
            public_url=f"http://127.0.0.1:{free_port()}",
            **given,
        )
    )
    config.install(made)
    return made


async def fine(*, code: str, fen: int = 20000, **changes: Any) -> NewBill:
    """A fine received today, of `fen`, unless told otherwise."""
    received: date = changes.pop("received_on", clock.today())
    given: dict[str, Any] = {
        "payment_code": code, "kind": "traffic_fine", "title": words("交通违法罚款"), "department": "JJ",
        "income_item_code": "103050101", "income_item_name": words("交通罚没收入"),
        "legal_basis": words("《中华人民共和国道路交通安全法》第九十条"), "payer_name": "陈小明",
        "payer_phone": "13800000001", "received_on": received, "surcharge_rule": "penalty_law_72",
        "due_on": due_date(received, calendar=await workdays.calendar()),
        "lines": [NewLine(words("罚款"), fen, words("第九十条"), words("违反禁令标志"))],
    } | changes  # fmt: skip
    return NewBill(**given)


@dataclass
class Town:
    """The citizens, bills and channel of one test."""

    settings: OfficeSettings
    platform: SandboxServer

    async def citizen(self, phone: str, *, id_number: str | None = None) -> Citizen:
        person = Citizen(assurance="real_name" if id_number else "phone", created_at=clock.now())
        person.phone_index = phone_index(phone)
        person.id_number_index = id_number_index(id_number) if id_number else None
        await person.save(force_create=True)
        told = await self.platform.control_async("/people", {"platform": "wechat", "phone": phone})
        await PlatformIdentity.create(
            id=new_id(), platform="wechat", app_id=self.settings.wechat_app_id, open_id=told["openid"],
            citizen=person, created_at=clock.now(),
        )  # fmt: skip
        return person

    async def bill(self, *, code: str = "44010526000000000017", fen: int = 20000, **changes: Any) -> Bill:
        """A fine received today, of `fen`, unless told otherwise."""
        new = await fine(code=code, fen=fen, **changes)
        assert await bills.issue(new, by="system:test")
        return await Bill.get(payment_code=new.payment_code)

    async def wish(self, citizen: Citizen, *bill_ids: UUID, scene: str = "miniapp") -> Wish:
        identity = await PlatformIdentity.get(citizen_id=citizen.id)
        return Wish(citizen, bill_ids, "wechat", scene, identity.open_id if scene == "miniapp" else "")

    async def token(self, person: UUID, *, kind: str = "citizen", roles: frozenset[str] = CITIZEN) -> dict[str, str]:
        """The headers of somebody who has signed in on a device of their own."""
        async with db.transaction():
            opened = await open_session(kind=kind, person=person, device=sha256(b"test").hexdigest()[:32])
        text = access_token(person=person, kind=kind, roles=roles, session=opened.session.id).text
        return {"authorization": f"Bearer {text}", "x-device-id": "test"}

    async def order(self, citizen: Citizen, *bill_ids: UUID, scene: str = "miniapp") -> dict[str, Any]:
        """Opens an order; its row."""
        order = await checkout.open_order(await self.wish(citizen, *bill_ids, scene=scene))
        return await self.row(order)

    async def row(self, order: UUID) -> dict[str, Any]:
        return dict((await db.fetch("SELECT * FROM payments_order WHERE id = $1", order))[0])

    async def pay(self, order: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The payer pays at the channel, which tells us by a notice unless it is told not to."""
        prepay = json.loads(order["prepay"])
        what = {k: v for k, v in prepay.items() if k in {"prepay_id", "code_url"}}
        return await self.platform.control_async("/pay", what | more)

    async def fault(self, where: str, kind: str, **more: Any) -> None:
        body = {"where": where, "kind": kind, "rate": 1.0, "seed": 1, "for_s": 60} | more
        await self.platform.control_async("/faults", body)

    async def until(self, order: UUID, *states: str, within_s: float = 10.0) -> dict[str, Any]:
        """Waits for the order to reach one of `states` by something that happens outside this task."""
        async with asyncio.timeout(within_s):
            while True:
                row = await self.row(order)
                if row["state"] in states:
                    return row
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def later(self, by: timedelta) -> AsyncIterator[None]:
        """Moves our clock and the channel's."""
        with clock.moved(by):
            offset = int(clock._offset.total_seconds())
            await self.platform.control_async("/clock", {"offset_s": offset})
            try:
                yield
            finally:
                await self.platform.control_async("/clock", {"offset_s": int((clock._offset - by).total_seconds())})


@pytest.fixture
async def town(database: str, settings: OfficeSettings, platform: SandboxServer) -> AsyncIterator[Town]:
    """Database, outbound client and our routes on the public address."""
    await Region.create(code="440105000000", name=words("海珠区"), level="district")
    await Department.create(code="JJ", name=words("交通警察大队"), region_code="440105000000")
    client = outbound.Outbound([settings.wechatpay_api_url])
    outbound.install(client)
    install_authenticator(authenticator)
    app = Starlette(
        routes=[spec.route() for spec in OUTSIDE] + [Mount("/api/v1", routes=[spec.route() for spec in ROUTES])],
        middleware=[Middleware(Edge)],
    )
    port = int(settings.public_url.rsplit(":", 1)[1])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield Town(settings, platform)
        finally:
            await asyncio.to_thread(platform.calm)
            server.should_exit = True
            await serving
    await client.close()


@pytest.fixture
async def web(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=town.settings.public_url, trust_env=False, timeout=20) as client:
        yield client
