"""Things about money that rules must not decide alone: opened once, looked at by people."""

import json
from typing import Any

from kit import clock, db
from kit.ids import new_id
from kit.log import logger
from payments.states import ExceptionKind

log = logger("payments")


async def open_exception(kind: ExceptionKind, *, channel: str, reference: str, **detail: Any) -> bool:
    """Notes an exception; False when it was noted before. `detail` holds numbers and amounts, nothing personal."""
    opened = await db.execute(
        "INSERT INTO payments_exception (id, kind, channel, reference, detail, opened_at) "
        "VALUES ($1, $2, $3, $4, $5::jsonb, $6) ON CONFLICT (kind, channel, reference) DO NOTHING",
        new_id(), str(kind), channel, reference[:128], json.dumps(detail, default=str), clock.now(),
    )  # fmt: skip
    if opened:
        log.error("payment_exception", kind=str(kind), channel=channel, reference=reference[:128])
    return opened == 1
