"""What knocks at the notices' door in wrong time, with a wrong key, out of order, or while the database is away."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kit import config, db
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from tests.chaos.proxy import Proxy, before_file
from tests.database import copy_of
from tests.money import letters
from tests.money.invariants import violations
from tests.money.office import Office, doors
from tests.money.waiting import waiting_orders

pytestmark = pytest.mark.anyio
SLACK_S = 2.0  # for a machine that is busy with thirty doors at once


@pytest.fixture
def settings(tmp_path: Path) -> OfficeSettings:
    made = with_demo_keys(letters.office_settings(tmp_path))
    config.install(made)
    return made


@pytest.fixture
async def office(database: str) -> Office:
    nobody: Any = None
    return Office(doors(), nobody)


async def carried(office: Office, letter: letters.Letter) -> int:
    headers, body = letter
    answer = await office.ask("POST", letters.DOOR, headers=headers, body=body)
    assert answer.status is not None
    return answer.status


async def waiting(count: int = 1) -> tuple[str, int]:
    return next(iter((await waiting_orders(count)).items()))


async def nothing_was_written() -> None:
    for table in ("payments_notice", "payments_payment", "payments_exception", "payments_ledger_entry"):
        assert await db.fetch_value(f"SELECT count(*) FROM {table}") == 0, table


@pytest.mark.parametrize(
    "how",
    [
        {"skew_s": -301}, {"skew_s": 301}, {"skew_s": 600}, {"by": "merchant"}, {"by": "forger"},
        {"serial": "PUB_KEY_ID_0000000002"}, {"wechatpay_signature": ""}, {"wechatpay_signature": "no base64 !"},
        {"wechatpay_signature": "QUJD" * 250_000}, {"wechatpay_timestamp": "yesterday"}, {"wechatpay_nonce": ""},
        {"wechatpay_timestamp": "9" * 400}, {"wechatpay_signature": "WECHATPAY/SIGNTEST/abc"},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_not_signed_now_by_the_platform_costs_no_write(office: Office, how: dict[str, Any]) -> None:
    number, fen = await waiting()
    letter = letters.signed(letters.envelope(letters.said(number, fen), sender_id="EV-1"), **how)
    assert await carried(office, letter) == 401
    await nothing_was_written()
    assert await carried(office, letters.true(number, fen)) == 204


async def test_a_clock_that_is_four_minutes_off_still_works(office: Office) -> None:
    number, fen = await waiting()
    letter = letters.signed(letters.envelope(letters.said(number, fen), sender_id="EV-1"), skew_s=-240)
    assert await carried(office, letter) == 204


async def test_a_refund_that_is_told_of_before_its_payment_waits_and_the_payment_settles(office: Office) -> None:
    number, fen = await waiting()
    refund = {
        "mchid": letters.MERCHANT, "out_trade_no": number, "transaction_id": f"42{number}", "out_refund_no": "HHR1",
        "refund_id": "50", "refund_status": "SUCCESS", "success_time": "2026-11-21T08:00:00+08:00",
        "amount": {"total": fen, "refund": fen, "payer_total": fen, "payer_refund": fen},
    }  # fmt: skip
    told = letters.signed(letters.envelope(refund, sender_id="ER-1", event="REFUND.SUCCESS", aad="refund"))
    assert await carried(office, told) == 409
    assert await db.fetch_value("SELECT state FROM payments_notice") == "orphan"
    assert await carried(office, letters.true(number, fen)) == 204
    assert await db.fetch_value("SELECT state FROM payments_order") == "paid"
    assert await carried(office, told) == 409  # still nobody's refund
    assert await violations() == []


async def test_a_stale_word_after_success_changes_nothing(office: Office) -> None:
    number, fen = await waiting()
    assert await carried(office, letters.true(number, fen)) == 204
    before = await db.fetch_value("SELECT count(*) FROM payments_order_change")
    stale = letters.said(number, fen, trade_state="NOTPAY")
    assert await carried(office, letters.signed(letters.envelope(stale, sender_id="EV-stale"))) == 409
    assert await db.fetch_value("SELECT state FROM payments_order") == "paid"
    assert await db.fetch_value("SELECT count(*) FROM payments_order_change") == before


@pytest.mark.parametrize(
    "change", [{"mchid": "1900000002"}, {"appid": "wx0000000000000002"}, {"amount": {"total": 1, "currency": "CNY"}}]
)
async def test_a_known_transaction_told_otherwise_is_not_agreed_to(office: Office, change: dict[str, Any]) -> None:
    number, fen = await waiting()
    assert await carried(office, letters.true(number, fen)) == 204
    lie = letters.signed(letters.envelope(letters.said(number, fen, **change), sender_id="EV-lie"))
    assert await carried(office, lie) == 409
    assert [tuple(row) for row in await db.fetch("SELECT amount_fen, outcome FROM payments_payment")] == [
        (fen, "settled")
    ]
    assert await db.fetch_value("SELECT count(*) FROM payments_exception") == 1
    assert await carried(office, letters.true(number, fen, sender_id="EV-again")) == 204


@pytest.fixture
async def line(template_url: str, settings: OfficeSettings) -> AsyncIterator[Proxy]:
    """A database that is open in this process, behind a line that can be cut."""
    async with copy_of(template_url) as url:
        place = Path(str(db.credentials(url)["host"])) / ".s.PGSQL.5432"
        with tempfile.TemporaryDirectory(prefix="hho-line-") as folder:
            async with before_file(place, folder=Path(folder)) as (proxy, _):
                await db.open_database(tables(url.replace(str(place.parent), folder)))
                try:
                    yield proxy
                finally:
                    proxy.heal()
                    await db.close_database()


async def test_while_the_database_is_away_the_channel_is_told_to_come_again(line: Proxy) -> None:
    nobody: Any = None
    office = Office(doors(), nobody)
    number, fen = await waiting()
    letter = letters.true(number, fen)
    line.refusing = True
    line.reset()
    for _ in range(25):  # more than the pool has: none of its places is lost meanwhile
        began = time.monotonic()
        assert await carried(office, letter) == 503
        assert time.monotonic() - began <= 3.0
    line.heal()
    assert await carried(office, letter) == 204
    assert await carried(office, letter) == 204
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1
    assert await violations() == []


async def test_a_database_that_says_nothing_costs_the_channel_three_seconds_and_the_pool_nothing(line: Proxy) -> None:
    nobody: Any = None
    office = Office(doors(), nobody)
    number, fen = await waiting()
    letter = letters.true(number, fen)
    line.black_hole()
    began = time.monotonic()
    answers = await asyncio.gather(*(carried(Office(doors(), nobody), letter) for _ in range(30)))
    assert set(answers) == {503}
    assert time.monotonic() - began <= 3.0 + SLACK_S
    line.heal()
    assert await carried(office, letter) == 204
    assert await db.fetch_value("SELECT count(*) FROM payments_payment") == 1
    assert await violations() == []
