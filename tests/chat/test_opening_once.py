"""A question is filed once, however often it is sent under one key; and long lists are read by index."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from auth.models import Citizen
from kit import db
from tests.chat.office import ITEM, REGION, Counter, token_of

pytestmark = pytest.mark.anyio

QUESTION = {"item": ITEM, "region": REGION, "text": "要带什么？"}


async def opened(desk: Counter, citizen: Citizen, body: dict[str, Any], *, key: str | None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {await token_of(citizen)}"} | ({"idempotency-key": key} if key else {})
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{desk.port}/api/v1", trust_env=False) as client:
        return await client.post("/consultations", json=body, headers=headers)


async def conversations() -> int:
    return int(await db.fetch_value("SELECT count(*) FROM chat_conversation"))


@pytest.mark.usefixtures("roster")
async def test_a_question_sent_ten_times_under_one_key_is_one_conversation(desk: Counter, citizen: Citizen) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(opened(desk, citizen, QUESTION, key=key) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await conversations() == 1


@pytest.mark.usefixtures("roster")
async def test_another_question_under_the_key_is_refused_and_none_is_made(desk: Counter, citizen: Citizen) -> None:
    key = uuid4().hex
    await opened(desk, citizen, QUESTION, key=key)
    other = await opened(desk, citizen, QUESTION | {"text": "要多少钱？"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    bad = await opened(desk, citizen, QUESTION, key="x" * 256)
    assert (bad.status_code, bad.json()["code"]) == (400, "idempotency_key_invalid")
    assert await conversations() == 1


@pytest.mark.usefixtures("roster")
async def test_without_a_key_each_question_is_its_own_as_it_was(desk: Counter, citizen: Citizen) -> None:
    first, second = [await opened(desk, citizen, QUESTION, key=None) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert await conversations() == 2


async def test_a_page_of_everybodys_conversations_is_read_by_index(database: str) -> None:
    async with db.transaction():
        await db.execute("SET LOCAL enable_seqscan = off")
        await db.execute("SET LOCAL enable_sort = off")
        plan = await db.fetch(
            "EXPLAIN SELECT c.id FROM chat_conversation c WHERE (c.created_at, c.id) < (now(), gen_random_uuid()) "
            "ORDER BY c.created_at DESC, c.id DESC LIMIT 21"
        )
    assert any("chat_conversation_latest" in row[0] for row in plan)
