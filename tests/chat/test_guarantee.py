"""The database itself: every way of leaving an open conversation alone, or holding it twice, is tried and refused."""

import itertools
from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import CheckViolationError, ForeignKeyViolationError, UniqueViolationError

from auth.models import Citizen
from chat import inquiries
from chat.conversations import locked
from chat.models import Conversation, Inquiry
from kit import clock, db
from kit.ids import new_id
from tests.chat.conftest import Roster

pytestmark = pytest.mark.anyio
PARTS = {"clerk": "clerk_id", "timer": "answer_due_at", "place": "queued_at", "date": "inquiry_due_at"}
WHOLE = {
    "queued": {"place"}, "offered": {"clerk", "timer"}, "assigned": {"clerk", "timer"}, "inquiry": {"date"},
}  # fmt: skip
SUBSETS = [set(c) for n in range(5) for c in itertools.combinations(PARTS, n)]


async def queued(citizen: Citizen) -> Conversation:
    now = clock.now()
    return await Conversation.create(
        citizen_id=citizen.id, department_code="GA", state="queued", queued_at=now, created_at=now,
        reason_code="department_queue",
    )  # fmt: skip


@pytest.fixture
async def dated(roster: Roster, citizen: Citizen) -> AsyncIterator[Conversation]:
    """A conversation with its dated inquiry."""
    made = await queued(citizen)
    async with db.transaction():
        await inquiries.open_inquiry(await locked(made.id), actor="system")
    yield await Conversation.get(id=made.id)


async def test_of_all_ways_to_hold_it_only_the_right_one_is_taken(roster: Roster, citizen: Citizen) -> None:
    """Sixteen combinations of clerk, timer, place and date in each of four states."""
    one = await queued(citizen)
    for state, held in itertools.product(WHOLE, SUBSETS):
        values = {column: "now()" if part in held else "NULL" for part, column in PARTS.items()}
        if "clerk" in held:
            values["clerk_id"] = f"'{roster.owner.id}'"
        words = ", ".join(f"{column} = {value}" for column, value in values.items())
        change = f"UPDATE chat_conversation SET state = '{state}', {words} WHERE id = $1"
        if held == WHOLE[state] and state != "inquiry":
            await db.execute(change, one.id)
        else:
            with pytest.raises(CheckViolationError):
                await db.execute(change, one.id)


@pytest.mark.parametrize(
    "attempt",
    [
        "DELETE FROM chat_inquiry WHERE conversation_id = $1",
        "UPDATE chat_inquiry SET taken_at = now() WHERE conversation_id = $1",
        "UPDATE chat_inquiry SET due_at = due_at + interval '1 day' WHERE conversation_id = $1",
        "UPDATE chat_conversation SET inquiry_due_at = inquiry_due_at + interval '1 day' WHERE id = $1",
        "UPDATE chat_conversation SET state = 'queued', queued_at = now(), inquiry_due_at = NULL WHERE id = $1",
        "UPDATE chat_conversation SET state = 'closed', closed_at = now(), inquiry_due_at = NULL WHERE id = $1",
    ],
)
async def test_an_inquiry_cannot_be_parted_from_its_conversation(dated: Conversation, attempt: str) -> None:
    with pytest.raises(CheckViolationError):
        await db.execute(attempt, dated.id)
    assert await Inquiry.filter(conversation_id=dated.id, taken_at=None, due_at=dated.inquiry_due_at).exists()
    assert (await Conversation.get(id=dated.id)).state == "inquiry"


async def test_an_inquiry_cannot_be_given_to_another_conversation(dated: Conversation, citizen: Citizen) -> None:
    other = await queued(citizen)
    with pytest.raises(CheckViolationError):
        await db.execute("UPDATE chat_inquiry SET conversation_id = $2 WHERE conversation_id = $1", dated.id, other.id)
    assert await Inquiry.filter(conversation_id=dated.id).exists()


async def test_inquiries_are_not_emptied_out(dated: Conversation) -> None:
    with pytest.raises(CheckViolationError):
        await db.execute("TRUNCATE chat_inquiry")
    assert await Inquiry.filter(conversation_id=dated.id).exists()


async def test_a_conversation_has_one_open_inquiry(dated: Conversation) -> None:
    with pytest.raises(UniqueViolationError):
        await db.execute(
            "INSERT INTO chat_inquiry (id, conversation_id, opened_at, due_at) VALUES ($1, $2, now(), $3)",
            new_id(), dated.id, dated.inquiry_due_at,
        )  # fmt: skip


async def test_the_clerk_of_a_conversation_is_somebody(citizen: Citizen) -> None:
    one = await queued(citizen)
    change = (
        "UPDATE chat_conversation SET state = 'assigned', clerk_id = $2, answer_due_at = now(), queued_at = NULL "
        "WHERE id = $1"
    )
    with pytest.raises(ForeignKeyViolationError):
        await db.execute(change, one.id, new_id())


async def test_one_stay_in_a_queue_at_a_time(citizen: Citizen) -> None:
    one = await queued(citizen)
    stay = "INSERT INTO chat_wait (conversation_id, place, clerks, entered_at, outcome) VALUES ($1, 1, 0, now(), '')"
    await db.execute(stay, one.id)
    with pytest.raises(UniqueViolationError):
        await db.execute(stay, one.id)
    with pytest.raises(CheckViolationError):
        await db.execute("UPDATE chat_wait SET left_at = now() WHERE conversation_id = $1", one.id)


CALLS = "SELECT coalesce(sum(calls), 0)::int FROM pg_stat_xact_user_functions WHERE funcname = 'chat_inquiry_fits'"
MOVE = "UPDATE chat_conversation SET state = 'queued', queued_at = now(), inquiry_due_at = NULL WHERE id = $1"
CLOSING = "UPDATE chat_inquiry SET taken_at = now() WHERE conversation_id = $1"
SEND = (
    "SELECT outcome FROM chat_append(ARRAY[$1::uuid], ARRAY['citizen'], ARRAY[$2::uuid], ARRAY[''], ARRAY['a'], "
    "ARRAY['text'], ARRAY['{}'], ARRAY[$3::uuid], now(), 60, 60, NULL)"
)


async def test_sending_a_message_never_looks_at_inquiries(database: str, dated: Conversation, citizen: Citizen) -> None:
    """The deferred trigger is on the way of moves, not of messages."""
    connection = await asyncpg.connect(**db.credentials(database))
    try:
        await connection.execute("SET track_functions = 'all'")
        async with connection.transaction():
            assert await connection.fetchval(SEND, dated.id, citizen.id, new_id()) == "stored"
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert await connection.fetchval(CALLS) == 0
        async with connection.transaction():
            await connection.execute(CLOSING, dated.id)
            await connection.execute(MOVE, dated.id)
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert await connection.fetchval(CALLS) == 2  # a move is looked at from both sides
        assert await connection.fetchval("SELECT last_seq FROM chat_conversation WHERE id = $1", dated.id) == 2
    finally:
        await connection.close()
