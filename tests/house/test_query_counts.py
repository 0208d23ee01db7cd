"""The number of statements behind a list does not grow with the list."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from tortoise.connection import get_connection

from auth.citizens import seal_phone
from auth.models import Citizen, Department, StaffMember
from chat import people
from chat import routes as chat_routes
from chat.models import Conversation
from kit import clock
from kit.web import Actor, Call, Endpoint
from mobileapi.applications import routes as application_routes
from mobileapi.applications.models import Application
from payments import routes as payment_routes
from payments.bills import NewBill, NewLine, issue
from payments.models import Difference, ReconciliationRun

pytestmark = pytest.mark.anyio
FEW, MANY = 2, 50
WORDS: dict[str, str | None] = {"zh": "甲", "en": None}


@pytest.fixture
async def clerk(database: str) -> StaffMember:
    await Department.create(code="GA", name={"zh": "公安"}, region_code="440105000000", credit_code="")
    return await StaffMember.create(
        username="bs", name="白帅", department_id="GA", roles=["clerk", "supervisor", "finance"], created_at=clock.now()
    )


async def move_in(n: int) -> Citizen:
    person = Citizen(assurance="phone", created_at=clock.now())
    seal_phone(person, f"138{n:08d}")
    await person.save(force_create=True)
    return person


async def file(n: int, citizen: Citizen) -> None:
    now = clock.now()
    await Application.create(
        citizen_id=citizen.id, item_code="1", item_version=1, item_name=WORDS, department_code="GA",
        region_code="440105000000", region_path=["440105000000"], state="submitted", answers={},
        case_number=f"HZ{n:06d}", created_at=now, saved_at=now, submitted_at=now, received_at=now,
        check_due=clock.today(), desk_due=clock.today(),
    )  # fmt: skip


async def ask(n: int, citizen: Citizen) -> None:
    now = clock.now() + timedelta(seconds=n)
    await Conversation.create(
        citizen_id=citizen.id, department_code="GA", department_name=WORDS, state="queued", queued_at=now,
        reason_code="department_queue", created_at=now,
    )  # fmt: skip


async def owe(n: int) -> None:
    new = NewBill(
        payment_code=f"{n:020d}", kind="traffic_fine", title=WORDS, department="GA", income_item_code="103050101",
        income_item_name=WORDS, legal_basis=WORDS, payer_name="陈小明", payer_phone="13800000000",
        due_on=clock.today(), lines=[NewLine(WORDS, 100, WORDS, WORDS)],
    )  # fmt: skip
    assert await issue(new, by="system:test")


async def reconcile(n: int) -> None:
    day = clock.today() - timedelta(days=n)
    run = await ReconciliationRun.create(
        channel="wechat", day=day, state="differences", attempt=1, started_at=clock.now(), totals={}
    )
    await Difference.create(run_id=run.id, kind="amount", reference=f"r{n}", state="open", found_at=clock.now())


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """What is sent to PostgreSQL meanwhile, as its driver tells it; the pool hands out one and the same connection."""
    sent: list[str] = []

    def note(record: Any) -> None:
        if "pg_advisory_unlock_all" not in record.query:  # how a connection goes back into the pool
            sent.append(record.query)

    async with get_connection("default").acquire_connection() as raw:
        raw.add_query_logger(note)
    try:
        yield sent
    finally:
        async with get_connection("default").acquire_connection() as raw:
            raw.remove_query_logger(note)


async def listed(specs: list[Endpoint], path: str, actor: Actor, query: dict[str, str]) -> tuple[int, int]:
    """Items on the first page of fifty, and statements they took."""
    spec = next(s for s in specs if (s.method, s.path) == ("GET", path))
    people._names.clear()
    given = {"query": spec.query(limit=MANY, **query)} if spec.query else {}
    request = Request({"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""})
    async with statements() as sent:
        page = await spec.handler(Call(request, actor), **given)
    assert sent, "the driver tells of its statements"
    items = json.loads(bytes(page.body))["items"] if isinstance(page, Response) else page.items
    return len(items), len(sent)


async def test_lists_of_fifty_take_as_many_statements_as_lists_of_two(clerk: StaffMember) -> None:
    me = await move_in(0)
    citizen = Actor(me.id, "citizen", frozenset({"citizen"}))
    staff = Actor(clerk.id, "staff", frozenset({"clerk", "supervisor", "finance"}))
    lists: dict[str, tuple[list[Endpoint], str, Actor, dict[str, str]]] = {
        "inbox": (application_routes.ROUTES, "/desk/inbox", staff, {}),
        "my cases": (application_routes.ROUTES, "/applications", citizen, {}),
        "queue": (chat_routes.ROUTES, "/consultations", staff, {"scope": "queue"}),
        "my consultations": (chat_routes.ROUTES, "/consultations", citizen, {}),
        "bills": (payment_routes.ROUTES, "/bills", citizen, {}),
        "runs": (payment_routes.ROUTES, "/reconciliations", staff, {}),
    }
    counted: list[dict[str, tuple[int, int]]] = []
    done = 0
    for size in (FEW, MANY):
        for n in range(done, size):
            other = await move_in(n + 1)
            await file(2 * n, me)
            await file(2 * n + 1, other)
            await ask(n, me)
            await ask(n, other)
            await owe(n)
            await reconcile(n)
        done = size
        for how in lists.values():  # the driver asks once about types it does not know
            await listed(*how)
        counted.append({name: await listed(*how) for name, how in lists.items()})
    few, many = counted
    assert {name: items for name, (items, _) in many.items()} == dict.fromkeys(lists, MANY)
    assert {name: sent for name, (_, sent) in many.items()} == {name: sent for name, (_, sent) in few.items()}
    assert max(sent for _, sent in many.values()) <= 9  # a first look at a list of people leaves a row in the log
