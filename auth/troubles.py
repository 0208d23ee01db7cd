"""
Failed sign-ins and the waits that grow from them.

Two counters a try: of the user name from this source, and of the user name from everywhere. The second one slows a
guesser with many sources; who signed in from a source before is not slowed by others, so no one can be locked out.
Names are kept by blind index, and counted the same whether they exist or not.
"""

import math
from datetime import datetime, timedelta

from kit import clock, crypto, db
from kit.errors import TooMany

FREE_FROM_SOURCE, FREE_FROM_EVERYWHERE = 3, 20
LONGEST_FROM_SOURCE_S, LONGEST_FROM_EVERYWHERE_S = 900, 60
FORGOTTEN_AFTER = timedelta(hours=24)
KNOWN_FOR = timedelta(days=30)

COUNT = """
INSERT INTO auth_sign_in_trouble AS t (subject, failures, wait_until, last_at) VALUES ($1, 1, NULL, $2)
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN t.last_at < $3 THEN 1 ELSE t.failures + 1 END, last_at = $2,
  wait_until = CASE WHEN t.last_at >= $3 AND t.failures + 1 >= $4
    THEN $2 + least($5, power(2, least(t.failures + 1 - $4, 20))) * interval '1 second' END
WHERE t.wait_until IS NULL OR t.wait_until <= $2
"""


async def count_try(*, username: str, source: str) -> None:
    """Counts a try as failed until it is forgiven. Raises TooMany while the wait of an earlier one lasts."""
    now = clock.now()
    await _count(_own(username, source), now=now, free=FREE_FROM_SOURCE, longest_s=LONGEST_FROM_SOURCE_S)
    if not await _known(username, source, now=now):
        await _count(_everywhere(username), now=now, free=FREE_FROM_EVERYWHERE, longest_s=LONGEST_FROM_EVERYWHERE_S)


async def _count(subject: str, *, now: datetime, free: int, longest_s: int) -> None:
    if not await db.execute(COUNT, subject, now, now - FORGOTTEN_AFTER, free, longest_s):
        query = "SELECT wait_until FROM auth_sign_in_trouble WHERE subject = $1"
        until = await db.fetch_value(query, subject) or now
        raise TooMany(max(1, math.ceil((until - now).total_seconds())))


async def forgive(*, username: str, source: str) -> None:
    """The try was right: its own count begins anew, and one is taken from everybody's."""
    await db.execute("DELETE FROM auth_sign_in_trouble WHERE subject = $1", _own(username, source))
    await db.execute(
        "UPDATE auth_sign_in_trouble SET failures = greatest(failures - 1, 0), wait_until = NULL WHERE subject = $1",
        _everywhere(username),
    )


GUESSES_A_DAY = 5
GUESS = """
INSERT INTO auth_sign_in_trouble AS t (subject, failures, wait_until, last_at) VALUES ($1, 1, NULL, $2)
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN t.last_at < $3 OR t.wait_until IS NOT NULL THEN 1 ELSE t.failures + 1 END, last_at = $2,
  wait_until = CASE WHEN t.last_at >= $3 AND t.wait_until IS NULL AND t.failures + 1 >= $4
    THEN $2 + interval '1 day' END
WHERE t.wait_until IS NULL OR t.wait_until <= $2
"""


async def count_guess(account: str) -> None:
    """Counts a guess at what only the account's owner knows. Raises TooMany for a day after five that were wrong."""
    now, subject = clock.now(), _guessed(account)
    if not await db.execute(GUESS, subject, now, now - FORGOTTEN_AFTER, GUESSES_A_DAY):
        until = await db.fetch_value("SELECT wait_until FROM auth_sign_in_trouble WHERE subject = $1", subject) or now
        raise TooMany(max(1, math.ceil((until - now).total_seconds())))


async def forgive_guesses(account: str) -> None:
    """The guess was right: the count begins anew."""
    await db.execute("DELETE FROM auth_sign_in_trouble WHERE subject = $1", _guessed(account))


def _guessed(account: str) -> str:
    return crypto.blind_index(account, purpose="sign_in.last_four")


async def _known(username: str, source: str, *, now: datetime) -> bool:
    query = (
        "SELECT 1 FROM auth_session s JOIN auth_staff_member m ON m.id = s.person "
        "WHERE m.username = $1 AND s.kind = 'staff' AND s.source = $2 AND s.created_at > $3 LIMIT 1"
    )
    return bool(await db.fetch_value(query, username, source, now - KNOWN_FOR))


def _own(username: str, source: str) -> str:
    return crypto.blind_index(f"{username}\0{source}", purpose="sign_in.source")


def _everywhere(username: str) -> str:
    return crypto.blind_index(username, purpose="sign_in.everywhere")
