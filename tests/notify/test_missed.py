"""Exactly one notice for each burst of absence, whoever looks, however often, and whoever is killed in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import Citizen, StaffMember
from chat import subjects
from chat.marks import Moved, raise_marks
from chat.messages import Draft, append
from chat.models import Conversation
from chat.subjects import SubjectInfo
from kit import clock, config, db
from kit.texts import text
from mobileapi.notify import missed
from mobileapi.notify.models import Notice
from mobileapi.settings import OfficeSettings
from tests.chat.office import ITEM, REGION, begun, counter, hire
from tests.notify.conftest import Phone, bearer, phone
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
AWAY = timedelta(seconds=21)
UNREAD = timedelta(seconds=181)


@pytest.fixture
async def away(sandbox: SandboxServer) -> Phone:
    one = await phone(sandbox, f"138{uuid4().int % 10**8:08d}")
    for _ in range(3):
        await one.allows()
    return one


async def talk(citizen: UUID) -> tuple[UUID, StaffMember]:
    """A conversation its clerk answers; number 1 is the citizen's question."""
    clerk = await hire(f"clerk{uuid4().hex[:8]}")
    made = await Conversation.create(
        citizen_id=citizen, state="assigned", clerk_id=clerk.id, reason_code="owner_on_duty", created_at=clock.now(),
        answer_due_at=clock.now() + timedelta(minutes=3), item_name={"zh": "居住证办理", "en": None},
    )  # fmt: skip
    await asks(made.id, citizen)
    return made.id, clerk


async def asks(conversation: UUID, citizen: UUID) -> None:
    outcome = await append(
        Draft(conversation, "citizen", "text", {"text": "在吗？"}, sender=citizen, client_id=uuid4().hex)
    )
    assert outcome.verdict == "stored"


async def answers(conversation: UUID, clerk: StaffMember, *, words: str = "请带身份证") -> int:
    draft = Draft(conversation, "clerk", "text", {"text": words}, sender=clerk.id, name="窗口", client_id=uuid4().hex)
    outcome = await append(draft)
    assert outcome.verdict == "stored"
    return outcome.seq


async def reads(conversation: UUID, seq: int) -> None:
    await raise_marks([Moved(conversation, "citizen", seq, seq)])


async def notices(citizen: UUID) -> list[Notice]:
    return await Notice.filter(citizen=citizen, kind="chat.missed").order_by("created_at")


async def test_three_answers_to_somebody_away_are_one_notice_with_the_way_to_the_room(
    away: Phone, drain: Drain
) -> None:
    conversation, clerk = await talk(away.citizen)
    for _ in range(3):
        await answers(conversation, clerk, words="您的证件号是 110101199003070011")
    await missed.look()
    assert await notices(away.citizen) == []
    with clock.moved(AWAY):
        assert [await missed.look() for _ in range(3)] == [1, 0, 0]
        await drain()
    (message,) = await away.messages()
    assert message["page"] == f"sub/chat/room?id={conversation}"
    assert message["content"] == {"咨询事项": "居住证办理", "温馨提示": "工作人员已回复，请点击查看"} | {
        "回复时间": message["content"]["回复时间"]
    }
    (notice,) = await notices(away.citizen)
    assert "110101" not in str(notice.text) + str(notice.brief)


async def test_a_burst_ends_by_reading_and_the_next_is_told_again(away: Phone, drain: Drain) -> None:
    conversation, clerk = await talk(away.citizen)
    last = await answers(conversation, clerk)
    with clock.moved(AWAY):
        await missed.look()
        await drain()
        await reads(conversation, last)
        await answers(conversation, clerk)
        assert await missed.look() == 0
        assert [n.read_at is not None for n in await notices(away.citizen)] == [True]
    with clock.moved(2 * AWAY):
        assert await missed.look() == 1
        await drain()
    assert (len(await notices(away.citizen)), len(await away.messages())) == (2, 2)


async def test_who_writes_was_there(away: Phone) -> None:
    conversation, clerk = await talk(away.citizen)
    await answers(conversation, clerk)
    await asks(conversation, away.citizen)
    with clock.moved(AWAY):
        assert await missed.look() == 0


async def test_what_a_device_took_is_missed_only_when_it_stays_unread(away: Phone) -> None:
    conversation, clerk = await talk(away.citizen)
    seq = await answers(conversation, clerk)
    await raise_marks([Moved(conversation, "citizen", seq, 1)])
    with clock.moved(AWAY):
        assert await missed.look() == 0
    with clock.moved(UNREAD):
        assert [await missed.look(), await missed.look()] == [1, 0]


async def test_an_answer_that_stays_unread_joins_the_burst_that_was_told(away: Phone) -> None:
    conversation, clerk = await talk(away.citizen)
    seq = await answers(conversation, clerk)
    await raise_marks([Moved(conversation, "citizen", seq, 1)])
    await answers(conversation, clerk)
    with clock.moved(AWAY):
        assert await missed.look() == 1
    with clock.moved(UNREAD):
        assert await missed.look() == 0
    assert len(await notices(away.citizen)) == 1


async def test_what_the_office_itself_says_is_no_answer(away: Phone) -> None:
    conversation, _ = await talk(away.citizen)
    await append(Draft(conversation, "system", "system", {"event": "x", "text": {"zh": "x"}}, name="系统"))
    with clock.moved(UNREAD):
        assert await missed.look() == 0


async def test_reading_before_the_message_leaves_takes_it_back(away: Phone, drain: Drain) -> None:
    conversation, clerk = await talk(away.citizen)
    seq = await answers(conversation, clerk)
    with clock.moved(AWAY):
        assert await missed.look() == 1
        await reads(conversation, seq)
        await drain()
    assert await away.messages() == []


async def test_twenty_lookers_at_once_tell_once(away: Phone, drain: Drain) -> None:
    conversation, clerk = await talk(away.citizen)
    await answers(conversation, clerk)
    with clock.moved(AWAY):
        assert sum(await asyncio.gather(*(missed.look() for _ in range(20)))) == 1
        await drain()
    assert len(await away.messages()) == 1


async def test_a_looker_killed_at_any_await_leaves_exactly_one_notice(away: Phone, drain: Drain) -> None:
    """Stopped after more and more turns of the loop, as a killed process is; then somebody looks again."""
    conversation, clerk = await talk(away.citizen)
    turns, finished = 0, False
    with clock.moved(AWAY):
        while not finished:  # how many turns a look takes depends on how soon the database answers
            last = await answers(conversation, clerk)
            with clock.moved(AWAY):
                finished = await _stopped_after(turns)
                await missed.look()
                await drain()
                burst = [n for n in await notices(away.citizen) if n.about["seq"] == str(last)]
                assert len(burst) == 1, f"stopped after {turns} turns"
                await reads(conversation, last)
            turns = turns * 3 // 2 + 4
    assert turns > 12, "stopped within the transaction, too"


async def _stopped_after(turns: int) -> bool:
    """Runs a look for that many turns of the loop and ends it there; whether it had finished before."""
    task = asyncio.ensure_future(missed.look())
    for _ in range(turns):
        if task.done():
            return True
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


async def test_after_a_day_without_a_worker_yesterdays_answers_are_told_of(away: Phone) -> None:
    await missed.look()
    conversation, clerk = await talk(away.citizen)
    await answers(conversation, clerk)
    with clock.moved(timedelta(hours=23)):
        assert await missed.look() == 1


async def _one_item(code: str) -> SubjectInfo | None:
    return SubjectInfo(name=text("居住证办理"), department_code="GA", region=REGION) if code == ITEM else None


async def _no_case(_: UUID) -> None: ...


async def _no_words(_: str, __: str | None) -> None: ...


async def test_a_socket_that_takes_the_answer_is_told_nothing_and_one_that_is_gone_is(
    away: Phone, database: str, drain: Drain
) -> None:
    """Over real sockets: read at once, nothing; hung up, one notice."""
    owner = await hire("owner", role="owner")
    citizen = await Citizen.get(id=away.citizen)
    config.install(config.current(OfficeSettings).model_copy(update={"chat_outside_hours": True}))
    subjects.install(_one_item, cases=_no_case, words=_no_words)
    async with counter(database) as desk:
        theirs, asker, conversation = await begun(desk, owner, citizen)
        acked = await theirs.send_text(conversation, "您好")
        await asker.hear("message", conversation=conversation, seq=acked["seq"])
        await asker.say(type="read", conversation=conversation, seq=acked["seq"])
        await theirs.hear("receipt", conversation=conversation, by="citizen", read=acked["seq"])
        with clock.moved(AWAY):
            assert await missed.look() == 0
            await asker.hang_up()
            for words in ("请带身份证", "还有照片"):
                last = await theirs.send_text(conversation, words)
        with clock.moved(2 * AWAY):
            assert await missed.look() == 1
            await drain()
            back = await desk.come(citizen, since={conversation: acked["seq"]})
            await back.hear("caught_up", conversation=conversation, seq=last["seq"])
            await back.say(type="read", conversation=conversation, seq=last["seq"])
            await theirs.hear("receipt", conversation=conversation, by="citizen", read=last["seq"])
            assert await missed.look() == 0
    assert [n.read_at is not None for n in await notices(away.citizen)] == [True]
    assert len(await away.messages()) == 1


async def test_the_ask_is_booked_once_under_its_key_and_shown_to_its_citizen_alone(
    sandbox: SandboxServer, door: httpx2.AsyncClient
) -> None:
    one, other = await phone(sandbox, "13800002001"), await phone(sandbox, "13800002002")
    mine, theirs = await bearer(one.citizen), await bearer(other.citizen)
    body = {"platform": "wechat", "answers": {"answers": "accept", "cases": "reject"}}
    for _ in range(3):
        told = await door.post("/api/v1/me/message-grants", json=body, headers=mine | {"idempotency-key": "tap-1"})
        assert told.status_code == 200
    left = {(g["topic"], g["left"], g["ask"]) for g in told.json()["items"]}
    assert left == {("answers", 1, False), ("cases", 0, False), ("bills", 0, True)}
    await door.post("/api/v1/me/message-grants", json=body, headers=mine | {"idempotency-key": "tap-2"})
    now = (await door.get("/api/v1/me/message-grants", headers=mine)).json()["items"]
    assert [g["left"] for g in now if g["topic"] == "answers"] == [2]
    others = (await door.get("/api/v1/me/message-grants", headers=theirs)).json()["items"]
    assert [g["left"] for g in others] == [0, 0, 0]
    wrongs: list[dict[str, Any]] = [
        {"platform": "qq"}, {"answers": {}}, {"answers": {"weather": "accept"}}, {"answers": {"bills": "yes"}},
    ]  # fmt: skip
    refused = [
        await door.post(
            "/api/v1/me/message-grants", json=body | wrong, headers=theirs | {"idempotency-key": uuid4().hex}
        )
        for wrong in wrongs
    ]
    assert {r.status_code for r in refused} == {422}
    assert await db.fetch_value("SELECT count(*) FROM notify_grant") == 2


async def test_whoever_said_no_is_asked_again_after_a_month(sandbox: SandboxServer, door: httpx2.AsyncClient) -> None:
    one = await phone(sandbox, "13800002003")
    mine = await bearer(one.citizen)
    body = {"platform": "wechat", "answers": {"answers": "reject"}}
    await door.post("/api/v1/me/message-grants", json=body, headers=mine | {"idempotency-key": "no"})

    async def asked() -> bool:
        told = (await door.get("/api/v1/me/message-grants", headers=await bearer(one.citizen))).json()["items"]
        return next(bool(g["ask"]) for g in told if g["topic"] == "answers")

    assert not await asked()
    with clock.moved(timedelta(days=31)):
        assert await asked()


async def test_wishes_are_said_topic_by_topic(sandbox: SandboxServer, door: httpx2.AsyncClient) -> None:
    one = await phone(sandbox, "13800002004")
    mine = await bearer(one.citizen)
    said = await door.put("/api/v1/me/notice-wishes/cases", json={"messages": False, "texts": True}, headers=mine)
    told = {w["topic"]: (w["messages"], w["texts"], w["left"]) for w in said.json()["items"]}
    assert told == {"answers": (True, True, 0), "cases": (False, True, 0), "bills": (True, True, 0)}
    assert (said.json()["texts_allowed"], said.json()["texts_possible"]) == (False, True)
    body = {"messages": False, "texts": True}
    assert (await door.put("/api/v1/me/notice-wishes/weather", json=body, headers=mine)).status_code == 404


@pytest.fixture(autouse=True)
def unhurried(settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"chat_frames_per_s": 1000}))


@pytest.fixture(autouse=True)
async def nobody_listens(database: str) -> AsyncIterator[None]:
    """Messages appended here wake a backplane as anywhere."""
    from chat import backplane

    backplane.install(backplane.PostgresBackplane(database))
    yield
