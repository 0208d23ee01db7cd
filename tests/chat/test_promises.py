"""What the database itself promises, whoever writes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from asyncpg import CheckViolationError, UniqueViolationError

from auth.models import Citizen
from chat.messages import Draft, append
from chat.models import Conversation
from chat.states import BEGINNINGS, MOVES, ConversationState
from kit import clock, db
from tests.chat.conftest import Roster

pytestmark = pytest.mark.anyio

NOW, NONE = "now()", "NULL"
COLUMNS = ("clerk_id", "answer_due_at", "queued_at", "inquiry_due_at", "closed_at")


async def queued(citizen: Citizen) -> Conversation:
    return await Conversation.create(
        citizen_id=citizen.id,
        state="queued",
        queued_at=clock.now(),
        reason_code="department_queue",
        created_at=clock.now(),
    )


async def into(conversation: Conversation, roster: Roster, state: str, held: set[str]) -> None:
    values = {c: NOW if c in held else NONE for c in COLUMNS}
    values["clerk_id"] = f"'{roster.owner.id}'" if "clerk_id" in held else NONE
    assigned = ", ".join(f"{column} = {value}" for column, value in values.items())
    await db.execute(f"UPDATE chat_conversation SET state = $2, {assigned} WHERE id = $1", conversation.id, state)


WHOLE = {
    "queued": {"queued_at"}, "offered": {"clerk_id", "answer_due_at"}, "assigned": {"clerk_id", "answer_due_at"},
    "closed": {"closed_at"},
}  # fmt: skip


@pytest.mark.parametrize("state", ["queued", "offered", "assigned", "inquiry"])
@pytest.mark.parametrize("held", [{"clerk_id"}, {"answer_due_at"}, set(), {"queued_at", "clerk_id", "answer_due_at"},
                                  {"queued_at", "inquiry_due_at"}, {"clerk_id", "answer_due_at", "inquiry_due_at"}])  # fmt: skip
async def test_an_open_conversation_cannot_be_left_alone_or_doubly_held(
    roster: Roster, citizen: Citizen, state: str, held: set[str]
) -> None:
    conversation = await queued(citizen)
    with pytest.raises(CheckViolationError):
        await into(conversation, roster, state, held)
    assert (await Conversation.get(id=conversation.id)).state == "queued"


@pytest.mark.parametrize("state", list(WHOLE))
async def test_each_state_with_what_it_needs_is_accepted(roster: Roster, citizen: Citizen, state: str) -> None:
    conversation = await queued(citizen)
    await into(conversation, roster, state, WHOLE[state])
    assert (await Conversation.get(id=conversation.id)).state == state


async def test_an_inquiry_without_its_row_is_refused_at_commit(roster: Roster, citizen: Citizen) -> None:
    conversation = await queued(citizen)
    with pytest.raises(CheckViolationError):
        await into(conversation, roster, "inquiry", {"inquiry_due_at"})
    with pytest.raises(CheckViolationError):
        await db.execute(
            "INSERT INTO chat_inquiry (id, conversation_id, opened_at, due_at) VALUES ($1, $2, now(), now())",
            uuid4(), conversation.id,
        )  # fmt: skip
    assert await db.fetch_value("SELECT count(*) FROM chat_inquiry") == 0


async def test_a_place_in_the_sequence_is_given_once(citizen: Citizen) -> None:
    conversation = await queued(citizen)
    await append(Draft(conversation.id, "citizen", "text", {"text": "一"}, sender=citizen.id, client_id="a"))
    with pytest.raises(UniqueViolationError):
        await db.execute(
            "INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, kind, body, at) "
            "VALUES ($1, $2, 1, 'system', NULL, '', 'system', '{}', now())", uuid4(), conversation.id,
        )  # fmt: skip


async def test_a_clock_that_is_put_back_leaves_the_order_alone(citizen: Citizen) -> None:
    conversation = await queued(citizen)
    first = await append(Draft(conversation.id, "citizen", "text", {"text": "一"}, sender=citizen.id, client_id="a"))
    with clock.moved(timedelta(hours=-1)):
        second = await append(
            Draft(conversation.id, "citizen", "text", {"text": "二"}, sender=citizen.id, client_id="b")
        )
    assert (first.seq, second.seq) == (1, 2)
    assert second.at < first.at


def test_every_state_is_reached_from_a_beginning() -> None:
    reached, frontier = set(BEGINNINGS), set(BEGINNINGS)
    while frontier:
        frontier = {to for state in frontier for to in MOVES[state]} - reached
        reached |= frontier
    assert reached == set(ConversationState) == set(MOVES)
