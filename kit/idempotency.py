"""
Idempotency-Key: the same key and body of one caller get the first answer again.

The key's row is committed before the work begins. A failed validation is not remembered; a call that died half-way is
taken over after a minute, and the verbs below it are repeatable by their own unique keys. Answers are kept sealed: they
may hold what somebody wrote into a form.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from kit import clock, crypto, db
from kit.errors import HouseError, IdempotencyKeyInvalid, IdempotencyKeyMissing, IdempotencyKeyReused, RequestInProgress
from kit.jobs import job

TAKE_OVER_AFTER = timedelta(seconds=60)
KEPT = timedelta(hours=48)
WAIT_S = 5.0


def is_asked(request: Request) -> bool:
    return "idempotency-key" in request.headers


def key_of(request: Request) -> str:
    """1–255 visible ASCII characters. Raises IdempotencyKeyMissing, IdempotencyKeyInvalid."""
    key = request.headers.get("idempotency-key")
    if key is None:
        raise IdempotencyKeyMissing
    if not 1 <= len(key) <= 255 or not all("!" <= c <= "~" for c in key):
        raise IdempotencyKeyInvalid
    return key


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), body])).hexdigest()


async def once(*, caller: str, key: str, fingerprint: str, answer: Callable[[], Awaitable[Response]]) -> Response:
    """Answers with `answer()` the first time, and with its stored result ever after."""
    waited = 0.0
    while not await _claimed(caller, key, fingerprint):
        kept = await _kept(caller, key, fingerprint)
        if kept is not None:
            return kept
        if waited >= WAIT_S:
            raise RequestInProgress
        await asyncio.sleep(0.1)
        waited += 0.1
    try:
        response = await answer()
    except BaseException as error:
        if isinstance(error, HouseError) or not isinstance(error, Exception):
            await _forget(caller, key)
        raise
    await db.execute(
        "UPDATE kit_idempotent_call SET status = $3, body = $4 WHERE caller = $1 AND key = $2",
        caller, key, response.status_code, crypto.seal(bytes(response.body).decode(), bound_to=_row(caller, key)),
    )  # fmt: skip
    return response


async def _claimed(caller: str, key: str, fingerprint: str) -> bool:
    now = clock.now()
    claim = (
        "INSERT INTO kit_idempotent_call (caller, key, fingerprint, started_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (caller, key) DO UPDATE SET started_at = $4 "
        "WHERE kit_idempotent_call.status IS NULL AND kit_idempotent_call.fingerprint = $3 "
        "AND kit_idempotent_call.started_at < $5"
    )
    return await db.execute(claim, caller, key, fingerprint, now, now - TAKE_OVER_AFTER) == 1


async def _kept(caller: str, key: str, fingerprint: str) -> Response | None:
    rows = await db.fetch(
        "SELECT fingerprint, status, body FROM kit_idempotent_call WHERE caller = $1 AND key = $2", caller, key
    )
    if not rows:
        return None
    if rows[0]["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused
    if rows[0]["status"] is None:
        return None
    body = crypto.unseal(rows[0]["body"], bound_to=_row(caller, key))
    return Response(body, status_code=rows[0]["status"], media_type="application/json")


def _row(caller: str, key: str) -> str:
    return f"kit_idempotent_call.body:{caller}:{key}"


async def _forget(caller: str, key: str) -> None:
    await db.execute("DELETE FROM kit_idempotent_call WHERE caller = $1 AND key = $2 AND status IS NULL", caller, key)


@job(every="41 18 * * *")
async def purge() -> None:
    """Removes keys that are older than two days, every night (02:41 in Beijing)."""
    await db.execute("DELETE FROM kit_idempotent_call WHERE started_at < $1", clock.now() - KEPT)
