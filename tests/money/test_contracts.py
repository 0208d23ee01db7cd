"""
What we say to the channels, word for word but for the values: method, path, headers, fields and their kinds. A field
that is renamed, lost or new shows here before a channel refuses it. `RECORD=1` writes the record anew, to be read.
"""

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kit import config, outbound
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings
from payments.channels import CHANNELS
from payments.channels.base import ChannelError, PaymentChannel, PrepayAsk, RefundAsk
from tests.money import letters
from tests.payments.keys import private_pem, public_pem

pytestmark = pytest.mark.anyio
RECORD = Path(__file__).parent / "contracts.json"
DAY, AT = date(2026, 11, 20), datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

Ask = Callable[[PaymentChannel], Awaitable[Any]]
HERE = "http://office.example/callbacks"
ASKS: dict[str, Ask] = {
    "prepay miniapp": lambda c: c.prepay(PrepayAsk("HH1", "罚款", 20000, "miniapp", "2088000000000001", AT, HERE)),
    "prepay qr": lambda c: c.prepay(PrepayAsk("HH1", "罚款", 20000, "qr", "", AT, HERE)),
    "query": lambda c: c.query("HH1"),
    "close": lambda c: c.close("HH1"),
    "refund": lambda c: c.refund(RefundAsk("HH1", "42001", "HHR1", 7000, 20000, "多缴退付")),
    "query refund": lambda c: c.query_refund("HHR1", number="HH1"),
    "trade bill": lambda c: c.statement(DAY, kind="trade"),
    "fund bill": lambda c: c.statement(DAY, kind="fund"),
}  # fmt: skip


def kind_of(value: Any) -> Any:
    """A value's kind; of objects the kinds of their fields. Text keeps its shape: digits as 0, letters as a."""
    if isinstance(value, dict):
        return {name: kind_of(inner) for name, inner in sorted(value.items())}
    if isinstance(value, str):
        return re.sub(r"a+", "a", re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", value))) if len(value) < 60 else "long"
    return type(value).__name__


def heard(request: Request, body: bytes) -> dict[str, Any]:
    """What is fixed of a request."""
    form = "form" in request.headers.get("content-type", "")
    fields: dict[str, Any] = dict(parse_qsl(body.decode())) if form else json.loads(body) if body else {}
    query: dict[str, Any] = dict(request.query_params)
    for said in (fields, query):
        if "biz_content" in said:
            said["biz_content"] = json.loads(said["biz_content"])
    names = {"accept", "content-type", "wechatpay-serial"}
    method = fields.get("method") or query.get("method")
    authorization = re.findall(r"^\S+|\w+(?==\")", request.headers.get("authorization", ""))
    return {
        "method": request.method, "path": request.url.path, "query": kind_of(query), "fields": kind_of(fields),
        "headers": {name: value for name, value in sorted(request.headers.items()) if name in names},
        "authorization": authorization,
    } | ({"asks for": method} if method else {})  # fmt: skip


@pytest.fixture
async def ear(tmp_path: Path) -> AsyncIterator[list[dict[str, Any]]]:
    """A channel that hears everything and grants nothing, and an office that asks it."""
    said: list[dict[str, Any]] = []

    async def hear(request: Request) -> Response:
        said.append(heard(request, await request.body()))
        return JSONResponse({"code": "PARAM_ERROR", "message": ""}, status_code=400)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    install(tmp_path, url)
    app = Starlette(routes=[Route("/{path:path}", hear, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    client = outbound.Outbound([url])
    outbound.install(client)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        yield said
        server.should_exit = True
        await serving
    await client.close()


def install(folder: Path, url: str) -> None:
    given = letters.channel_settings(folder)
    (folder / "ours.pem").write_bytes(private_pem("merchant"))
    (folder / "theirs.pem").write_bytes(public_pem("platform"))
    given |= {
        "wechatpay_api_url": url, "alipay_gateway_url": f"{url}/gateway.do", "alipay_app_id": "2021000000000001",
        "alipay_seller_id": "2088000000000009", "alipay_private_key_file": folder / "ours.pem",
        "alipay_public_key_file": folder / "theirs.pem",
    }  # fmt: skip
    config.install(with_demo_keys(OfficeSettings(_env_file=None, data_dir=folder / "data", env="demo", **given)))


async def test_the_channels_are_asked_as_recorded(ear: list[dict[str, Any]]) -> None:
    asked: dict[str, Any] = {}
    for name, made in CHANNELS.items():
        for what, ask in ASKS.items():
            ear.clear()
            with pytest.raises(ChannelError):
                await ask(made(config.current(OfficeSettings)))
            assert len(ear) >= 1, f"{name}: {what} asked nothing"
            asked[f"{name}: {what}"] = ear[0]
    if os.environ.get("RECORD"):
        RECORD.write_text(json.dumps(asked, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert asked.keys() == recorded.keys()
    for what, shape in asked.items():
        assert shape == recorded[what], what


def test_no_address_of_a_machine_is_in_the_record() -> None:
    text = RECORD.read_text(encoding="utf-8")
    assert "127.0.0.1" not in text
    assert all(not urlsplit(entry["path"]).netloc for entry in json.loads(text).values())
