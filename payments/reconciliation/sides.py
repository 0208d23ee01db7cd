"""
The trade bill laid beside our books: one hash join, which lets everything pass that is right to the letter.

A row is right when it says, text for text, what our payment would print: numbers, amount, fee, state, day. Right rows
are counted by what they leave over, never looked at again and not kept. All others, and our payments without a row, go
into `odd`, are read closely there, and end in `bill_row` (typed) and `our_row`: the work of judging them is theirs
alone, whatever the day's size.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from asyncpg import Record

from kit import db
from payments.channels.base import BEIJING, StatementRefused
from payments.channels.bill import TRADE, UNREADABLE, BillReader

OURS = "payments_payment WHERE channel = $1 AND paid_at >= $2 AND paid_at < $3"
TABLES = (
    f"""CREATE TEMPORARY TABLE odd (place tid, {", ".join(f"{name} text" for name in TRADE)}, our_number text,
      our_transaction text, our_fen bigint) ON COMMIT DROP""",
    "CREATE TEMPORARY TABLE our_row (number text, transaction_id text, fen bigint) ON COMMIT DROP",
    """CREATE TEMPORARY TABLE bill_row (place tid, line integer, fault text, kind text, at timestamptz, number text,
      transaction_id text, refund_number text, state text, fen bigint, fee_millifen bigint, rate text, content text,
      settled bigint, refunded bigint, total bigint, applied bigint) ON COMMIT DROP""",
)


@dataclass(frozen=True)
class Plain:
    """What the rows that are right to the letter come to."""

    rows: int
    fen: int
    fees_fen: int


def span(day: date) -> tuple[datetime, datetime]:
    """First and after-last instant of the channels' day, 00:00–24:00 Beijing time."""
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return start, start + timedelta(days=1)


def agreed_rate(points: int) -> str:
    """Basis points as bills print them."""
    return f"{points // 100}.{points % 100:02d}%"


def _key(ends: str) -> str:
    """Payments meet by the channel's number, which is ours only once; refunds repeat it and meet by their own."""
    return f"CASE WHEN t.refund_number IN ('0{ends}', '{ends}') THEN t.transaction_id END"


def _as_it_came(ends: str) -> str:
    return ", ".join(f"rtrim(t.{name}, '{ends}')" if ends else f"t.{name}" for name in TRADE)


def _cents(*, decimals: int, ends: str) -> str:
    """What stands behind the yuan, by fen: looked up, because a million of them are printed."""
    texts = [f".{fen:02d}{'0' * (decimals - 2)}{ends}" for fen in range(100)]
    return f"ARRAY[{', '.join(repr(text) for text in texts)}]"


def _split(reader: BillReader, *, points: int) -> str:
    """
    $1 channel, $2 and $3 the day, $4 merchant and $5 app as they end in the file, $6 the day in words, $7 rate as it
    ends in the file. Readers hand on times that are times, or none: here they are only laid into the day.
    """
    ends, fee = reader.ends, f"((o.amount_fen * {points} + 5000) / 10000)"
    cents, fee_cents = _cents(decimals=2, ends=ends), _cents(decimals=reader.fee_decimals, ends=ends)
    return f"""
WITH set_apart AS (
  INSERT INTO odd
  SELECT t.ctid, {_as_it_came(ends)}, o.number, o.transaction_id, o.amount_fen
  FROM statement_in t FULL JOIN (SELECT number, transaction_id, amount_fen FROM {OURS}) o
    ON (o.transaction_id || '{ends}') = ({_key(ends)})
  WHERE (t.number = o.number || '{ends}' AND t.merchant = $4 AND t.app = $5 AND t.state = 'SUCCESS{ends}'
    AND t.currency = 'CNY{ends}' AND t.refunded = '0.00{ends}' AND t.applied = '0.00{ends}' AND t.rate IN ($7, '{ends}')
    AND t.total = (o.amount_fen / 100)::text || ({cents})[o.amount_fen % 100 + 1] AND t.settled = t.total
    AND t.fee = ({fee} / 100)::text || ({fee_cents})[{fee} % 100 + 1]
    AND t.at COLLATE "C" BETWEEN $6 || ' 00:00:00{ends}' AND $6 || ' 23:59:59{ends}') IS NOT TRUE
  RETURNING 1)
SELECT count(*) AS many, coalesce(sum(amount_fen), 0)::bigint AS fen,
  coalesce(sum((amount_fen * {points} + 5000) / 10000), 0)::bigint AS fees_fen
FROM {OURS}"""  # noqa: S608 - column names and numbers of our own


def _duplicates(ends: str) -> str:
    """The further rows of payments that have several: they belong to nobody of `our_row`. Only made when there are."""
    return f"""
INSERT INTO odd
SELECT t.ctid, {_as_it_came(ends)}, o.number, o.transaction_id, o.amount_fen
FROM statement_in t JOIN (SELECT number, transaction_id, amount_fen FROM {OURS}) o
  ON (o.transaction_id || '{ends}') = ({_key(ends)})
WHERE t.transaction_id IN (SELECT {_key(ends)} FROM statement_in t GROUP BY 1 HAVING count(*) > 1)
  AND NOT EXISTS (SELECT 1 FROM odd WHERE odd.place = t.ctid)"""  # noqa: S608


LEFT_OVER = """
SELECT count(place) AS rows, count(*) FILTER (WHERE place IS NOT NULL AND our_transaction IS NOT NULL) AS joined,
  count(DISTINCT our_transaction) FILTER (WHERE place IS NULL) AS ours_alone FROM odd"""
OUR_ROWS = "INSERT INTO our_row SELECT DISTINCT our_number, our_transaction, our_fen FROM odd WHERE our_fen IS NOT NULL"

# What a readable row looks like. $3…$5 are the days a row may be of.
TIME = """length(at) = 19 AND left(at, 10) IN ($3, $4, $5) AND substr(at, 12, 2) <= '23' AND substr(at, 15, 1) <= '5'
  AND substr(at, 18, 1) <= '5'"""
VALUES = r"""concat_ws(' ', at, settled, refunded, total, applied, fee) ~
  '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (-?\d{1,12}\.\d\d ){4}-?\d{1,9}\.\d{2,5}$'"""
# Why a row cannot be taken. $1 merchant, $2 app.
FAULT = f"""CASE WHEN at = '{UNREADABLE}' THEN 'columns' WHEN NOT ({TIME}) OR NOT ({VALUES}) THEN 'values'
  WHEN number = '' OR transaction_id = '' OR length(number) > 64 OR length(transaction_id) > 64
    OR length(refund_number) > 64 THEN 'number'
  WHEN merchant <> $1 OR app <> $2 THEN 'merchant'
  WHEN currency <> 'CNY' THEN 'currency' END"""


def _fen(name: str) -> str:
    """Validated amounts have exactly two decimals: without the point they are fen."""
    return f"CASE WHEN read THEN replace({name}, '.', '')::bigint END"


TAKE = f"""
INSERT INTO bill_row
WITH judged AS (SELECT *, {FAULT} AS fault, refund_number NOT IN ('', '0') AS is_refund
  FROM odd WHERE place IS NOT NULL),
known AS (SELECT *, fault IS NULL OR fault IN ('merchant', 'currency') AS read FROM judged)
SELECT place, 0, fault, CASE WHEN fault IS NOT NULL THEN 'malformed' WHEN is_refund THEN 'refund' ELSE 'payment' END,
  CASE WHEN fault IS NULL THEN at::timestamp AT TIME ZONE 'Asia/Shanghai' END, left(number, 64),
  left(transaction_id, 64), CASE WHEN is_refund THEN left(refund_number, 64) ELSE '' END,
  left(CASE WHEN fault IS NOT NULL THEN fault WHEN is_refund THEN refund_state ELSE state END, 32),
  CASE WHEN fault IS NULL THEN replace(CASE WHEN is_refund THEN applied ELSE total END, '.', '')::bigint ELSE 0 END,
  CASE WHEN read THEN (fee::numeric * 100000)::bigint ELSE 0 END, left(rate, 16),
  CASE WHEN fault IS NULL THEN '' WHEN fault = 'columns' THEN left(raw, 500) ELSE
    left(concat_ws(',', at, merchant, number, transaction_id, currency, total, refunded), 500) END,
  {_fen("settled")}, {_fen("refunded")}, {_fen("total")}, {_fen("applied")}
FROM known"""  # noqa: S608 - patterns and column names of our own

LINES = """
UPDATE bill_row b SET line = n.line
FROM (SELECT ctid AS place, row_number() OVER () + 1 AS line FROM statement_in) n
WHERE n.place = b.place AND b.fault IS NOT NULL"""

SUMS = """
SELECT count(*) FILTER (WHERE fault = 'merchant') AS foreign_rows, count(*) AS rows, count(*) - count(total) AS unread,
  coalesce(sum(settled), 0)::bigint AS settled, coalesce(sum(refunded), 0)::bigint AS refunded,
  coalesce(sum(total), 0)::bigint AS total, coalesce(sum(applied), 0)::bigint AS applied,
  coalesce(sum(fee_millifen), 0)::bigint AS fees FROM bill_row"""

# The rows that are not simply right stay, for the days beside this one and for whoever asks.
KEEP = """
WITH gone AS (DELETE FROM payments_statement_row WHERE statement_id = $1)
INSERT INTO payments_statement_row (statement_id, line, kind, at, number, transaction_id, refund_number, state,
  amount_fen, fee_millifen, rate, content)
SELECT $1, line, kind, at, number, transaction_id, refund_number, state, fen, fee_millifen, rate, content
FROM bill_row ORDER BY place"""


async def lay_out(reader: BillReader, *, channel: str, day: date, merchant: str, app: str, points: int) -> Plain:
    """
    Splits the bill in `statement_in` and the day's payments into what is right and what is odd, and checks the totals.

    Raises: StatementRefused when the summary does not fit the rows, or all of them are of another merchant.
    """
    for table in TABLES:
        await db.execute(table)
    await db.work("ANALYZE statement_in (transaction_id)")  # how many rows, or PostgreSQL may hash the wrong side
    start, end = span(day)
    said = [f"{value}{reader.ends}" for value in (merchant, app)]
    values = (channel, start, end, *said, day.isoformat(), f"{agreed_rate(points)}{reader.ends}")
    (ours,) = await db.work(_split(reader, points=points), *values)
    (over,) = await db.fetch(LEFT_OVER)
    with_ours = reader.rows - over["rows"] + over["joined"]
    if with_ours != ours["many"] - over["ours_alone"]:
        await db.work(_duplicates(reader.ends), channel, start, end)
    await db.work(OUR_ROWS)
    days = [(day + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
    await db.work(TAKE, merchant, app, *days)
    if await db.fetch_value("SELECT 1 FROM bill_row WHERE fault IS NOT NULL LIMIT 1"):
        await db.work(LINES)
    (sums,) = await db.fetch(SUMS)
    plain = await _plain(reader, ours, rows=sums["rows"], points=points)
    _refuse_wrong_totals(reader, sums, plain)
    return plain


async def _plain(reader: BillReader, ours: Record, *, rows: int, points: int) -> Plain:
    """What is not odd on either side is the same rows: counted from both, they must come to the same."""
    (odd,) = await db.fetch(
        "SELECT count(*) AS many, coalesce(sum(fen), 0)::bigint AS fen, "
        "coalesce(sum((fen * $1::bigint + 5000) / 10000), 0)::bigint AS fees_fen FROM our_row", points,
    )  # fmt: skip
    plain = Plain(reader.rows - rows, ours["fen"] - odd["fen"], ours["fees_fen"] - odd["fees_fen"])
    assert plain.rows == ours["many"] - odd["many"], "a row is right by exactly one payment"
    return plain


def _refuse_wrong_totals(reader: BillReader, sums: Record, plain: Plain) -> None:
    """The summary must fit the rows; sums only when every row could be read. All rows of another merchant: not ours."""
    if sums["rows"] and sums["foreign_rows"] == reader.rows:
        raise StatementRefused("merchant")
    try:
        said = {name: Decimal(value) for name, value in reader.summary.items()}
    except InvalidOperation as error:
        raise StatementRefused("totals") from error
    if said.get("count", Decimal(reader.rows)) != reader.rows:
        raise StatementRefused("totals")
    if sums["unread"]:
        return
    found = {name: sums[name] for name in ("settled", "refunded", "total", "applied")}
    found |= {"settled": found["settled"] + plain.fen, "total": found["total"] + plain.fen}
    if any(said[name] * 100 != fen for name, fen in found.items() if name in said):
        raise StatementRefused("totals")
    fees = Decimal(sums["fees"] + plain.fees_fen * 1000).scaleb(-5)
    if "fees" in said and abs(said["fees"] - fees) >= Decimal("0.01"):  # the summary prints fees with two decimals
        raise StatementRefused("totals")


async def keep_odd_rows(statement: UUID) -> None:
    await db.work(KEEP, statement)
