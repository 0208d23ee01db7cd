"""
Notices of channels: proven by their raw bytes, stored, then believed.

The row is committed before anything is concluded from it and is unique per sender's id; what it says goes through
`settlement.settle` or `refunds.learn`, the doors the queries use too. The channel is answered after that commit.
"""

from collections.abc import Mapping
from uuid import UUID

from prometheus_client import Counter

from kit import clock, crypto, db
from kit.ids import new_id
from kit.log import logger
from payments import refunds, standing
from payments.channels import channel as channel_named
from payments.channels.base import (
    NotAuthentic,
    NoticeEnvelope,
    OrderNews,
    PaymentChannel,
    PaymentFact,
    Standing,
    Unintelligible,
)
from payments.errors import NoticeNotAuthentic, NoticeNotSettled, NoticeUnreadable
from payments.exceptions import open_exception
from payments.settlement import Outcome, settle
from payments.states import ExceptionKind, NoticeState

log = logger("payments")
LOCK_WAIT_MS = "2000"  # a channel waits some seconds for our answer; a row locked longer than this gets "again, please"
NOTICES = Counter("handheld_payment_notices", "Notices of channels, by what became of them", ["channel", "result"])


async def receive(channel: str, headers: Mapping[str, str], *, content: bytes) -> None:
    """
    Takes one notice; returns when it is settled for good. `headers` in lower case, `content` the raw bytes.

    Raises: NoticeNotAuthentic (nothing is written), NoticeUnreadable, NoticeNotSettled (kept; the channel repeats it).
    """
    party = channel_named(channel)
    try:
        envelope = await party.authentic(headers, content)
    except NotAuthentic as error:
        NOTICES.labels(channel, "probe" if error.probe else "forged").inc()
        if not error.probe:
            log.warning("notice_not_authentic", channel=channel, why=error.why)
        raise NoticeNotAuthentic from error
    except Unintelligible as error:
        NOTICES.labels(channel, "unreadable").inc()
        raise NoticeUnreadable from error
    notice, state = await _store(channel, envelope)
    if state != NoticeState.SETTLED:
        state = await _believe(notice, envelope, party=party)
    NOTICES.labels(channel, str(state)).inc()
    if state != NoticeState.SETTLED:
        raise NoticeNotSettled


async def _store(channel: str, envelope: NoticeEnvelope) -> tuple[UUID, NoticeState]:
    id_ = new_id()
    sealed = crypto.seal_bytes(envelope.content, bound_to=f"payments_notice.content:{id_}")  # it may name the payer
    rows = await db.fetch(
        "INSERT INTO payments_notice (id, channel, sender_id, event, content, state, deliveries, received_at) "
        "VALUES ($1, $2, $3, $4, $5, 'stored', 1, $6) "
        "ON CONFLICT (channel, sender_id) DO UPDATE SET deliveries = payments_notice.deliveries + 1 "
        "RETURNING id, state",
        id_, channel, envelope.sender_id, envelope.event, sealed, clock.now(),
    )  # fmt: skip
    return rows[0]["id"], NoticeState(rows[0]["state"])


async def _believe(notice: UUID, envelope: NoticeEnvelope, *, party: PaymentChannel) -> NoticeState:
    """Opens the notice, acts on it and notes what became of it, in one transaction."""
    async with db.transaction():
        await db.execute("SELECT set_config('lock_timeout', $1, true)", LOCK_WAIT_MS)
        state = await _acted(envelope, party=party)
        await db.execute(
            "UPDATE payments_notice SET state = $2, settled_at = $3 WHERE id = $1 AND state <> 'settled'",
            notice, str(state), clock.now() if state is NoticeState.SETTLED else None,
        )  # fmt: skip
    return state


async def _acted(envelope: NoticeEnvelope, *, party: PaymentChannel) -> NoticeState:
    try:
        fact = party.opened(envelope.content)
    except Unintelligible as error:
        await open_exception(
            ExceptionKind.UNREADABLE_NOTICE, channel=party.name, reference=envelope.sender_id, why=str(error)
        )
        return NoticeState.REFUSED
    if isinstance(fact, OrderNews):
        return NoticeState.SETTLED if await standing.ask_soon(fact) else NoticeState.ORPHAN
    if isinstance(fact, PaymentFact):
        if fact.standing is not Standing.PAID:
            return NoticeState.REFUSED
        return _noted(await settle(fact, learned_by="notice"))
    return NoticeState.SETTLED if await refunds.learn(fact) else NoticeState.ORPHAN


def _noted(outcome: Outcome) -> NoticeState:
    if outcome is Outcome.ORPHAN:
        return NoticeState.ORPHAN
    return NoticeState.SETTLED if outcome.done else NoticeState.REFUSED
