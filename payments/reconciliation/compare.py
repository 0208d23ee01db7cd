"""
What the odd rows are: every difference of the day gets its class, and is kept as the one row it always was.

What is on one side only is looked for on other days before it counts as missing. Payments are of the day of the
channel's success time, refunds of its acceptance time.
"""

from datetime import date, timedelta
from uuid import UUID

from kit import clock, db
from payments.reconciliation.sides import agreed_rate, span

__all__ = ["DIGEST", "count", "find", "keep", "span"]

TABLES = (
    """CREATE TEMPORARY TABLE difference_found (kind text, reference text, number text, transaction_id text,
      ours_fen bigint, theirs_fen bigint, ours text, theirs text, waits boolean, fund_fen bigint) ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE side_by_side (number text, transaction_id text, ours_fen bigint, theirs_fen bigint,
      times bigint, state text, fee_millifen bigint, here boolean, there boolean, other_day boolean) ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE neighbour (number text, transaction_id text, refund_number text, kind text, state text,
      amount_fen bigint, day text) ON COMMIT DROP""",
    "CREATE TEMPORARY TABLE set_aside (word text) ON COMMIT DROP",
)

# What the bills of the days beside this one hold and could not be matched there. $1 channel, $2 the day.
NEIGHBOURS = """
INSERT INTO neighbour
SELECT r.number, r.transaction_id, r.refund_number, r.kind, r.state, r.amount_fen, f.day::text
FROM payments_statement_file f JOIN payments_statement_row r ON r.statement_id = f.id AND r.kind <> 'malformed'
JOIN payments_reconciliation_run run ON run.channel = f.channel AND run.day = f.day
WHERE f.channel = $1 AND f.day IN ($2::date - 1, $2::date + 1) AND f.id IN (run.statement_id, run.fund_statement_id)"""

# Numbers named in rows that could not be taken: who is in there is not missing.
SET_ASIDE = """
INSERT INTO set_aside
SELECT number FROM bill_row WHERE kind = 'malformed' AND number <> ''
UNION SELECT transaction_id FROM bill_row WHERE kind = 'malformed' AND transaction_id <> ''
UNION SELECT refund_number FROM bill_row WHERE kind = 'malformed' AND refund_number <> ''
UNION SELECT word FROM bill_row, regexp_split_to_table(content, '[`,\\s]+') word
  WHERE kind = 'malformed' AND length(word) >= 6"""

SIDES = """
INSERT INTO side_by_side
WITH theirs AS (
  SELECT number, transaction_id, count(*) AS times, min(at) AS at, min(state COLLATE "C") AS state, min(fen) AS fen,
    min(fee_millifen) AS fee_millifen
  FROM bill_row WHERE kind = 'payment' GROUP BY number, transaction_id)
SELECT coalesce(o.number, t.number), coalesce(o.transaction_id, t.transaction_id), o.fen, t.fen, t.times, t.state,
  t.fee_millifen, o.number IS NOT NULL, t.number IS NOT NULL, t.at < $1 OR t.at >= $2
FROM our_row o FULL JOIN theirs t ON o.number = t.number AND o.transaction_id = t.transaction_id"""

# $1 channel, $2 and $3 the day.
PAYMENTS = """
INSERT INTO difference_found
WITH reference AS (SELECT *, number || ':' || transaction_id AS reference FROM side_by_side)
SELECT CASE WHEN elsewhere.paid_at < $2 OR elsewhere.paid_at >= $3 THEN 'cross_day' ELSE 'missing_here' END,
  s.reference, s.number, s.transaction_id, elsewhere.amount_fen, s.theirs_fen,
  coalesce(to_char(elsewhere.paid_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), orders.state, ''), s.state, false
FROM reference s
LEFT JOIN payments_payment elsewhere ON elsewhere.channel = $1 AND elsewhere.transaction_id = s.transaction_id
  AND elsewhere.number = s.number
LEFT JOIN payments_order orders ON orders.number = s.number AND orders.channel = $1
WHERE NOT s.here
UNION ALL
SELECT CASE WHEN n.day IS NOT NULL THEN 'cross_day' ELSE 'missing_there' END,
  s.reference, s.number, s.transaction_id, s.ours_fen, NULL, 'paid', coalesce(n.day, ''), true
FROM reference s
LEFT JOIN (SELECT number, transaction_id, min(day) AS day FROM neighbour WHERE kind = 'payment' GROUP BY 1, 2) n
  ON n.number = s.number AND n.transaction_id = s.transaction_id
WHERE NOT s.there
  AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.word = s.number)
  AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.word = s.transaction_id)
UNION ALL
SELECT 'cross_day', reference, number, transaction_id, ours_fen, theirs_fen, '', '', false
FROM reference WHERE here AND there AND other_day
UNION ALL
SELECT 'amount', reference, number, transaction_id, ours_fen, theirs_fen, '', '', false
FROM reference WHERE here AND there AND ours_fen <> theirs_fen
UNION ALL
SELECT 'state', reference, number, transaction_id, ours_fen, theirs_fen, 'paid', state, false
FROM reference WHERE here AND there AND state <> 'SUCCESS'
UNION ALL
SELECT 'duplicate', reference, number, transaction_id, ours_fen, theirs_fen, '1', times::text, false
FROM reference WHERE times > 1"""

# $1 channel, $2 and $3 the day. Not ours at all, ours of another day, or ours and closed here: three answers.
REFUNDS = """
INSERT INTO difference_found
WITH theirs AS (
  SELECT refund_number, min(number) AS number, min(transaction_id) AS transaction_id, count(*) AS times,
    min(fen) AS fen, min(state COLLATE "C") AS state
  FROM bill_row WHERE kind = 'refund' GROUP BY refund_number),
today AS (
  SELECT r.number AS refund_number, p.number, p.transaction_id, r.amount_fen AS fen
  FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
  WHERE p.channel = $1 AND r.accepted_at >= $2 AND r.accepted_at < $3 AND r.state <> 'closed'),
sides AS (
  SELECT coalesce(o.refund_number, t.refund_number) AS refund_number, coalesce(o.number, t.number) AS number,
    coalesce(o.transaction_id, t.transaction_id) AS transaction_id, o.fen AS ours_fen, t.fen AS theirs_fen, t.times,
    o.refund_number IS NOT NULL AS here, t.refund_number IS NOT NULL AS there, t.state
  FROM today o FULL JOIN theirs t ON o.refund_number = t.refund_number),
known AS (
  SELECT s.*, r.amount_fen AS elsewhere_fen, r.state AS elsewhere_state, r.accepted_at,
    EXISTS (SELECT 1 FROM payments_payment p WHERE p.channel = $1 AND p.transaction_id = s.transaction_id) AS of_ours
  FROM sides s LEFT JOIN payments_refund r ON r.number = s.refund_number WHERE NOT s.here)
SELECT CASE WHEN NOT of_ours THEN 'refund_orphan' WHEN elsewhere_state = 'closed' THEN 'state'
    WHEN accepted_at < $2 OR accepted_at >= $3 THEN 'cross_day' ELSE 'refund_missing' END,
  refund_number, number, transaction_id, elsewhere_fen, theirs_fen, coalesce(elsewhere_state, ''), state, false
FROM known
UNION ALL
SELECT CASE WHEN n.day IS NOT NULL THEN 'cross_day' ELSE 'refund_missing' END, s.refund_number, s.number,
  s.transaction_id, s.ours_fen, NULL, 'refunded', coalesce(n.day, ''), true
FROM sides s
LEFT JOIN (SELECT refund_number, min(day) AS day FROM neighbour WHERE kind = 'refund' GROUP BY 1) n
  ON n.refund_number = s.refund_number
WHERE NOT s.there AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.word = s.refund_number)
UNION ALL
SELECT 'refund_amount', refund_number, number, transaction_id, ours_fen, theirs_fen, '', '', false
FROM sides WHERE here AND there AND ours_fen <> theirs_fen
UNION ALL
SELECT 'duplicate', refund_number, number, transaction_id, ours_fen, theirs_fen, '1', times::text, false
FROM sides WHERE times > 1"""

# The agreed fee is basis points of the amount, rounded half up to the fen; refunds give it back. $1 points, $2 rate.
FEES = """
INSERT INTO difference_found
SELECT 'fee', r.number || ':' || coalesce(nullif(r.refund_number, ''), r.transaction_id), r.number, r.transaction_id,
  agreed.fen, r.fee_millifen / 1000, $2, r.rate, false
FROM bill_row r,
LATERAL (SELECT CASE WHEN r.kind = 'refund' THEN -1 ELSE 1 END * ((r.fen * $1::bigint + 5000) / 10000) AS fen) agreed
WHERE r.kind <> 'malformed' AND (r.fee_millifen <> agreed.fen * 1000 OR r.rate NOT IN ($2, ''))
  AND NOT EXISTS (SELECT 1 FROM difference_found f
    WHERE f.kind = 'amount' AND r.kind = 'payment' AND f.reference = r.number || ':' || r.transaction_id)
  AND NOT EXISTS (SELECT 1 FROM difference_found f WHERE f.kind = 'refund_amount' AND f.reference = r.refund_number)"""

MALFORMED = """
INSERT INTO difference_found
SELECT CASE WHEN fault IN ('merchant', 'currency') THEN fault ELSE 'malformed' END, 'line:' || line, number,
  transaction_id, NULL, CASE WHEN fault IN ('merchant', 'currency') THEN total END, '', fault, false
FROM bill_row WHERE kind = 'malformed'"""

# A difference found again is the same row; what people or later days explained stays explained.
KEEP = """
INSERT INTO payments_difference (id, run_id, kind, reference, number, transaction_id, ours_fen, theirs_fen, ours,
  theirs, fund_fen, expected_by, state, found_at)
SELECT gen_random_uuid(), $1, kind, reference, min(number COLLATE "C"), min(transaction_id COLLATE "C"), min(ours_fen),
  min(theirs_fen), min(ours COLLATE "C"), min(theirs COLLATE "C"), min(fund_fen),
  CASE WHEN bool_or(waits) THEN $2::date END, 'open', $3
FROM difference_found GROUP BY kind, reference
ON CONFLICT (run_id, kind, reference) DO UPDATE SET ours_fen = excluded.ours_fen, theirs_fen = excluded.theirs_fen,
  ours = excluded.ours, theirs = excluded.theirs, fund_fen = excluded.fund_fen, settled_at = NULL,
  state = CASE payments_difference.state WHEN 'healed' THEN 'open' ELSE payments_difference.state END"""

HEAL = """
UPDATE payments_difference d SET state = 'healed', settled_at = $2 WHERE d.run_id = $1 AND d.state = 'open'
AND NOT EXISTS (SELECT 1 FROM difference_found f WHERE f.kind = d.kind AND f.reference = d.reference)"""

# Of what was found, in an order that depends on nothing else: the same files and books give the same bytes. $1 the
# hash of the bill, $2 and $3 how many rows are simply right and what they come to.
DIGEST = """
SELECT encode(sha256(convert_to(concat_ws(E'\\n', $1::text, $2::bigint::text, $3::bigint::text,
  string_agg(line, E'\\n' ORDER BY line COLLATE "C")), 'UTF8')), 'hex')
FROM (SELECT encode(sha256(convert_to(concat_ws('|', kind, reference, number, transaction_id, ours_fen::text,
  theirs_fen::text, ours, theirs, fund_fen::text), 'UTF8')), 'hex') AS line FROM difference_found) found"""

COUNTS = """
SELECT count(*) FILTER (WHERE here) AS orders_count, coalesce(sum(ours_fen), 0)::bigint AS orders_fen,
  coalesce(sum(times), 0)::bigint AS bill_count, coalesce(sum(theirs_fen * times), 0)::bigint AS bill_fen,
  coalesce(sum(fee_millifen * times) / 1000, 0)::bigint AS fees,
  count(*) FILTER (WHERE here AND there AND ours_fen = theirs_fen AND state = 'SUCCESS') AS matched
FROM side_by_side"""


async def find(channel: str, day: date, *, points: int) -> None:
    """Every difference of payments and refunds, out of what `sides.lay_out` left, into `difference_found`."""
    start, end = span(day)
    for table in TABLES:
        await db.execute(table)
    await db.work(NEIGHBOURS, channel, day)
    await db.work(SET_ASIDE)
    await db.work(SIDES, start, end)
    await db.work("ANALYZE side_by_side, bill_row, set_aside")
    await db.work(PAYMENTS, channel, start, end)
    await db.work(REFUNDS, channel, start, end)
    await db.work(FEES, points, agreed_rate(points))
    await db.work(MALFORMED)


async def count() -> dict[str, int]:
    """Orders, rows and fees of what was odd, and how much of it matches after all."""
    return dict((await db.fetch(COUNTS))[0])


async def keep(run: UUID, day: date) -> None:
    """Writes what was found; what is found no more is healed. Again with the same changes nothing."""
    await db.work("ANALYZE difference_found")
    await db.work(KEEP, run, day + timedelta(days=1), clock.now())
    await db.work(HEAL, run, clock.now())
