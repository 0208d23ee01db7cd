"""The same town, with a scripted channel instead of the sandbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from auth.citizens import phone_index
from auth.models import Citizen, Department, Region
from auth.tokens import authenticator
from kit import clock, config, db, outbound
from kit.crypto import with_demo_keys
from kit.edge import Edge
from kit.web import install_authenticator
from mobileapi.settings import OfficeSettings
from payments import bills, checkout, orders
from payments.models import Bill
from payments.orders import Wish
from payments.routes import OUTSIDE, ROUTES
from tests.payments.conftest import fine, free_port, words
from tests.payments.keys import private_pem, public_pem
from tests.payments.wire.channel import APP, MERCHANT, SERIAL, V3_KEY, FakeWechatPay, Postman


@pytest.fixture
def settings(tmp_path: Path) -> OfficeSettings:
    (tmp_path / "merchant.pem").write_bytes(private_pem("merchant"))
    (tmp_path / "platform.pem").write_bytes(public_pem("platform"))
    made = with_demo_keys(
        OfficeSettings(
            _env_file=None, data_dir=tmp_path / "data", public_url=f"http://127.0.0.1:{free_port()}",
            wechatpay_api_url=f"http://127.0.0.1:{free_port()}", wechat_app_id=APP, wechatpay_mch_id=MERCHANT,
            wechatpay_serial_no="7A", wechatpay_private_key_file=tmp_path / "merchant.pem",
            wechatpay_api_v3_key=V3_KEY, wechatpay_platform_key_file=tmp_path / "platform.pem",
            wechatpay_platform_key_id=SERIAL,
        )
    )  # fmt: skip
    config.install(made)
    return made


@asynccontextmanager
async def served(routes: list[BaseRoute], *, url: str, edge: bool) -> AsyncIterator[None]:
    app = Starlette(routes=routes, middleware=[Middleware(Edge)] if edge else [])
    config_ = uvicorn.Config(app, port=int(url.rsplit(":", 1)[1]), log_level="error", lifespan="off", access_log=False)
    server = uvicorn.Server(config_)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def fake(settings: OfficeSettings) -> AsyncIterator[FakeWechatPay]:
    channel = FakeWechatPay()
    async with served(list(channel.routes()), url=settings.wechatpay_api_url, edge=False):
        yield channel


class Counter:
    """Citizens, fines and orders, made with as little as possible."""

    async def citizen(self, phone: str = "13800000001") -> Citizen:
        person = Citizen(assurance="phone", created_at=clock.now(), phone_index=phone_index(phone))
        await person.save(force_create=True)
        return person

    async def bill(self, *, code: str = "44010526000000000017", **changes: Any) -> Bill:
        new = await fine(code=code, **changes)
        assert await bills.issue(new, by="system:test")
        return await Bill.get(payment_code=code)

    async def held(self, citizen: Citizen, *bill_list: Bill) -> dict[str, Any]:
        """An order as it is before the channel was asked."""
        wish = Wish(citizen, [bill.id for bill in bill_list], "wechat", "qr", "")
        async with db.transaction():
            order = await orders.hold(wish, bills=await orders.locked_payable(wish.bill_ids))
        return await self.row(order)

    async def order(self, citizen: Citizen, *bill_list: Bill) -> dict[str, Any]:
        """An order the channel has prepared."""
        return await self.row(
            await checkout.open_order(Wish(citizen, [bill.id for bill in bill_list], "wechat", "qr", ""))
        )

    async def row(self, order: UUID) -> dict[str, Any]:
        return dict((await db.fetch("SELECT * FROM payments_order WHERE id = $1", order))[0])


async def written() -> dict[str, int]:
    """How many rows each table of money has: what a refusal must not change."""
    tables = ("notice", "payment", "receipt", "ledger_entry", "posting", "refund", "exception", "order_change")
    return {table: await db.fetch_value(f"SELECT count(*) FROM payments_{table}") for table in tables}


@pytest.fixture
async def counter(database: str, settings: OfficeSettings, fake: FakeWechatPay) -> AsyncIterator[Counter]:
    await Region.create(code="440105000000", name=words("海珠区"), level="district")
    await Department.create(code="JJ", name=words("交通警察大队"), region_code="440105000000")
    client = outbound.Outbound([settings.wechatpay_api_url])
    outbound.install(client)
    install_authenticator(authenticator)
    routes: list[BaseRoute] = [spec.route() for spec in OUTSIDE]
    routes.append(Mount("/api/v1", routes=[spec.route() for spec in ROUTES]))
    async with served(routes, url=settings.public_url, edge=True):
        yield Counter()
    await client.close()


@pytest.fixture
async def post(counter: Counter, settings: OfficeSettings) -> AsyncIterator[Postman]:
    async with httpx2.AsyncClient(base_url=settings.public_url, trust_env=False, timeout=20) as client:
        yield Postman(client)
