"""
A channel's bill against our books of the same day, row by row, by PostgreSQL.

Days are the channel's: 00:00–24:00 Beijing time, payments by the channel's success time, refunds by its acceptance
time. What is on one side only is looked for on other days before it counts as missing.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from kit import clock, db
from payments.channels import channel as channel_named
from payments.channels.base import BEIJING
from payments.models import StatementFile

FOUND = """
CREATE TEMPORARY TABLE difference_found (kind text, reference text, number text, transaction_id text, ours_fen bigint,
  theirs_fen bigint, ours text, theirs text, waits boolean) ON COMMIT DROP"""

SIDES_TABLE = """
CREATE TEMPORARY TABLE side_by_side (number text, transaction_id text, ours_fen bigint, theirs_fen bigint, times bigint,
  state text, fee_millifen bigint, rate text, here boolean, there boolean, other_day boolean) ON COMMIT DROP"""

SIDES = """
INSERT INTO side_by_side
WITH theirs AS (
  SELECT number, transaction_id, min(line) AS line, count(*) AS times, min(at) AS at, min(state) AS state,
    min(amount_fen) AS fen, min(fee_millifen) AS fee_millifen, min(rate) AS rate
  FROM payments_statement_row WHERE statement_id = $1 AND kind = 'payment' GROUP BY number, transaction_id),
ours AS (
  SELECT number, transaction_id, amount_fen AS fen, outcome FROM payments_payment
  WHERE channel = $2 AND paid_at >= $3 AND paid_at < $4)
SELECT coalesce(o.number, t.number) AS number, coalesce(o.transaction_id, t.transaction_id) AS transaction_id,
  o.fen AS ours_fen, t.fen AS theirs_fen, t.times, t.state, t.fee_millifen, t.rate,
  o.number IS NOT NULL AS here, t.number IS NOT NULL AS there,
  t.at < $3 OR t.at >= $4 AS other_day
FROM ours o FULL JOIN theirs t ON o.number = t.number AND o.transaction_id = t.transaction_id"""

PAYMENTS = """
INSERT INTO difference_found
WITH set_aside AS MATERIALIZED (
  SELECT number, content FROM payments_statement_row WHERE statement_id = $3 AND kind = 'malformed'),
neighbours AS (
  SELECT r.number, r.transaction_id, min(f.day)::text AS day
  FROM payments_statement_file f JOIN payments_statement_row r ON r.statement_id = f.id AND r.kind = 'payment'
  WHERE f.channel = $1 AND f.day IN ($2::date - 1, $2::date + 1) GROUP BY r.number, r.transaction_id)
SELECT CASE WHEN elsewhere.paid_at IS NOT NULL THEN 'cross_day' ELSE 'missing_here' END,
  s.number || ':' || s.transaction_id, s.number, s.transaction_id, elsewhere.amount_fen, s.theirs_fen,
  coalesce(to_char(elsewhere.paid_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), orders.state, ''), s.state, false
FROM side_by_side s
LEFT JOIN payments_payment elsewhere ON elsewhere.channel = $1 AND elsewhere.transaction_id = s.transaction_id
LEFT JOIN payments_order orders ON orders.number = s.number
WHERE NOT s.here
UNION ALL
SELECT CASE WHEN row.day IS NOT NULL THEN 'cross_day' ELSE 'missing_there' END,
  s.number || ':' || s.transaction_id, s.number, s.transaction_id, s.ours_fen, NULL, 'paid', coalesce(row.day, ''), true
FROM side_by_side s
LEFT JOIN neighbours row ON row.number = s.number AND row.transaction_id = s.transaction_id
WHERE NOT s.there
  AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.number = s.number OR strpos(a.content, s.number) > 0)
UNION ALL
SELECT 'cross_day', s.number || ':' || s.transaction_id, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, '', '',
  false FROM side_by_side s WHERE s.here AND s.there AND s.other_day
UNION ALL
SELECT 'amount', s.number || ':' || s.transaction_id, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, '', '',
  false FROM side_by_side s WHERE s.here AND s.there AND s.ours_fen <> s.theirs_fen
UNION ALL
SELECT 'state', s.number || ':' || s.transaction_id, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, 'paid',
  s.state, false FROM side_by_side s WHERE s.here AND s.there AND s.state <> 'SUCCESS'
UNION ALL
SELECT 'duplicate', s.number || ':' || s.transaction_id, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, '1',
  s.times::text, false FROM side_by_side s WHERE s.times > 1"""

# The agreed fee is basis points of the amount, rounded half up to the fen; refunds give it back.
FEES = """
INSERT INTO difference_found
SELECT 'fee', r.number || ':' || coalesce(nullif(r.refund_number, ''), r.transaction_id), r.number, r.transaction_id,
  agreed.fen, r.fee_millifen / 1000, $3::text, r.rate, false
FROM payments_statement_row r,
LATERAL (SELECT CASE WHEN r.kind = 'refund' THEN -1 ELSE 1 END * ((r.amount_fen * $2::bigint + 5000) / 10000) AS fen)
  agreed
WHERE r.statement_id = $1 AND r.kind <> 'malformed'
  AND (r.fee_millifen <> agreed.fen * 1000 OR r.rate NOT IN ($3::text, ''))
  AND NOT EXISTS (SELECT 1 FROM difference_found f WHERE
    (f.kind = 'amount' AND r.kind = 'payment' AND f.number = r.number)
    OR (f.kind = 'refund_amount' AND f.reference = r.refund_number))"""

REFUNDS = """
INSERT INTO difference_found
WITH neighbours AS (
  SELECT r.refund_number, min(f.day)::text AS day
  FROM payments_statement_file f JOIN payments_statement_row r ON r.statement_id = f.id AND r.kind = 'refund'
  WHERE f.channel = $2 AND f.day IN ($5::date - 1, $5::date + 1) GROUP BY r.refund_number),
theirs AS (
  SELECT refund_number, min(number) AS number, min(transaction_id) AS transaction_id, count(*) AS times,
    min(amount_fen) AS fen, min(state) AS state
  FROM payments_statement_row WHERE statement_id = $1 AND kind = 'refund' GROUP BY refund_number),
ours AS (
  SELECT r.number AS refund_number, p.number, p.transaction_id, r.amount_fen AS fen, r.accepted_at, r.state
  FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id WHERE p.channel = $2),
today AS (SELECT * FROM ours WHERE accepted_at >= $3 AND accepted_at < $4 AND state <> 'closed'),
sides AS (
  SELECT coalesce(o.refund_number, t.refund_number) AS refund_number, coalesce(o.number, t.number) AS number,
    coalesce(o.transaction_id, t.transaction_id) AS transaction_id, o.fen AS ours_fen, t.fen AS theirs_fen, t.times,
    o.refund_number IS NOT NULL AS here, t.refund_number IS NOT NULL AS there, t.state
  FROM today o FULL JOIN theirs t ON o.refund_number = t.refund_number)
SELECT CASE WHEN elsewhere.accepted_at IS NOT NULL THEN 'cross_day' ELSE 'refund_missing' END, s.refund_number,
  s.number, s.transaction_id, elsewhere.fen, s.theirs_fen, coalesce(elsewhere.state, ''), s.state, false
FROM sides s LEFT JOIN ours elsewhere ON elsewhere.refund_number = s.refund_number WHERE NOT s.here
UNION ALL
SELECT CASE WHEN row.day IS NOT NULL THEN 'cross_day' ELSE 'refund_missing' END, s.refund_number, s.number,
  s.transaction_id, s.ours_fen, NULL, 'refunded', coalesce(row.day, ''), true
FROM sides s
LEFT JOIN neighbours row ON row.refund_number = s.refund_number
WHERE NOT s.there
UNION ALL
SELECT 'refund_amount', s.refund_number, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, '', '', false
FROM sides s WHERE s.here AND s.there AND s.ours_fen <> s.theirs_fen
UNION ALL
SELECT 'duplicate', s.refund_number, s.number, s.transaction_id, s.ours_fen, s.theirs_fen, '1', s.times::text, false
FROM sides s WHERE s.times > 1"""

MALFORMED = """
INSERT INTO difference_found
SELECT 'malformed', 'line:' || line, number, transaction_id, NULL, NULL, '', state, false
FROM payments_statement_row WHERE statement_id = $1 AND kind = 'malformed'"""

# A difference found again is the same row; what people or later days explained stays explained.
KEEP = """
INSERT INTO payments_difference (id, run_id, kind, reference, number, transaction_id, ours_fen, theirs_fen, ours,
  theirs, expected_by, state, found_at)
SELECT gen_random_uuid(), $1, kind, reference, min(number), min(transaction_id), min(ours_fen), min(theirs_fen),
  min(ours), min(theirs), CASE WHEN bool_or(waits) THEN $2::date END, 'open', $3
FROM difference_found GROUP BY kind, reference
ON CONFLICT (run_id, kind, reference) DO UPDATE SET ours_fen = excluded.ours_fen, theirs_fen = excluded.theirs_fen,
  ours = excluded.ours, theirs = excluded.theirs, settled_at = NULL,
  state = CASE payments_difference.state WHEN 'healed' THEN 'open' ELSE payments_difference.state END"""

HEAL = """
UPDATE payments_difference d SET state = 'healed', settled_at = $2 WHERE d.run_id = $1 AND d.state = 'open'
AND NOT EXISTS (SELECT 1 FROM difference_found f WHERE f.kind = d.kind AND f.reference = d.reference)"""

COUNTS = """
SELECT count(*) FILTER (WHERE here) AS orders_count, coalesce(sum(ours_fen), 0)::bigint AS orders_fen,
  coalesce(sum(times), 0)::bigint AS bill_count, coalesce(sum(theirs_fen * times), 0)::bigint AS bill_fen,
  coalesce(sum(fee_millifen * times) / 1000, 0)::bigint AS fees,
  count(*) FILTER (WHERE here AND there AND ours_fen = theirs_fen AND state = 'SUCCESS') AS matched
FROM side_by_side"""


def span(day: date) -> tuple[datetime, datetime]:
    """First and after-last instant of the channel's day."""
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return start, start + timedelta(days=1)


async def compare(run: UUID, statement: StatementFile) -> tuple[dict[str, int], int]:
    """
    Finds and keeps every difference of the day, in one transaction that the run's lock orders.

    Answers the totals of both sides and how many payments match. Comparing again changes nothing.
    """
    start, end = span(statement.day)
    points = channel_named(statement.channel).fee_basis_points
    async with db.transaction():
        await db.execute("SELECT set_config('work_mem', '64MB', true)")
        await db.execute("SELECT 1 FROM payments_reconciliation_run WHERE id = $1 FOR UPDATE", run)
        await db.execute(FOUND)
        await db.execute(SIDES_TABLE)
        await db.execute(SIDES, statement.id, statement.channel, start, end)
        await db.execute(PAYMENTS, statement.channel, statement.day, statement.id)
        await db.execute(REFUNDS, statement.id, statement.channel, start, end, statement.day)
        await db.execute(FEES, statement.id, points, f"{points // 100}.{points % 100:02d}%")
        await db.execute(MALFORMED, statement.id)
        await db.execute(KEEP, run, statement.day + timedelta(days=1), clock.now())
        await db.execute(HEAL, run, clock.now())
        counts = dict((await db.fetch(COUNTS))[0])
    matched = counts.pop("matched")
    return counts, matched
