"""
How dear are truth and safety? Notices settled and a day reconciled, each against its floor in the same run.

    python -m bench.payments [--notices 600] [--rows 50000] [--rounds 3]

A notice: proven, stored, opened, settled, posted to the ledger, receipted and audited, against one bare transaction
that writes the same rows. A day: the file kept, hash, totals, bad rows, classified differences written, against COPY and a
FULL JOIN. Exits 1 when a ratio is over its bound.
"""

import argparse
import asyncio
import base64
import gzip
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from kit import clock, config, db, storage
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from mobileapi.tables import migrate
from payments import notices
from payments.channels.packed import uncompressed
from payments.channels.wechatpay_bill import BOM, COLUMNS, HEADER, SUMMARY_HEADER
from payments.reconciliation.judging import judge
from payments.reconciliation.statements import Kept

NOTICE_BOUND, DAY_BOUND, PEAK_BOUND_MIB = 2.5, 1.3, 120
AT_ONCE = 8
V3_KEY, SERIAL, MERCHANT, APP = "0123456789abcdef0123456789ABCDEF", "PUB_KEY_ID_0000000001", "1900000001", "wx1"
DAY = date(2026, 1, 3)


@dataclass
class Spent:
    wall_s: float
    cpu_s: float  # this process and its database servers


class Meter:
    """CPU of this process, and of PostgreSQL's processes read from /proc."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster

    async def of(self, work: Callable[[], Awaitable[None]]) -> Spent:
        cpu, wall = self._cpu(), time.perf_counter()
        await work()
        return Spent(time.perf_counter() - wall, self._cpu() - cpu)

    def _cpu(self) -> float:
        ticks = 0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                ticks += self._ticks(folder)
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    def _ticks(self, folder: Path) -> int:
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0
        ours = int(fields[1]) == self.postmaster or int(folder.name) == self.postmaster
        return int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14]) if ours else 0


def opened_up(folder: Path) -> Path:
    """The embedded server runs as another user when this one is root."""
    folder.chmod(0o755)
    return folder


def postmaster_of(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


@asynccontextmanager
async def office() -> AsyncIterator[tuple[str, rsa.RSAPrivateKey, Meter]]:
    """A fresh database, settings with fresh keys, and the channel's private key."""
    platform, merchant = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = opened_up(Path(name))
        (folder / "merchant.pem").write_bytes(
            merchant.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / "platform.pem").write_bytes(
            platform.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        given: dict[str, Any] = {
            "data_dir": folder / "data", "wechat_app_id": APP, "wechatpay_mch_id": MERCHANT,
            "wechatpay_serial_no": "7A", "wechatpay_api_v3_key": V3_KEY,
            "wechatpay_private_key_file": folder / "merchant.pem",
            "wechatpay_platform_key_file": folder / "platform.pem", "wechatpay_platform_key_id": SERIAL,
            "log_level": "ERROR",
        }  # fmt: skip
        settings = with_demo_keys(OfficeSettings(_env_file=None, **given))
        config.install(settings)
        url = db.start_embedded(folder)
        postmaster = postmaster_of(folder / "postgres")
        await migrate(url)
        await db.open_database(tables(url))
        try:
            yield url, platform, Meter(postmaster)
        finally:
            await db.close_database()


async def seed(count: int, *, prefix: str) -> list[tuple[UUID, UUID, str]]:
    """Unpaid bills with a pending order each: (bill, order, order number)."""
    await db.execute(
        "INSERT INTO auth_region (code, name, level) VALUES ('440105000000', '{\"zh\": \"区\"}', 'district') "
        "ON CONFLICT DO NOTHING"
    )
    await db.execute(
        "INSERT INTO auth_department (code, name, region_code, credit_code, phone) "
        "VALUES ('JJ', '{\"zh\": \"大队\"}', '440105000000', '', '') ON CONFLICT DO NOTHING"
    )
    citizen, now = uuid4(), clock.now()
    await db.execute(
        "INSERT INTO auth_citizen (id, assurance, locale, elder_mode, created_at) "
        "VALUES ($1, 'phone', 'zh-CN', false, $2)",
        citizen, now,
    )  # fmt: skip
    made = [(uuid4(), uuid4(), f"{prefix}{n:020d}") for n in range(count)]
    bills, orders, numbers = zip(*made, strict=True)
    await db.execute(
        "INSERT INTO payments_bill (id, payment_code, kind, title, department_id, income_item_code, income_item_name, "
        "legal_basis, payer_name_sealed, principal_fen, due_on, surcharge_rule, stays, state, version, paid_fen, "
        "issued_at, digest) SELECT id, number, 'traffic_fine', '{}', 'JJ', '1', '{}', '{}', '\\x00', 12345, $3, '', "
        "'[]', 'unpaid', 1, 0, $4, '' FROM unnest($1::uuid[], $2::text[]) AS b(id, number)",
        list(bills), list(numbers), DAY, now,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_bill_line (id, bill_id, place, name, amount_fen, basis, explanation) "
        "SELECT gen_random_uuid(), id, 1, '{\"zh\": \"罚款\"}', 12345, '{}', '{}' FROM unnest($1::uuid[]) AS b(id)",
        list(bills),
    )
    await db.execute(
        "INSERT INTO payments_order (id, number, channel, scene, state, amount_fen, citizen_id, description, open_id, "
        "created_at, expires_at, checks, next_check_at) SELECT id, number, 'wechat', 'qr', 'awaiting_payer', 12345, "
        "$3, '-', '', $4, $4, 0, $4 FROM unnest($1::uuid[], $2::text[]) AS o(id, number)",
        list(orders), list(numbers), citizen, now,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_order_bill (id, order_id, bill_id, principal_fen, surcharge_fen, bill_version, holding) "
        "SELECT gen_random_uuid(), o, b, 12345, 0, 1, true FROM unnest($1::uuid[], $2::uuid[]) AS p(o, b)",
        list(orders),
        list(bills),
    )
    return made


def signed_notice(key: rsa.RSAPrivateKey, number: str) -> tuple[dict[str, str], bytes]:
    clear = {
        "mchid": MERCHANT, "appid": APP, "out_trade_no": number, "transaction_id": f"T{number}",
        "trade_state": "SUCCESS", "success_time": "2026-01-02T08:00:05+08:00",
        "amount": {"total": 12345, "currency": "CNY"},
    }  # fmt: skip
    sealed = AESGCM(V3_KEY.encode()).encrypt(b"abcdefghijkl", json.dumps(clear).encode(), b"transaction")
    body = json.dumps(
        {
            "id": f"EV-{number}", "event_type": "TRANSACTION.SUCCESS", "resource": {
                "algorithm": "AEAD_AES_256_GCM", "associated_data": "transaction", "nonce": "abcdefghijkl",
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    signature = key.sign(f"{stamp}\nn\n".encode() + body + b"\n", padding.PKCS1v15(), SHA256())
    return {
        "wechatpay-serial": SERIAL, "wechatpay-timestamp": stamp, "wechatpay-nonce": "n",
        "wechatpay-signature": base64.b64encode(signature).decode(),
    }, body  # fmt: skip


async def at_once(work: list[Callable[[], Awaitable[None]]]) -> None:
    waiting = iter(work)

    async def hand() -> None:
        for one in waiting:
            await one()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(hand())


BARE = (
    (
        """INSERT INTO payments_notice (id, channel, sender_id, event, content, state, deliveries, received_at,
        settled_at) VALUES (gen_random_uuid(), 'wechat', $1, 'TRANSACTION.SUCCESS', $2, 'settled', 1, now(), now())""",
        "sender content",
    ),
    ("SELECT 1 FROM payments_bill WHERE id = $1 FOR UPDATE", "bill"),
    ("SELECT 1 FROM payments_order WHERE id = $1 FOR UPDATE", "order"),
    (
        """INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, paid_at,
        learned_at, learned_by)
        VALUES (gen_random_uuid(), 'wechat', $2, $1, $2, 12345, 'settled', now(), now(), 'notice')""",
        "order sender",
    ),
    (
        """UPDATE payments_order SET state = 'paid', transaction_id = 'x', paid_at = now(), next_check_at = NULL
        WHERE id = $1""",
        "order",
    ),
    (
        """INSERT INTO payments_order_change (id, order_id, at, from_state, to_state, who, why)
        VALUES (gen_random_uuid(), $1, now(), 'awaiting_payer', 'paid', 'channel:wechat', 'paid')""",
        "order",
    ),
    ("UPDATE payments_bill SET state = 'paid', paid_fen = 12345, paid_at = now() WHERE id = $1", "bill"),
    (
        """INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen,
        lines, issuer, status, issued_at)
        VALUES (gen_random_uuid(), '1', nextval('payments_receipt_number')::text, 'x', $3, $1, $2, 12345,
        '[]', 'x', 'issued', now())""",
        "bill order verify",
    ),
    (
        """INSERT INTO payments_ledger_entry (id, at, kind, reference)
        VALUES ($1, now(), 'payment', gen_random_uuid()::text)""",
        "entry",
    ),
    (
        """INSERT INTO payments_posting (id, entry_id, account, amount_fen) SELECT gen_random_uuid(), $1, a, f
        FROM unnest('{channel:wechat,income:JJ:1}'::text[], '{12345,-12345}'::bigint[]) p(a, f)""",
        "entry",
    ),
    ("SELECT pg_advisory_xact_lock(1)", ""),
    (
        """INSERT INTO kit_audit (seq, at, actor, action, subject, detail, request_id, previous, digest)
        SELECT coalesce(max(seq), 0) + 1, now(), 'system', 'payment.settled', 'x', '{}', '', '', '' FROM kit_audit""",
        "",
    ),
)


async def bare_transactions(url: str, made: list[tuple[UUID, UUID, str]], *, content: bytes) -> None:
    """The rows of a settled notice, written by hand."""
    async with asyncpg.create_pool(min_size=AT_ONCE, max_size=AT_ONCE, **db.credentials(url)) as pool:

        async def one(bill: UUID, order: UUID, number: str) -> None:
            values = {
                "bill": bill, "order": order, "entry": uuid4(), "sender": number, "content": content,
                "verify": uuid4().hex,
            }  # fmt: skip
            async with pool.acquire() as connection, connection.transaction():
                for statement, names in BARE:
                    await connection.execute(statement, *(values[name] for name in names.split()))

        await at_once([lambda row=row: one(*row) for row in made])  # type: ignore[misc]


async def bench_notices(url: str, key: rsa.RSAPrivateKey, meter: Meter, *, count: int) -> bool:
    warm, bare, ours = await seed(50, prefix="HHW"), await seed(count, prefix="HHB"), await seed(count, prefix="HHN")

    async def settle_all(made: list[tuple[UUID, UUID, str]]) -> None:
        letters = [signed_notice(key, number) for _, _, number in made]
        await at_once([lambda h=h, b=b: notices.receive("wechat", h, content=b) for h, b in letters])  # type: ignore[misc]

    await settle_all(warm)
    content = signed_notice(key, "x")[1]
    floor = await meter.of(lambda: bare_transactions(url, bare, content=content))
    letters = [signed_notice(key, number) for _, _, number in ours]
    settled = await meter.of(
        lambda: at_once([lambda h=h, b=b: notices.receive("wechat", h, content=b) for h, b in letters])  # type: ignore[misc]
    )
    paid = await db.fetch_value("SELECT count(*) FROM payments_bill WHERE state = 'paid'")
    assert paid == 50 + 2 * count, "every notice settled its bill"
    ratio = settled.cpu_s / floor.cpu_s
    print(f"notices   settled {count / settled.wall_s:8.0f}/s   bare transaction {count / floor.wall_s:8.0f}/s   "
          f"CPU {settled.cpu_s / count * 1e6:6.0f} µs to {floor.cpu_s / count * 1e6:6.0f} µs   "
          f"ratio {ratio:.2f} (bound {NOTICE_BOUND})")  # fmt: skip
    return ratio <= NOTICE_BOUND


def number_of(n: int) -> str:
    """Twenty-four characters without order, as real numbers are: files that compress too well prove nothing."""
    return hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest()[:24]


def fen_of(n: int) -> int:
    return 5000 + n * 7919 % 200_000


def a_bill(count: int, into: Path) -> tuple[str, int]:
    """A clean bill of so many payments, compressed; SHA-1 and size before compression. Made as a stream."""
    digest, size, total, fees = hashlib.sha1(usedforsecurity=False), 0, 0, 0

    def yuan(fen: int) -> str:
        return f"{fen // 100}.{fen % 100:02d}"

    with gzip.open(into, "wb", compresslevel=1) as file:

        def write(text: str) -> None:
            nonlocal size
            digest.update(content := text.encode())
            size += len(content)
            file.write(content)

        write((BOM + HEADER).decode() + "\r\n")
        for first in range(0, count, 1000):
            rows = []
            for n in range(first, min(first + 1000, count)):
                fen, number = fen_of(n), number_of(n)
                fee, seconds = (fen * 60 + 5000) // 10000, n * 86400 // count
                total, fees = total + fen, fees + fee
                rows.append(
                    f"`{DAY} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},`{APP},`{MERCHANT},`0,`,"
                    f"`42{number},`HH{number},`o{number[:20]},`NATIVE,`SUCCESS,`OTHERS,`CNY,`{yuan(fen)},`0.00,`0,`0,"
                    f"`0.00,`0.00,`,`,`行政缴款,`,`{yuan(fee)}000,`0.60%,`{yuan(fen)},`0.00,`\r\n"
                )
            write("".join(rows))
        write(
            f"{SUMMARY_HEADER.decode()}\r\n`{count}.0,`{yuan(total)},`0.00,`0.0,`{yuan(fees)},`{yuan(total)},`0.00\r\n"
        )
    return digest.hexdigest(), size


async def seed_payments(count: int) -> None:
    """One order with so many payments in the books of the day; all but every thousandth as the bill has them."""
    ((_, order, _),) = await seed(1, prefix="HHQ")
    for first in range(0, count, 250_000):
        await db.work(
            "INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, paid_at, "
            "learned_at, learned_by) SELECT gen_random_uuid(), 'wechat', '42' || left(md5(n::text), 24), $1, "
            "'HH' || left(md5(n::text), 24), 5000 + n::bigint * 7919 % 200000 + (n % 1000 = 7)::int, 'surplus', $4, $4, "
            "'query' FROM generate_series($2::int, $3::int - 1) n",
            order, first, min(first + 250_000, count), clock.now().replace(year=2026, month=1, day=3, hour=1),
        )  # fmt: skip
    await db.work("VACUUM ANALYZE payments_payment")


async def copy_and_join(url: str, content: bytes) -> int:
    """The floor: values re-delimited, COPY, FULL JOIN, differences counted."""
    connection = await asyncpg.connect(**db.credentials(url))
    try:
        names = list(COLUMNS)
        await connection.execute(f"CREATE TEMPORARY TABLE raw ({', '.join(f'{name} text' for name in names)})")

        async def blocks() -> AsyncIterator[bytes]:
            rest = b""
            for chunk in uncompressed(content):
                lines = (rest + chunk).split(b"\r\n")
                rest = lines.pop()
                rows = [line[1:].replace(b",`", b"\t") for line in lines if line.startswith(b"`2026-")]
                yield b"\n".join([*rows, b""]) if rows else b""

        await connection.copy_to_table("raw", source=blocks(), columns=names, format="text")
        differing: int = await connection.fetchval(
            # the day's payments are the only ones that are surplus here
            "SELECT count(*) FROM (SELECT * FROM payments_payment WHERE outcome = 'surplus') o FULL JOIN raw t "
            "ON o.number = t.number AND o.transaction_id = t.transaction_id "
            "WHERE o.number IS NULL OR t.number IS NULL OR o.amount_fen <> (t.total::numeric * 100)::bigint"
        )
        return differing
    finally:
        await connection.close()


async def bench_day(url: str, meter: Meter, *, count: int, rounds: int) -> bool:
    """
    Ours and the floor by turns, the best of each: what else the machine does then weighs on neither. Ours also keeps
    the file, checks hash and totals, and writes and classifies what it found.
    """
    await seed_payments(count)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "bill.gz"
        sha1, size = a_bill(count, file)
        floors, fulls, peaks = [], [], []
        for _ in range(rounds):
            floors.append(await meter.of(lambda: _counted(url, file, expected=-(-max(0, count - 7) // 1000))))
            fresh_peak()
            fulls.append(await meter.of(lambda: _judged(file, sha1)))
            peaks.append(peak_mib())
    found = await db.fetch_value("SELECT count(*) FROM payments_difference WHERE kind = 'amount' AND state = 'open'")
    others = await db.fetch_value("SELECT count(*) FROM payments_difference WHERE kind <> 'amount'")
    assert (found, others) == (-(-max(0, count - 7) // 1000), 0), "every difference found, none invented"
    floor, full = min(floors, key=lambda one: one.wall_s), min(fulls, key=lambda one: one.wall_s)
    ratio, peak = full.wall_s / floor.wall_s, max(peaks)
    print(f"a day of {count} rows ({size >> 20} MiB)   {full.wall_s:.2f} s   COPY and join {floor.wall_s:.2f} s   "
          f"ratio {ratio:.2f} (bound {DAY_BOUND})   CPU {full.cpu_s:.2f} s to {floor.cpu_s:.2f} s   "
          f"{full.wall_s / count * 1e6:.2f} µs a row   peak {peak} MiB (bound {PEAK_BOUND_MIB})")  # fmt: skip
    return ratio <= DAY_BOUND and peak <= PEAK_BOUND_MIB


def fresh_peak() -> None:
    """The kernel's record of the most memory this process held begins anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


async def _judged(file: Path, sha1: str) -> None:
    content = file.read_bytes()
    await storage.put("statements/wechat-bench-trade", content)
    kept = Kept("wechat", DAY, "trade", content, sha1, "statements/wechat-bench-trade")
    run = await db.fetch_value(
        "INSERT INTO payments_reconciliation_run (id, channel, day, state, attempt, started_at, matched, totals) "
        "VALUES ($1, 'wechat', $2, 'running', 1, $3, 0, '{}') ON CONFLICT (channel, day) DO UPDATE SET attempt = 2 "
        "RETURNING id", uuid4(), DAY, clock.now(),
    )  # fmt: skip
    await judge(run, kept, None)


async def _counted(url: str, file: Path, *, expected: int) -> None:
    assert await copy_and_join(url, file.read_bytes()) == expected


async def main(arguments: argparse.Namespace) -> bool:
    async with office() as (url, key, meter):
        fast = arguments.notices == 0 or await bench_notices(url, key, meter, count=arguments.notices)
        return await bench_day(url, meter, count=arguments.rows, rounds=arguments.rounds) and fast


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=600)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(0 if asyncio.run(main(parser.parse_args())) else 1)
