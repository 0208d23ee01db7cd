"""
The third side: did the money move as the trade bill says? Row by row, so that errors which cancel out are found too.
What the first two sides already disagree about is one difference, and is told what moved; it is not found twice.

A payment of the trade bill must have come in, its fee gone out; a refund must have gone out, its fee come back. What
moves on another day than its row is looked for beside this one. And every balance must be the last one and its
movement.
"""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from kit import db
from payments.channels.base import StatementRefused
from payments.channels.bill import UNREADABLE, BillReader

TABLES = (
    """CREATE TEMPORARY TABLE movement (place bigint, what text, key text, number text, business text, fen bigint,
      balance_fen bigint, at timestamptz, fault boolean, content text) ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE owed (what text, key text, number text, transaction_id text, fen bigint)
      ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE moved (what text, key text, number text, transaction_id text, owed_fen bigint,
      fen bigint) ON COMMIT DROP""",
)

READABLE = r"""length(at) = 19 AND left(at, 10) IN ($1, $2, $3)
  AND concat_ws(' ', at, amount) ~ '^\d{4}-\d\d-\d\d [012]\d:[0-5]\d:[0-5]\d -?\d{1,12}\.\d\d$'
  AND (balance = '' OR balance ~ '^-?\d{1,14}\.\d\d$')"""

# Payments and their fees meet by the channel's number, refunds and what comes back with them by ours.
MOVEMENTS = f"""
INSERT INTO movement
SELECT row_number() OVER () + 1, what, CASE WHEN what IN ('refund', 'fee_back') THEN number ELSE business END, number,
  business, CASE WHEN fine THEN replace(amount, '.', '')::bigint END,
  CASE WHEN fine AND balance <> '' THEN replace(balance, '.', '')::bigint END,
  CASE WHEN fine THEN at::timestamp AT TIME ZONE 'Asia/Shanghai' END, NOT fine,
  CASE WHEN fine THEN '' WHEN at = '{UNREADABLE}' THEN raw ELSE left(concat_ws(',', at, business, amount), 500) END
FROM (SELECT *, at <> '{UNREADABLE}' AND {READABLE} AS fine FROM fund_in) read"""  # noqa: S608

READ_TRADE = r"concat_ws(' ', settled, refunded, fee) ~ '^(-?\d{1,12}\.\d\d ){2}-?\d{1,9}\.\d{2,5}$'"


def _owed(ends: str) -> str:
    """What the trade bill says must have moved; rows that were set aside say nothing."""
    bare = ", ".join(
        f"rtrim({name}, '{ends}') AS {name}" if ends else name
        for name in ("transaction_id", "number", "refund_number", "settled", "refunded", "fee")
    )
    return f"""
INSERT INTO owed
WITH row AS (SELECT DISTINCT {bare} FROM statement_in t
  WHERE NOT EXISTS (SELECT 1 FROM bill_row b WHERE b.place = t.ctid AND b.kind = 'malformed')),
read AS (SELECT *, refund_number NOT IN ('', '0') AS is_refund FROM row WHERE {READ_TRADE})
SELECT what, key, number, transaction_id, fen FROM read, LATERAL (VALUES
  (CASE WHEN is_refund THEN 'refund' ELSE 'payment' END, CASE WHEN is_refund THEN refund_number ELSE transaction_id END,
   CASE WHEN is_refund THEN -replace(refunded, '.', '')::bigint ELSE replace(settled, '.', '')::bigint END),
  (CASE WHEN is_refund THEN 'fee_back' ELSE 'fee' END, CASE WHEN is_refund THEN refund_number ELSE transaction_id END,
   -round(fee::numeric * 100)::bigint)) money (what, key, fen)
WHERE fen <> 0"""  # noqa: S608


# Alipay's account does not name the refund, only the trade it is of: then all refunds of a trade meet as one sum.
BY_TRADE = (
    """UPDATE movement m SET key = business WHERE what IN ('refund', 'fee_back')
  AND NOT EXISTS (SELECT 1 FROM owed o WHERE o.what = m.what AND o.key = m.number)
  AND EXISTS (SELECT 1 FROM owed o WHERE o.what = m.what AND o.transaction_id = m.business)""",
    """UPDATE owed o SET key = transaction_id WHERE what IN ('refund', 'fee_back')
  AND NOT EXISTS (SELECT 1 FROM movement m WHERE m.what = o.what AND m.key = o.key)
  AND EXISTS (SELECT 1 FROM movement m WHERE m.what = o.what AND m.key = o.transaction_id)""",
)

MOVED = """
INSERT INTO moved
WITH happened AS (
  SELECT what, key, min(number COLLATE "C") AS number, sum(fen)::bigint AS fen FROM movement
  WHERE what <> 'other' AND NOT fault GROUP BY what, key),
said AS (
  SELECT what, key, min(number COLLATE "C") AS number, min(transaction_id COLLATE "C") AS transaction_id,
    sum(fen)::bigint AS fen FROM owed GROUP BY what, key)
SELECT coalesce(o.what, m.what), coalesce(o.key, m.key), coalesce(o.number, m.number), coalesce(o.transaction_id, ''),
  o.fen, m.fen
FROM said o FULL JOIN happened m ON o.what = m.what AND o.key = m.key
WHERE (o.fen = m.fen) IS NOT TRUE"""

# A difference of payments and refunds ends in the number its money moves under.
TOLD = """
UPDATE difference_found d SET fund_fen = coalesce((
  SELECT sum(fen) FROM movement m WHERE NOT m.fault
    AND CASE WHEN d.kind = 'fee' THEN m.what IN ('fee', 'fee_back')
      WHEN strpos(d.reference, ':') > 0 THEN m.what = 'payment' ELSE m.what = 'refund' END
    AND m.key = CASE WHEN strpos(d.reference, ':') > 0 THEN split_part(d.reference, ':', 2) ELSE d.reference END), 0)
WHERE d.reference NOT LIKE 'line:%'"""
FORGET = """
DELETE FROM moved m WHERE EXISTS (
  SELECT 1 FROM difference_found d
  WHERE m.key = CASE WHEN strpos(d.reference, ':') > 0 THEN split_part(d.reference, ':', 2) ELSE d.reference END)"""

DIFFERENCES = """
INSERT INTO difference_found
SELECT CASE WHEN n.day IS NOT NULL THEN 'cross_day' ELSE 'fund_missing' END, 'fund:' || m.what || ':' || m.key,
  m.number, m.transaction_id, m.owed_fen, NULL, m.what, coalesce(n.day, ''), true
FROM moved m LEFT JOIN (SELECT state, number, min(day) AS day FROM neighbour WHERE kind = 'movement' GROUP BY 1, 2) n
  ON n.state = m.what AND n.number = m.key
WHERE m.fen IS NULL
UNION ALL
SELECT CASE WHEN n.day IS NOT NULL THEN 'cross_day' ELSE 'fund_unknown' END, 'fund:' || m.what || ':' || m.key,
  left(m.number, 64), CASE WHEN m.what IN ('payment', 'fee') THEN left(m.key, 64) ELSE '' END, NULL, m.fen,
  coalesce(n.day, ''), m.what, false
FROM moved m
LEFT JOIN (
  SELECT kind, CASE kind WHEN 'refund' THEN refund_number ELSE transaction_id END AS key, min(day) AS day
  FROM neighbour WHERE kind IN ('refund', 'payment') GROUP BY 1, 2) n
  ON n.key = m.key AND n.kind = CASE WHEN m.what IN ('refund', 'fee_back') THEN 'refund' ELSE 'payment' END
WHERE m.owed_fen IS NULL
  AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.word = m.key)
  AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.word = m.number)
UNION ALL
SELECT 'fund_amount', 'fund:' || what || ':' || key, number, transaction_id, owed_fen, fen, what, '', false
FROM moved WHERE owed_fen <> fen
UNION ALL
SELECT 'malformed', 'fund:line:' || place, '', '', NULL, NULL, '', 'values', false FROM movement WHERE fault
UNION ALL
SELECT 'fund_balance', 'fund:line:' || place, '', '', was + fen, balance_fen, what, '', false
FROM (SELECT *, lag(balance_fen) OVER (ORDER BY place) AS was FROM movement WHERE NOT fault) chain
WHERE was + fen <> balance_fen"""

# Where yesterday's account ended, today's begins. $1 channel, $2 the day.
OPENING = """
INSERT INTO difference_found
SELECT 'fund_balance', 'fund:opening', '', '', (f.totals->>'closing_fen')::bigint, first.balance_fen - first.fen,
  '', '', false
FROM payments_reconciliation_run r JOIN payments_statement_file f ON f.id = r.fund_statement_id,
LATERAL (SELECT * FROM movement WHERE NOT fault ORDER BY place LIMIT 1) first
WHERE r.channel = $1 AND r.day = $2::date - 1 AND (f.totals->>'closing_fen')::bigint <> first.balance_fen - first.fen"""

SUMS = """
SELECT count(*) AS fund_rows, coalesce(sum(fen) FILTER (WHERE fen > 0), 0)::bigint AS fund_in_fen,
  coalesce(-sum(fen) FILTER (WHERE fen < 0), 0)::bigint AS fund_out_fen,
  coalesce(sum(fen) FILTER (WHERE what = 'payment'), 0)::bigint AS fund_payments_fen,
  coalesce(-sum(fen) FILTER (WHERE what = 'refund'), 0)::bigint AS fund_refunds_fen,
  coalesce(-sum(fen) FILTER (WHERE what IN ('fee', 'fee_back')), 0)::bigint AS fund_fees_fen
FROM movement"""
CLOSING = "SELECT balance_fen FROM movement WHERE NOT fault ORDER BY place DESC LIMIT 1"

KEEP = """
WITH gone AS (DELETE FROM payments_statement_row WHERE statement_id = $1)
INSERT INTO payments_statement_row (statement_id, line, kind, at, number, transaction_id, refund_number, state,
  amount_fen, fee_millifen, rate, content)
SELECT $1, m.place, 'movement', m.at, left(m.key, 64), left(m.business, 64), '', left(m.what, 32), m.fen, 0, '', ''
FROM movement m JOIN moved USING (what, key) WHERE moved.owed_fen IS NULL ORDER BY m.place"""


async def find(reader: BillReader, *, channel: str, day: date, ends: str) -> dict[str, int]:
    """
    Differences between `statement_in` (its values end in `ends`) and `fund_in`, into `difference_found`; the totals.

    Raises: StatementRefused when the summary of the fund bill does not fit its rows.
    """
    for table in TABLES:
        await db.execute(table)
    days = [(day + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
    await db.work(MOVEMENTS, *days)
    totals = dict((await db.fetch(SUMS))[0])
    await _refuse_wrong_totals(reader, totals)
    await db.work(_owed(ends))
    await db.work("ANALYZE owed, movement")
    for meeting in BY_TRADE:
        await db.work(meeting)
    await db.work(MOVED)
    await db.work("CREATE INDEX ON movement (key)")
    await db.work("ANALYZE moved, movement, difference_found")
    await db.work(TOLD)
    await db.work(FORGET)
    await db.work(DIFFERENCES)
    await db.work(OPENING, channel, day)
    return totals


async def _refuse_wrong_totals(reader: BillReader, totals: dict[str, int]) -> None:
    try:
        said = {name: Decimal(value) for name, value in reader.summary.items()}
    except InvalidOperation as error:
        raise StatementRefused("totals") from error
    found = {"count": reader.rows}
    if not await db.fetch_value("SELECT 1 FROM movement WHERE fault LIMIT 1"):
        found |= {"income": totals["fund_in_fen"], "expense": totals["fund_out_fen"]}
    if any(said[name] * (1 if name == "count" else 100) != value for name, value in found.items() if name in said):
        raise StatementRefused("totals")


async def keep(statement: UUID) -> None:
    """The movements nobody could explain today, and where the account ended."""
    await db.work(KEEP, statement)
    closing = await db.fetch_value(CLOSING)
    if closing is not None:
        await db.execute(
            "UPDATE payments_statement_file SET totals = jsonb_build_object('closing_fen', $2::bigint) WHERE id = $1",
            statement, closing,
        )  # fmt: skip
