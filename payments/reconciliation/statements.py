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
READ = STAGING.replace("statement_in", "statement_read").replace("rate_note text", "rate_note text, fault text")
MONEY = r"'^-?\d{1,12}\.\d{2}$'"

# A row that cannot be read, and why; the first reason counts. $1 merchant, $2 app, $3…$5 the days a row may be of.
READABLE = rf"""
INSERT INTO statement_read SELECT s.*,
  CASE WHEN s.at !~ '^\d{{4}}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$' OR left(s.at, 10) NOT IN ($3, $4, $5)
         THEN 'time'
       WHEN s.total !~ {MONEY} OR s.applied !~ {MONEY} OR s.refunded !~ {MONEY} OR s.settled !~ {MONEY}
         OR s.fee !~ '^-?\d{{1,9}}\.\d{{2,5}}$' THEN 'amount'
       WHEN s.number = '' OR s.transaction_id = '' OR length(s.number) > 64 OR length(s.transaction_id) > 64
         OR length(s.refund_number) > 64 THEN 'number'
       WHEN s.merchant <> $1 OR s.app <> $2 THEN 'merchant'
       WHEN s.currency <> 'CNY' THEN 'currency'
  END FROM statement_in s"""  # noqa: S608 - patterns of our own

TAKE = """
INSERT INTO payments_statement_row (statement_id, line, kind, at, number, transaction_id, refund_number, state,
  amount_fen, fee_millifen, rate, content)
SELECT $1::uuid, line, CASE WHEN refund_number IN ('', '0') THEN 'payment' ELSE 'refund' END,
  at::timestamp AT TIME ZONE 'Asia/Shanghai', number, transaction_id,
  CASE WHEN refund_number IN ('', '0') THEN '' ELSE refund_number END,
  left(CASE WHEN refund_number IN ('', '0') THEN state ELSE refund_state END, 32),
  (CASE WHEN refund_number IN ('', '0') THEN total ELSE applied END::numeric * 100)::bigint,
  (fee::numeric * 100000)::bigint, left(rate, 16), ''
FROM statement_read WHERE fault IS NULL
UNION ALL
SELECT $1::uuid, line, 'malformed', NULL, left(number, 64), left(transaction_id, 64), '', fault, 0, 0, '',
  left(concat_ws(',', at, merchant, number, transaction_id, currency, total, refunded), 500)
FROM statement_read WHERE fault IS NOT NULL"""

TOTALS = """
SELECT count(*) AS rows, count(fault) AS faulty, count(*) FILTER (WHERE fault = 'merchant') AS foreign_rows,
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN settled::numeric END), 0) AS settled,
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN refunded::numeric END), 0) AS refunded,
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN fee::numeric END), 0) AS fees,
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN total::numeric END), 0) AS total,
  coalesce(sum(CASE WHEN fault IS NULL OR fault IN ('merchant', 'currency') THEN applied::numeric END), 0) AS applied,
  count(*) FILTER (WHERE fault IN ('time', 'amount', 'number')) AS unreadable
FROM statement_read"""


async def load(statement: StatementFile, content: bytes) -> None:
    """Brings a kept statement into rows, once; in one transaction. Raises StatementRefused, then no row is there."""
    async with db.transaction():
        if await db.fetch_value("SELECT rows FROM payments_statement_file WHERE id = $1 FOR UPDATE", statement.id):
            return
        party, bill = channel_named(statement.channel), TradeBill()
        await db.execute(STAGING)
        await db.copy_in("statement_in", columns=COLUMNS, blocks=_blocks(bill, content))
        days = [(statement.day + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
        await db.execute(READ)
        await db.execute(READABLE, party.merchant, party.app, *days)
        await _refuse_wrong_totals(bill)
        await db.execute(TAKE, statement.id)
        await _set_aside(statement.id, bill)
        await db.execute("UPDATE payments_statement_file SET rows = $2 WHERE id = $1", statement.id, bill.rows)
    statement.rows = bill.rows


async def _blocks(bill: TradeBill, content: bytes) -> AsyncIterator[bytes]:
    for block in bill.read(uncompressed(content)):
        yield block


async def _refuse_wrong_totals(bill: TradeBill) -> None:
    """The summary must fit the rows; sums only when every row could be read. All rows of another merchant: not ours."""
    sums = (await db.fetch(TOTALS))[0]
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
    if any(said[name] != sums[name] for name in ("settled", "refunded", "total", "applied")):
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
