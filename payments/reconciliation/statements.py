"""
Statements: fetched, kept as they came, proven by their hash, and brought into rows by COPY.

A statement is refused as a whole when its hash, header, totals or merchant are not right; single rows that cannot be
read are set aside and the rest is taken.
"""

import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from asyncpg import Record

from kit import clock, db, storage
from kit.ids import new_id
from payments.channels import channel as channel_named
from payments.channels.base import StatementBytes, StatementRefused
from payments.channels.wechatpay_bill import COLUMNS, TradeBill
from payments.models import StatementFile

UNCOMPRESSED_CAP = 4 * 1024**3
CHUNK = 1024 * 1024


def uncompressed(content: bytes, *, cap: int = UNCOMPRESSED_CAP) -> Iterator[bytes]:
    """Chunks of the bill, whether or not it came as GZIP. Raises StatementRefused over `cap` bytes or when damaged."""
    if not content.startswith(b"\x1f\x8b"):
        yield from (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
        return
    inflater, size, pending = zlib.decompressobj(31), 0, content
    try:
        while pending and not inflater.eof:
            part = inflater.decompress(pending, CHUNK)
            pending, size = inflater.unconsumed_tail, size + len(part)
            if size > cap:
                raise StatementRefused("too_large")
            yield part
        yield inflater.flush()
    except zlib.error as error:
        raise StatementRefused("damaged") from error


async def fetch(channel: str, day: date) -> tuple[StatementFile, bytes]:
    """
    The day's trade bill: downloaded, proven and kept. The same file again is the same row.

    Raises: NoStatement, StatementNotReady, ChannelUnknown, StatementRefused.
    """
    came = await channel_named(channel).statement(day, kind="trade")
    sha1, size = _proven(came)
    name = f"statements/{channel}-{day:%Y%m%d}-trade-{sha1[:12]}"
    await storage.put(name, came.content)
    await db.execute(
        "INSERT INTO payments_statement_file (id, channel, day, kind, sha1, size, stored_as, fetched_at, totals) "
        "VALUES ($1,$2,$3,'trade',$4,$5,$6,$7,'{}') ON CONFLICT (channel, day, kind, sha1) DO NOTHING",
        new_id(), channel, day, sha1, size, name, clock.now(),
    )  # fmt: skip
    return await StatementFile.get(channel=channel, day=day, kind="trade", sha1=sha1), came.content


def _proven(came: StatementBytes) -> tuple[str, int]:
    """SHA-1 and size of the uncompressed bytes; the hash the channel gave covers those, never the compressed ones."""
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    for chunk in uncompressed(came.content):
        digest.update(chunk)
        size += len(chunk)
    if digest.hexdigest() != came.sha1:
        raise StatementRefused("hash")
    return digest.hexdigest(), size


STAGING = "CREATE TEMPORARY TABLE statement_in ({}) ON COMMIT DROP".format(
    ", ".join(f"{name} {'integer' if name == 'line' else 'text'}" for name in COLUMNS)
)

# A good row is known by its shape without digits; what looks otherwise (a negative amount, say) is read closely.
# $3…$5 are the days a row may be of.
TIME = """length(at) = 19 AND left(at, 10) IN ($3, $4, $5) AND substr(at, 12, 2) <= '23' AND substr(at, 15, 1) <= '5'
  AND substr(at, 18, 1) <= '5'"""
SHAPE = """translate(concat_ws(' ', at, settled, refunded, total, applied, fee), '0123456789', '') = '-- :: . . . . .'
  AND settled LIKE '_%.__' AND refunded LIKE '_%.__' AND total LIKE '_%.__' AND applied LIKE '_%.__'
  AND fee LIKE '_%._____' AND greatest(length(settled), length(refunded), length(total), length(applied)) <= 15
  AND length(fee) <= 15"""
CLOSELY = r"""concat_ws(' ', at, settled, refunded, total, applied, fee) ~
  '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (-?\d{1,12}\.\d\d ){4}-?\d{1,9}\.\d{2,5}$'"""

# Why a row cannot be taken. $1 merchant, $2 app.
FAULT = f"""CASE WHEN NOT ({TIME}) OR NOT (({SHAPE}) OR {CLOSELY}) THEN 'values'
  WHEN number = '' OR transaction_id = '' OR length(number) > 64 OR length(transaction_id) > 64
    OR length(refund_number) > 64 THEN 'number'
  WHEN merchant <> $1 OR app <> $2 THEN 'merchant'
  WHEN currency <> 'CNY' THEN 'currency' END"""

# Validated amounts have exactly two decimals: without the point they are fen.
TAKE = f"""
WITH read AS (SELECT line, at, number, transaction_id, refund_number, refund_state, state, settled, refunded, total,
  applied, fee, rate, merchant, currency, {FAULT} AS fault, refund_number NOT IN ('', '0') AS is_refund
  FROM statement_in),
taken AS (
  INSERT INTO payments_statement_row (statement_id, line, kind, at, number, transaction_id, refund_number, state,
    amount_fen, fee_millifen, rate, content)
  SELECT $6::uuid, line, CASE WHEN fault IS NOT NULL THEN 'malformed' WHEN is_refund THEN 'refund' ELSE 'payment' END,
    CASE WHEN fault IS NULL THEN at::timestamp AT TIME ZONE 'Asia/Shanghai' END, left(number, 64),
    left(transaction_id, 64), CASE WHEN is_refund THEN left(refund_number, 64) ELSE '' END,
    left(CASE WHEN fault IS NOT NULL THEN fault WHEN is_refund THEN refund_state ELSE state END, 32),
    CASE WHEN fault IS NULL THEN replace(CASE WHEN is_refund THEN applied ELSE total END, '.', '')::bigint ELSE 0 END,
    CASE WHEN fault IS NULL THEN (fee::numeric * 100000)::bigint ELSE 0 END, left(rate, 16),
    CASE WHEN fault IS NULL THEN '' ELSE
      left(concat_ws(',', at, merchant, number, transaction_id, currency, total, refunded), 500) END
  FROM read)
SELECT count(*) FILTER (WHERE fault = 'merchant') AS foreign_rows, count(*) AS rows,
  count(*) FILTER (WHERE fault IN ('values', 'number')) AS unreadable,
  {
    ", ".join(
        f"coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') "
        f"THEN replace({name}, '.', '')::bigint END), 0)::bigint AS {name}"
        for name in ("settled", "refunded", "total", "applied")
    )
},
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN fee::numeric END), 0) AS fees
FROM read"""  # noqa: S608 - patterns and column names of our own


async def load(statement: StatementFile, content: bytes) -> None:
    """Brings a kept statement into rows, once; in one transaction. Raises StatementRefused, then no row is there."""
    async with db.transaction():
        if await db.fetch_value("SELECT rows FROM payments_statement_file WHERE id = $1 FOR UPDATE", statement.id):
            return
        party, bill = channel_named(statement.channel), TradeBill()
        await db.execute("SELECT set_config('work_mem', '64MB', true)")
        await db.execute(STAGING)
        await db.copy_in("statement_in", columns=COLUMNS, blocks=_blocks(bill, content))
        days = [(statement.day + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
        sums = (await db.fetch(TAKE, party.merchant, party.app, *days, statement.id))[0]
        _refuse_wrong_totals(bill, sums)
        await _set_aside(statement.id, bill)
        await db.execute("UPDATE payments_statement_file SET rows = $2 WHERE id = $1", statement.id, bill.rows)
    statement.rows = bill.rows


async def _blocks(bill: TradeBill, content: bytes) -> AsyncIterator[bytes]:
    for block in bill.read(uncompressed(content)):
        yield block


def _refuse_wrong_totals(bill: TradeBill, sums: Record) -> None:
    """The summary must fit the rows; sums only when every row could be read. All rows of another merchant: not ours."""
    if sums["rows"] and sums["foreign_rows"] == sums["rows"]:
        raise StatementRefused("merchant")
    try:
        said = {name: Decimal(value) for name, value in bill.summary.items()}
    except InvalidOperation as error:
        raise StatementRefused("totals") from error
    if said["count"] != bill.rows:
        raise StatementRefused("totals")
    if bill.malformed or sums["unreadable"]:
        return
    if any(said[name] * 100 != sums[name] for name in ("settled", "refunded", "total", "applied")):
        raise StatementRefused("totals")
    if abs(said["fees"] - sums["fees"]) >= Decimal("0.01"):  # the summary prints fees with two decimals
        raise StatementRefused("totals")


async def _set_aside(statement: UUID, bill: TradeBill) -> None:
    for line, content in bill.malformed:
        await db.execute(
            "INSERT INTO payments_statement_row (statement_id, line, kind, number, transaction_id, refund_number, "
            "state, amount_fen, fee_millifen, rate, content) VALUES ($1,$2,'malformed','','','','columns',0,0,'',$3)",
            statement, line, content,
        )  # fmt: skip
