"""A good answer becomes everybody's: without people, by two of staff, as long as the guide says so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from auth.models import Citizen
from chat.messages import Draft, append
from chat.models import Conversation
from kit import clock, db
from mobileapi.answers import answers, personal, routes, shelf
from mobileapi.catalogue import shelf as catalogue
from mobileapi.catalogue.imports import take_item
from tests.applications.office import ITEM, LETTER, STREET, Office, guide, open_office
from tests.materials.app import application, client
from tests.materials.people import verified_citizen
from tests.ratings.conftest import supervisor

pytestmark = pytest.mark.anyio


@dataclass
class Desk:
    office: Office
    chief: UUID
    stranger: UUID
    anna: Citizen
    talk: UUID

    def staff(self, person: UUID | None = None, roles: str = "clerk") -> httpx2.AsyncClient:
        return client(self.office.app, f"staff:{person or self.office.owner}:{roles}")

    def chief_(self) -> httpx2.AsyncClient:
        return self.staff(self.chief, "supervisor")

    def draft(self, **changes: Any) -> dict[str, Any]:
        return {
            "item": ITEM, "question": "身份证丢了在外地能补吗？", "answer": "可以，带户口簿到任一窗口补领。",
            "cites": ["materials"], "conversation": str(self.talk), **changes,
        }  # fmt: skip

    async def proposed(self, **changes: Any) -> dict[str, Any]:
        async with self.staff() as clerk:
            answer = await clerk.post("/api/v1/desk/answers", json=self.draft(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def published(self, **changes: Any) -> dict[str, Any]:
        made = await self.proposed(**changes)
        async with self.chief_() as chief:
            answer = await chief.post(f"/api/v1/desk/answers/{made['id']}/review", json={"publish": True, "version": 1})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    catalogue.clear()
    shelf.clear()
    office = await open_office()
    office.app = application(routes.ROUTES)
    anna = await verified_citizen()
    now = clock.now()
    talk = await Conversation.create(
        citizen_id=anna.id, item_code=ITEM, department_code="GA", region_code=STREET, state="assigned",
        clerk_id=office.owner, answer_due_at=now + timedelta(hours=1), reason_code="owner_on_duty", created_at=now,
    )  # fmt: skip
    await append(Draft(talk.id, "clerk", "text", {"text": "可以"}, sender=office.owner, name="陈立群", client_id="a"))
    chief, stranger = await supervisor("chief", "GA"), await supervisor("stranger", "RS")
    yield Desk(office, chief, stranger, anna, talk.id)
    catalogue.clear()
    shelf.clear()


async def found(desk: Desk, query: str) -> list[dict[str, Any]]:
    catalogue.look_again()
    async with client(desk.office.app) as public:
        answer = await public.get(f"/api/v1/answers?{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_an_answer_is_published_by_another_person_and_found(desk: Desk) -> None:
    made = await desk.proposed()
    assert await found(desk, f"item={ITEM}") == []
    async with desk.staff() as clerk, desk.chief_() as chief:
        url = f"/api/v1/desk/answers/{made['id']}/review"
        assert (await clerk.post(url, json={"publish": True, "version": 1})).status_code == 403
        listed = (await chief.get("/api/v1/desk/answers")).json()["items"]
        assert [(a["id"], a["actions"]) for a in listed] == [(made["id"], ["review"])]
        done = await chief.post(url, json={"publish": True, "version": 1})
        assert (done.json()["state"], done.json()["reviewed_by"]["name"]) == ("published", "chief")
    (answer,) = await found(desk, f"item={ITEM}")
    assert (answer["question"], answer["guide_version"], answer["stale"]) == ("身份证丢了在外地能补吗？", 1, False)
    (met,) = await found(desk, "q=在外地丢了身份证，能补吗")
    assert (met["id"], met["sure"]) == (made["id"], True)
    assert await found(desk, f"item={LETTER}&q=在外地丢了身份证") == []
    assert await found(desk, "q=今天天气怎么样") == []
    told = await db.fetch("SELECT staff, kind FROM notify_staff_notice ORDER BY created_at")
    assert [tuple(row) for row in told] == [(desk.chief, "answer.proposed"), (desk.office.owner, "answer.reviewed")]


async def test_what_is_removed_is_told_to_who_proposes_and_kept_nowhere(desk: Desk) -> None:
    said = {
        "question": "欧阳晴的手机13800138000能收短信吗？",
        "answer": "陈立群：可以，打020-00001111，勿用020-88887777",
    }
    async with desk.staff() as clerk:
        looked = (await clerk.post("/api/v1/desk/answers/look", json=desk.draft(**said))).json()
        assert await db.fetch_value("SELECT count(*) FROM answers_answer") == 0
    assert looked["question"] == "〔姓名〕的手机〔手机号〕能收短信吗？"
    assert looked["answer"] == "〔姓名〕：可以，打020-00001111，勿用〔电话〕"
    made = await desk.proposed(**said)
    assert [one["was"] for one in made["removed"]] == ["欧阳晴", "13800138000", "陈立群", "020-88887777"]
    rows = str([tuple(row) for row in await db.fetch("SELECT * FROM answers_answer")])
    for person in ("欧阳晴", "13800138000", "陈立群", "88887777"):
        assert person not in rows
    async with desk.chief_() as chief:
        assert (await chief.get(f"/api/v1/desk/answers/{made['id']}")).json()["removed"] == []


async def test_a_review_that_brings_people_back_is_refused(desk: Desk) -> None:
    made = await desk.proposed()
    async with desk.chief_() as chief:
        body = {"publish": True, "answer": "请打13800138000问欧阳晴", "version": 1}
        refused = await chief.post(f"/api/v1/desk/answers/{made['id']}/review", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "tells_of_people")
    assert await db.fetch_value("SELECT state FROM answers_answer") == "proposed"


async def test_nobody_reviews_an_own_proposal_and_the_database_says_so_too(desk: Desk) -> None:
    async with desk.chief_() as chief:
        made = (await chief.post("/api/v1/desk/answers", json=desk.draft(conversation=None))).json()
        assert made["actions"] == []
        url = f"/api/v1/desk/answers/{made['id']}/review"
        refused = await chief.post(url, json={"publish": True, "version": 1})
        assert (refused.status_code, refused.json()["code"]) == (409, "own_proposal")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(
            "UPDATE answers_answer SET state = 'published', reviewed_by = proposed_by, reviewed_at = now()"
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE answers_answer SET state = 'published'")


async def test_of_many_reviews_at_once_one_counts(desk: Desk) -> None:
    made = await desk.proposed()
    other = await supervisor("deputy", "GA")
    async with desk.chief_() as chief, desk.staff(other, "supervisor") as deputy:
        url = f"/api/v1/desk/answers/{made['id']}/review"
        told = await asyncio.gather(
            *(chief.post(url, json={"publish": True, "version": 1}) for _ in range(4)),
            *(deputy.post(url, json={"publish": False, "note": "重复", "version": 1}) for _ in range(4)),
        )
    assert sorted(t.status_code for t in told) == [200] + [409] * 7
    assert await db.fetch_value("SELECT version FROM answers_answer") == 2


async def test_other_offices_neither_see_nor_propose(desk: Desk) -> None:
    made = await desk.proposed()
    async with desk.staff(desk.stranger, "supervisor") as stranger, desk.staff(desk.office.stranger) as clerk:
        assert (await stranger.get("/api/v1/desk/answers")).json()["items"] == []
        assert (await stranger.get(f"/api/v1/desk/answers/{made['id']}")).status_code == 404
        denied = await stranger.post(f"/api/v1/desk/answers/{made['id']}/review", json={"publish": True, "version": 1})
        assert denied.status_code == 404
        assert (await clerk.post("/api/v1/desk/answers", json=desk.draft())).status_code == 404
    async with desk.staff(desk.office.colleague) as colleague:
        unread = await colleague.post("/api/v1/desk/answers", json=desk.draft())
        assert unread.status_code == 404, "of the department, but not a reader of this conversation"
    assert await db.fetch_value("SELECT count(*) FROM answers_answer") == 1


async def test_an_answer_is_stale_when_the_cited_chapter_changes_and_is_reviewed_anew(desk: Desk) -> None:
    made = await desk.published()
    async with db.transaction():
        await take_item(guide(fee={"charged": True, "amount_fen": 2000, "basis": "收费标准"}))
    assert [a["stale"] for a in await found(desk, f"item={ITEM}")] == [False], "another chapter changed"
    assert await answers.tell_of_stale() == 0
    async with db.transaction():
        await take_item(guide(materials=[{**guide().materials[0].model_dump(mode="json"), "copies": 2}]))
    assert [a["stale"] for a in await found(desk, f"item={ITEM}")] == [True]
    assert await found(desk, "q=在外地丢了身份证，能补吗") == [], "not offered while it waits for a review"
    assert await shelf.past_answers() == {}
    assert await answers.tell_of_stale() == 1
    assert await answers.tell_of_stale() == 0
    async with desk.chief_() as chief:
        (listed,) = (await chief.get("/api/v1/desk/answers?state=stale")).json()["items"]
        assert (listed["guide_version"], listed["current_version"], listed["actions"]) == (1, 3, ["review", "withdraw"])
        body = {"publish": True, "answer": "可以，带户口簿和两张相片。", "version": 2}
        await chief.post(f"/api/v1/desk/answers/{made['id']}/review", json=body)
    (fresh,) = await found(desk, f"item={ITEM}")
    assert (fresh["answer"], fresh["guide_version"], fresh["stale"]) == ("可以，带户口簿和两张相片。", 3, False)


async def test_a_withdrawn_answer_is_gone_at_once(desk: Desk) -> None:
    made = await desk.published()
    assert len(await found(desk, f"item={ITEM}")) == 1
    async with desk.chief_() as chief:
        body = {"reason": "政策调整", "version": 2}
        gone = await chief.post(f"/api/v1/desk/answers/{made['id']}/retraction", json=body)
        assert gone.json()["state"] == "withdrawn"
        again = await chief.post(f"/api/v1/desk/answers/{made['id']}/retraction", json=body | {"version": 3})
        assert (again.status_code, again.json()["code"]) == (409, "answer_moved")
    assert await found(desk, f"item={ITEM}") == []


async def test_readers_who_have_it_are_told_so_until_something_is_published(desk: Desk) -> None:
    await desk.published()
    async with client(desk.office.app) as public:
        url = f"/api/v1/answers?item={ITEM}"
        catalogue.look_again()
        first = await public.get(url)
        again = await public.get(url, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        await desk.published(question="孩子的身份证怎么补？", conversation=None)
        catalogue.look_again()
        after = await public.get(url, headers={"if-none-match": first.headers["etag"]})
        assert (after.status_code, len(after.json()["items"])) == (200, 2)


async def test_a_person_or_a_device_counts_once(desk: Desk) -> None:
    made = await desk.published()
    url = f"/api/v1/answers/{made['id']}/votes"
    async with client(desk.office.app) as public, client(desk.office.app, f"citizen:{desk.anna.id}") as anna:
        assert (await public.post(url, json={"helpful": True})).status_code == 422
        for _ in range(3):
            assert (await public.post(url, json={"helpful": True, "device": "d" * 20})).status_code == 204
            assert (await anna.post(url, json={"helpful": True})).status_code == 204
        await anna.post(url, json={"helpful": False})
        await public.post(url, json={"helpful": True, "device": "e" * 20})
        assert (
            await public.post(f"/api/v1/answers/{uuid4()}/votes", json={"helpful": True, "device": "d" * 20})
        ).status_code == 404
    async with desk.chief_() as chief:
        shown = (await chief.get(f"/api/v1/desk/answers/{made['id']}")).json()
        assert (shown["helpful"], shown["unhelpful"]) == (2, 1)
    assert str(desk.anna.id) not in str([tuple(r) for r in await db.fetch("SELECT voter FROM answers_vote")])


async def test_with_the_account_votes_and_the_way_back_go(desk: Desk) -> None:
    made = await desk.published()
    async with client(desk.office.app, f"citizen:{desk.anna.id}") as anna:
        await anna.post(f"/api/v1/answers/{made['id']}/votes", json={"helpful": True})
    (chapter,) = await personal.about(desk.anna)
    assert [dict(r) for r in chapter.records] == [{"text": "身份证丢了在外地能补吗？", "rating": True}]
    await personal.forget(desk.anna)
    assert await db.fetch_value("SELECT count(*) FROM answers_vote") == 0
    assert await db.fetch_value("SELECT conversation FROM answers_answer") is None
    assert len(await found(desk, f"item={ITEM}")) == 1
