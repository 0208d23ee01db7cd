"""
What was agreed to is done: at once where only our books are concerned, after asking the channel otherwise.

An approved proposal is carried out exactly once however often it is begun: entries bear its number, settlements and
refunds know what they took, and a proposal ends under its own row lock.
"""

import json
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db
from kit.log import logger
from payments import ledger, orders, refunds
from payments.channels import channel as channel_named
from payments.channels.base import ChannelRefused, ChannelUnknown, NoSuchThing, RefundStanding, Standing
from payments.desk import matters
from payments.desk.booking import Postings, postings_for
from payments.desk.errors import AskTheChannel, MoneyStillHere, NoDisputedMoney, NothingToBook, StillExpected
from payments.desk.states import ACTIONS, Action, ProposalState
from payments.settlement import settle
from payments.states import DifferenceClass, OrderState

log = logger("payments")
BOOKS = frozenset({Action.SUSPENSE, Action.FEE, Action.RECOVER})
AT_ONCE = frozenset(Action) - {Action.SETTLE}
MOST_ATTEMPTS = 30


def about_refund(matter: Record) -> bool:
    """Whether the matter's reference is the number of a refund."""
    return bool(matter["kind"].startswith("refund"))


async def refuse_impossible(action: Action, matter: Record) -> None:
    """
    Says no before anybody decides.

    Raises: NothingToBook, AskTheChannel, StillExpected, NoDisputedMoney, MoneyStillHere.
    """
    if action in BOOKS:
        postings_for(action, matter)
    if action is Action.SUSPENSE and matter["kind"] == DifferenceClass.MISSING_HERE:
        known = "SELECT 1 FROM payments_order WHERE number = $1 AND channel = $2"
        if await db.fetch_value(known, matter["number"], matter["channel"]):
            raise AskTheChannel
    if action is Action.RECOVER and matter["expected_by"] is not None and matter["expected_by"] >= clock.today():
        raise StillExpected
    if action is Action.RETURN and await _disputed(matter) is None:
        raise NoDisputedMoney
    if action is Action.EXPLAIN and await _disputed(matter) is not None:
        raise MoneyStillHere
    if action is Action.SETTLE and not (matter["reference"] if about_refund(matter) else matter["number"]):
        raise NothingToBook


async def _disputed(matter: Record) -> Record | None:
    """The payment a matter is about, while nobody has decided about its money."""
    rows = await db.fetch(
        "SELECT p.id, p.order_id, p.amount_fen FROM payments_payment p WHERE p.channel = $1 AND p.number = $2 "
        "AND p.transaction_id = $3 AND p.outcome = 'disputed' "
        "AND NOT EXISTS (SELECT 1 FROM payments_refund r WHERE r.payment_id = p.id AND r.state <> 'refused')",
        matter["channel"], matter["number"], matter["transaction_id"],
    )  # fmt: skip
    return rows[0] if rows else None


async def finish(proposal: Record, matter: Record) -> None:
    """Does what needs our books alone. Joins the open transaction, in which the matter's row is locked."""
    action = Action(proposal["action"])
    booked: Postings = []
    if action in BOOKS:
        booked = postings_for(action, matter)
        await ledger.post("correction", str(proposal["id"]), postings=booked)
    elif action is Action.RETURN:
        booked = await _return(proposal, matter)
    elif action is Action.AWAIT:
        await _wait(proposal)
    await ended(proposal["id"], ProposalState.DONE, outcome="booked" if booked else str(action), booked=booked)


async def _return(proposal: Record, matter: Record) -> Postings:
    """From disputed to surplus, and back to whoever paid it."""
    payment = await _disputed(matter)
    if payment is None:
        raise NoDisputedMoney
    order = await orders.locked(payment["order_id"])
    booked: Postings = [(ledger.DISPUTED, payment["amount_fen"]), (ledger.SURPLUS, -payment["amount_fen"])]
    await ledger.post("correction", str(proposal["id"]), postings=booked)
    if order["state"] == OrderState.DISPUTED:
        await orders.move(
            order["id"], come_from=OrderState.DISPUTED, to=OrderState.REFUNDING,
            who=f"staff:{proposal['proposed_by']}", why="two people sent it back",
        )  # fmt: skip
    await refunds.return_surplus(payment["id"], order=order["id"], amount_fen=payment["amount_fen"])
    return booked


async def _wait(proposal: Record) -> None:
    if proposal["source"] == "difference":
        await db.execute(
            "UPDATE payments_difference SET expected_by = $2 WHERE id = $1",
            proposal["subject"],
            proposal["expected_by"],
        )
        return
    await db.execute(
        "INSERT INTO desk_work (subject, expected_by) VALUES ($1, $2) "
        "ON CONFLICT (subject) DO UPDATE SET expected_by = $2",
        proposal["subject"], proposal["expected_by"],
    )  # fmt: skip


async def ended(proposal: UUID, state: ProposalState, *, outcome: str, booked: Postings | None = None) -> bool:
    """Ends an approved proposal, and the matter with it when the action closes it; False when it was ended before."""
    async with db.transaction():
        rows = await db.fetch("SELECT * FROM desk_proposal WHERE id = $1 AND state = 'approved' FOR UPDATE", proposal)
        if not rows:
            return False
        row = rows[0]
        if state is ProposalState.DONE and ACTIONS[Action(row["action"])].ends:
            await _close_matter(row)
        await db.execute(
            "UPDATE desk_proposal SET state = $2, outcome = $3, booked = $4::jsonb, ended_at = $5 WHERE id = $1",
            proposal, str(state), outcome, json.dumps(booked or []), clock.now(),
        )  # fmt: skip
        await audit.record(
            actor="system", action=f"difference.proposal_{state}", subject=f"{row['source']}:{row['subject']}",
            proposal=str(proposal), outcome=outcome, booked=booked or [],
        )  # fmt: skip
    return True


async def _close_matter(proposal: Record) -> None:
    state = "explained" if proposal["action"] == Action.EXPLAIN else "resolved"
    if proposal["source"] == "difference":
        await db.execute(
            "UPDATE payments_difference SET state = $2, settled_at = $3 WHERE id = $1 AND state = 'open'",
            proposal["subject"], state, clock.now(),
        )  # fmt: skip
    else:
        await db.execute(
            "UPDATE payments_exception SET resolved_at = $2 WHERE id = $1 AND resolved_at IS NULL",
            proposal["subject"], clock.now(),
        )  # fmt: skip


async def carry_out(proposal: UUID) -> None:
    """Asks the channel about an approved matter and follows what it says. Safe to repeat at any time."""
    rows = await db.fetch(
        "UPDATE desk_proposal SET attempts = attempts + 1 WHERE id = $1 AND state = 'approved' RETURNING *", proposal
    )
    if not rows:
        return
    matter = await matters.one(rows[0]["subject"])
    try:
        done, outcome = await (_ask_refund(matter) if about_refund(matter) else _ask_payment(matter))
    except NoSuchThing:
        done, outcome = False, "channel_says_absent"
    except (ChannelUnknown, ChannelRefused) as error:
        log.warning("proposal_waits", proposal=str(proposal), why=type(error).__name__)
        if rows[0]["attempts"] >= MOST_ATTEMPTS:
            await ended(proposal, ProposalState.FAILED, outcome="channel_silent")
        return
    await ended(proposal, ProposalState.DONE if done else ProposalState.FAILED, outcome=outcome)


async def _ask_payment(matter: Record) -> tuple[bool, str]:
    fact = await channel_named(matter["channel"]).query(matter["number"])
    if fact.standing is not Standing.PAID:
        return False, f"channel_says_{fact.standing}"
    outcome = await settle(fact, learned_by="query")
    return outcome.done, str(outcome)


async def _ask_refund(matter: Record) -> tuple[bool, str]:
    fact = await channel_named(matter["channel"]).query_refund(matter["reference"])
    known = await refunds.learn(fact)
    if not known:
        return False, "refund_unknown_here"
    return fact.standing is not RefundStanding.ABSENT, f"channel_says_{fact.standing}"


async def running(limit: int = 50) -> list[UUID]:
    """Proposals that were agreed to and are not carried out yet."""
    rows = await db.fetch("SELECT id FROM desk_proposal WHERE state = 'approved' ORDER BY decided_at LIMIT $1", limit)
    return [row["id"] for row in rows]
