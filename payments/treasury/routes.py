"""The books over HTTP: balances at a moment, movements of an account, their proof; shares and what was handed on."""

from datetime import datetime
from uuid import UUID

from auth.models import Department
from kit import clock
from kit.cursors import place_in
from kit.errors import NotFound
from kit.web import Call, get, post
from payments.errors import DayNotOver
from payments.treasury import board, books, handing, sharing
from payments.treasury.schemas import (
    AccountStatement,
    BookProof,
    HandedOver,
    HandOver,
    MomentQuery,
    RulePage,
    SetRule,
    StatementQuery,
    TrialBalance,
)


async def read_balances(call: Call, query: MomentQuery) -> TrialBalance:  # noqa: ARG001 - finance sees all accounts
    """Every account as it stood at an instant; debits and credits come to the same."""
    return await board.trial_balance(query.at)


async def read_statement(call: Call, query: StatementQuery) -> AccountStatement:  # noqa: ARG001 - as above
    """What moved on one account, with the balance after each movement."""
    after = place_in("movements", query.cursor, datetime, UUID)
    return await board.statement(
        query.account, since=query.since, until=query.until, limit=query.limit, after=after
    )  # fmt: skip


async def read_proof(call: Call) -> BookProof:  # noqa: ARG001 - as handlers are called
    """Every sealed day recomputed now: the same books give the same digest, byte for byte."""
    return await board.proof()


async def list_rules(call: Call) -> RulePage:  # noqa: ARG001 - as handlers are called
    """Which treasuries share which income item of which body, every version."""
    return RulePage(items=await board.rules())


async def set_rule(call: Call, body: SetRule) -> RulePage:
    """Adds a version; earlier ones stay, and what was handed on is not touched."""
    if not await Department.exists(code=body.department):
        raise NotFound
    await sharing.set_rule(
        body.department, body.income_item, effective_on=body.effective_on, shares=body.shares, basis=body.basis,
        by=call.actor.name,
    )  # fmt: skip
    return RulePage(items=await board.rules())


async def list_handed_over(call: Call) -> HandedOver:  # noqa: ARG001 - as handlers are called
    """What was handed on, the latest first."""
    return HandedOver(items=await board.handed_over(), without_rule=[])


async def hand_over(call: Call, body: HandOver) -> HandedOver:
    """Hands on what was booked up to the end of a past day, shared to the last fen."""
    until = books.span_of(body.day)[1]
    if until > clock.now():
        raise DayNotOver
    without = await handing.hand_over(until, by=call.actor.name)
    return HandedOver(items=await board.handed_over(), without_rule=without)


SEES, DOES = {"finance", "auditor"}, {"finance"}

ROUTES = [
    get("/ledger/balances", read_balances, cost=5, roles=SEES, reach="all"),
    get("/ledger/movements", read_statement, cost=2, roles=SEES, reach="all"),
    get("/ledger/proof", read_proof, cost=20, roles=SEES, reach="all"),
    get("/treasury/rules", list_rules, roles=SEES, reach="all"),
    post("/treasury/rules", set_rule, cost=5, roles=DOES, reach="all", status=201, idempotent=True),
    get("/treasury/handings", list_handed_over, roles=SEES, reach="all"),
    post("/treasury/handings", hand_over, cost=20, roles=DOES, reach="all", idempotent=True),
]
