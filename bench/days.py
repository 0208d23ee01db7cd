"""A day reconciled, against COPY and a FULL JOIN of the same file in the same run."""

import gzip
import hashlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg

from bench.cashdesk import APP, DAY, MERCHANT, Meter, seed
from kit import clock, db, storage
from payments.channels.packed import uncompressed
from payments.channels.wechatpay_bill import BOM, COLUMNS, HEADER, SUMMARY_HEADER
from payments.reconciliation.judging import judge
from payments.reconciliation.statements import Kept

DAY_BOUND, PEAK_BOUND_MIB = 1.3, 120


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
            "INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, "
            "paid_at, learned_at, learned_by) SELECT gen_random_uuid(), 'wechat', '42' || left(md5(n::text), 24), $1, "
            "'HH' || left(md5(n::text), 24), 5000 + n::bigint * 7919 % 200000 + (n % 1000 = 7)::int, 'surplus', $4, "
            "$4, 'query' FROM generate_series($2::int, $3::int - 1) n",
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
        floors, fulls, peaks, rest = [], [], [], 0
        for _ in range(rounds):
            floors.append(await meter.of(lambda: _counted(url, file, expected=-(-max(0, count - 7) // 1000))))
            fresh_peak()
            rest = rest or peak_mib()
            fulls.append(await meter.of(lambda: _judged(file, sha1)))
            peaks.append(peak_mib())
    found = await db.fetch_value("SELECT count(*) FROM payments_difference WHERE kind = 'amount' AND state = 'open'")
    others = await db.fetch_value("SELECT count(*) FROM payments_difference WHERE kind <> 'amount'")
    assert (found, others) == (-(-max(0, count - 7) // 1000), 0), "every difference found, none invented"
    floor, full = min(floors, key=lambda one: one.wall_s), min(fulls, key=lambda one: one.wall_s)
    ratio, peak = full.wall_s / floor.wall_s, max(peaks)
    print(f"a day of {count} rows ({size >> 20} MiB)   {full.wall_s:.2f} s   COPY and join {floor.wall_s:.2f} s   "
          f"ratio {ratio:.2f} (bound {DAY_BOUND})   CPU {full.cpu_s:.2f} s to {floor.cpu_s:.2f} s   "
          f"{full.wall_s / count * 1e6:.2f} µs a row   "
          f"peak {peak} MiB, {peak - rest} of it the day's (bound {PEAK_BOUND_MIB})")  # fmt: skip
    return ratio <= DAY_BOUND and peak - rest <= PEAK_BOUND_MIB


def fresh_peak() -> None:
    """The kernel's record of the most memory this process held begins anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


async def _judged(file: Path, sha1: str) -> None:
    content = file.read_bytes()  # noqa: ASYNC240 - nobody else waits here
    await storage.put("statements/wechat-bench-trade", content)
    kept = Kept("wechat", DAY, "trade", content, sha1, "statements/wechat-bench-trade")
    run = await db.fetch_value(
        "INSERT INTO payments_reconciliation_run (id, channel, day, state, attempt, started_at, matched, totals) "
        "VALUES ($1, 'wechat', $2, 'running', 1, $3, 0, '{}') ON CONFLICT (channel, day) DO UPDATE SET attempt = 2 "
        "RETURNING id", uuid4(), DAY, clock.now(),
    )  # fmt: skip
    await judge(run, kept, None)


async def _counted(url: str, file: Path, *, expected: int) -> None:
    content = file.read_bytes()  # noqa: ASYNC240 - nobody else waits here
    assert await copy_and_join(url, content) == expected
