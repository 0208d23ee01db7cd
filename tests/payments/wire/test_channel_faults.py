"""A channel that is down, slow, busy, lying or wrong about the time: nobody waits long, and nothing is believed."""

import asyncio
import datetime as dt
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit import config, db, outbound
from kit.outbound import Breaker, Outbound, OutsideUnreachable
from mobileapi.settings import OfficeSettings
from payments import standing
from payments.channels import channel
from payments.channels.base import ChannelUnknown
from payments.channels.wechatpay import WechatPay
from payments.errors import ChannelUnreachable
from tests.payments.keys import key, private_pem
from tests.payments.wire.channel import FakeWechatPay, Postman, Script, notice, signed, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio


def answering(made: Callable[[], Response]) -> Script:
    """A script that gives this answer every time."""

    async def script(_: Request, __: bytes) -> Response:
        return made()

    return script


def said_nothing() -> Response:
    return Response(status_code=503)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response(b'{"prepay_id":"wx', headers=signed(200, None).headers),
        lambda: Response(b"[" * 100_000, status_code=200),
        lambda: Response(b"x" * 2_000_000),
        lambda: Response(status_code=500),
        lambda: Response(b"<html>", status_code=200),
        lambda: RedirectResponse("http://169.254.169.254/latest", status_code=302),
        lambda: signed(200, {"code_url": "weixin://x"}, signer="merchant"),
        lambda: signed(200, {"code_url": "weixin://x"}, shift_s=-400),
        lambda: signed(200, {}),
    ],
    ids=["truncated", "deep", "huge", "error", "html", "redirect", "forged", "old", "empty"],
)
async def test_an_answer_that_proves_nothing_leaves_the_order_unknown_until_it_is_asked_about(
    counter: Counter, fake: FakeWechatPay, answer: Callable[[], Response]
) -> None:
    citizen, bill = await counter.citizen(), await counter.bill()
    fake.scripts["prepay"] = answering(answer)
    with pytest.raises(ChannelUnreachable):
        await counter.order(citizen, bill)
    (row,) = await db.fetch("SELECT id, number, state FROM payments_order")
    assert row["state"] == "unknown"
    del fake.scripts["prepay"]
    again = await counter.order(citizen, bill)
    assert (again["number"], again["state"]) == (row["number"], "awaiting_payer")
    assert fake.seen.count("prepay") == 2


async def test_a_channel_that_is_down_is_told_at_once_and_asked_again_by_itself(
    counter: Counter, fake: FakeWechatPay
) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    party, now = channel("wechat"), [1000.0]
    assert isinstance(party, WechatPay)
    party._line.breaker = Breaker(now=lambda: now[0])
    fake.scripts["query"] = answering(said_nothing)
    for _ in range(5):
        with pytest.raises(ChannelUnknown):
            await party.query(order["number"])
    asked, started = fake.seen.count("query"), time.monotonic()
    for _ in range(20):
        with pytest.raises(ChannelUnknown) as refused:
            await party.query(order["number"])
        assert not refused.value.maybe_done
    assert (fake.seen.count("query"), time.monotonic() - started < 2) == (asked, True)
    assert REGISTRY.get_sample_value("handheld_channel_resting", {"channel": "wechat"}) == 1
    now[0] += 16  # half open: one asks for all
    results = await asyncio.gather(*(party.query(order["number"]) for _ in range(10)), return_exceptions=True)
    assert {type(result) for result in results} == {ChannelUnknown}
    assert fake.seen.count("query") == asked + 1
    del fake.scripts["query"]
    now[0] += 16
    assert (await party.query(order["number"])).number == order["number"]
    assert REGISTRY.get_sample_value("handheld_channel_resting", {"channel": "wechat"}) == 0


async def test_a_busy_channel_is_left_alone_for_longer_and_longer(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    party, now = channel("wechat"), [1000.0]
    assert isinstance(party, WechatPay)
    party._line.breaker = Breaker(now=lambda: now[0])
    fake.scripts["query"] = answering(lambda: signed(429, {"code": "FREQUENCY_LIMITED", "message": "-"}))
    fake.seen.clear()
    for second in range(60):
        now[0] = 1000.0 + second
        for _ in range(10):
            with pytest.raises(ChannelUnknown) as refused:
                await party.query(order["number"])
            assert not refused.value.maybe_done
    assert 5 <= fake.seen.count("query") <= 8  # 1, 2, 4, 8, 16, 32 seconds, each a fifth more or less
    assert (await counter.row(order["id"]))["state"] == "awaiting_payer"


async def test_a_busy_channel_does_not_end_an_order(counter: Counter, fake: FakeWechatPay) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    fake.scripts["query"] = answering(lambda: signed(429, {"code": "FREQUENCY_LIMITED", "message": "-"}))
    await standing.close(order["id"], who="citizen:x", why="given up")
    assert (await counter.row(order["id"]))["state"] == "closing"


@pytest.mark.parametrize(("ahead_s", "believed"), [(240, True), (-240, True), (360, False), (-360, False)])
async def test_a_clock_four_minutes_off_works_and_one_six_minutes_off_is_told(
    counter: Counter, fake: FakeWechatPay, ahead_s: int, believed: bool
) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    said = {"trade_state": "NOTPAY", "out_trade_no": order["number"]}
    fake.scripts["query"] = answering(lambda: signed(200, said, shift_s=ahead_s))
    if believed:
        assert (await channel("wechat").query(order["number"])).number == order["number"]
    else:
        with pytest.raises(ChannelUnknown, match="time window"):
            await channel("wechat").query(order["number"])
    seen = REGISTRY.get_sample_value("handheld_channel_clock_skew_seconds", {"channel": "wechat"})
    assert seen is not None
    assert abs(seen - ahead_s) <= 3


async def test_a_notice_from_behind_is_refused_without_crying_wolf(
    counter: Counter, post: Postman, fake: FakeWechatPay
) -> None:
    order = await counter.order(await counter.citizen(), await counter.bill())
    await channel("wechat").query(order["number"])
    before = await written()
    assert (await post.deliver(notice(transaction(order)), shift_s=-360)).status_code == 401
    seen = REGISTRY.get_sample_value("handheld_channel_clock_skew_seconds", {"channel": "wechat"})
    assert seen is not None
    assert abs(seen) <= 3
    assert (await post.deliver(notice(transaction(order)), shift_s=360)).status_code == 401
    seen = REGISTRY.get_sample_value("handheld_channel_clock_skew_seconds", {"channel": "wechat"})
    assert seen is not None
    assert abs(seen - 360) <= 3
    assert await written() == before


def self_signed(folder: Path, *, host: str, ends: dt.datetime) -> ssl.SSLContext:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key("platform").public_key())
    builder = builder.serial_number(7).not_valid_before(ends - dt.timedelta(days=9)).not_valid_after(ends)
    made = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    pem = made.sign(key("platform"), SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "tls.pem").write_bytes(pem + private_pem("platform"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


@pytest.fixture(params=["self-signed", "expired", "wrong-host"])
async def impostor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, list[bytes]]]:
    now = dt.datetime.now(dt.UTC)
    ends = now - dt.timedelta(days=1) if request.param == "expired" else now + dt.timedelta(days=1)
    host = "elsewhere.example" if request.param == "wrong-host" else "localhost"
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=self_signed(tmp_path, host=host, ends=ends))
    async with listening:
        yield f"https://localhost:{listening.sockets[0].getsockname()[1]}", heard


async def test_who_cannot_prove_to_be_the_channel_is_told_nothing(
    settings: OfficeSettings, impostor: tuple[str, list[bytes]]
) -> None:
    url, heard = impostor
    config.install(settings.model_copy(update={"wechatpay_api_url": url}))
    client = Outbound([url])
    outbound.install(client)
    try:
        with pytest.raises(ChannelUnknown) as refused:
            await channel("wechat").query("HH1")
    finally:
        await client.close()
    assert not refused.value.maybe_done
    assert heard == []


async def test_one_host_that_hangs_leaves_lines_for_the_others(
    settings: OfficeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "AT_ONE_HOST", 3)
    monkeypatch.setattr(outbound, "LINE_WAIT_S", 0.2)
    hold = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"slow" in await reader.readuntil(b"\r\n\r\n"):
            await hold.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()

    slow = await asyncio.start_server(serve, "127.0.0.1", 0)
    other = await asyncio.start_server(serve, "127.0.0.1", 0)
    urls = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in (slow, other)]
    client = Outbound(urls)
    async with slow, other, asyncio.TaskGroup() as group:
        hanging = [group.create_task(client.call("GET", f"{urls[0]}/slow")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(OutsideUnreachable, match="taken") as refused:
            await client.call("GET", f"{urls[0]}/slow")
        assert not refused.value.maybe_done
        assert (await client.call("GET", f"{urls[1]}/quick")).status == 204
        hold.set()
        assert [(await call).status for call in hanging] == [204] * 3
    await client.close()
