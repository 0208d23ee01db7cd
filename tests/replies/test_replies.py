"""Quick replies: by whom they are written and agreed to, what they rest on, and when they are stale."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from asyncpg import CheckViolationError

from auth.models import Citizen
from chat.models import Conversation
from kit import clock, db
from mobileapi.catalogue.events import GuidePublished
from mobileapi.catalogue.imports import import_items
from mobileapi.catalogue.items import current_guide
from mobileapi.catalogue.quoting import found_again, paragraph_of, paragraphs_of
from mobileapi.replies import staleness
from mobileapi.replies.imports import import_replies
from mobileapi.replies.models import Reply
from tests.catalogue.conftest import DEMO
from tests.replies.conftest import ITEM, calling, guide_file, of_office

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("replies")]
WRITTEN = {"scope": "item", "item": ITEM, "title": {"zh": "要带相片回执吗"}, "at": "materials.photo",
           "words": {"zh": "{姓名}您好，请带相片回执。", "en": "Hello {name}, please bring the receipt."}}  # fmt: skip


async def test_what_a_department_says_is_agreed_to_by_another_person() -> None:
    chief, clerk = await of_office("GA", "supervisor"), await of_office("GA", "clerk")
    async with calling(chief) as boss, calling(clerk) as desk:
        made = (await boss.post("/replies", json=WRITTEN)).json()
        assert (made["live"], made["newest"], made["asked"], made["asked_by_me"]) == (0, 1, True, True)
        own = await boss.post(f"/replies/{made['id']}/decision", json={"number": 1, "approve": True})
        assert (own.status_code, own.json()["code"]) == (409, "own_reply")
        done = (await desk.post(f"/replies/{made['id']}/decision", json={"number": 1, "approve": True})).json()
        assert (done["live"], done["at"], done["version"], done["initials"]) == (1, "materials.photo", 1, "ydxphzm")
        assert done["cite"]["heading"]["zh"] == "居民身份证数字相片回执"
        again = await desk.post(f"/replies/{made['id']}/decision", json={"number": 1, "approve": False})
        assert again.json()["code"] == "revision_decided"
        change = {"title": WRITTEN["title"], "words": {"zh": "请带回执原件。"}, "at": "materials.photo", "seen": 1}
        assert (await desk.put(f"/replies/{made['id']}", json=change)).json()["code"] == "not_yours_to_write"
        waiting = (await boss.put(f"/replies/{made['id']}", json=change)).json()
        assert (waiting["live"], waiting["words"]["zh"]) == (1, "{姓名}您好，请带相片回执。"), (
            "the former is used until then"
        )
        stale = await boss.put(f"/replies/{made['id']}", json=change)
        assert stale.json()["code"] == "reply_changed"
        done = (await desk.post(f"/replies/{made['id']}/decision", json={"number": 2, "approve": True})).json()
        assert [(r["number"], r["state"]) for r in done["revisions"]] == [(2, "live"), (1, "former")]


async def test_what_was_never_agreed_to_is_still_shown_to_who_may_read_it() -> None:
    chief, clerk = await of_office("GA", "supervisor"), await of_office("GA", "clerk")
    async with calling(chief) as boss, calling(clerk) as desk:
        refused, ended = [(await boss.post("/replies", json=WRITTEN)).json()["id"] for _ in range(2)]
        missing = await desk.post(f"/replies/{refused}/decision", json={"number": 7, "approve": True})
        assert (missing.status_code, missing.json()["code"]) == (409, "reply_changed")
        no = await desk.post(f"/replies/{refused}/decision", json={"number": 1, "approve": False, "note": "不准确"})
        gone = await boss.post(f"/replies/{ended}/end", json={})
        for told in (no, gone):
            assert (told.status_code, told.json()["title"]["zh"]) == (200, "要带相片回执吗")
        everything = (await desk.get("/replies?limit=100")).json()["items"]
        withdrawn = (await desk.get("/replies?show=withdrawn")).json()["items"]
    assert refused in {row["id"] for row in everything}
    assert [(row["id"], row["live"]) for row in withdrawn] == [(ended, 0)]


async def test_the_database_too_wants_two_people() -> None:
    chief = await of_office("GA", "supervisor")
    async with calling(chief) as boss:
        made = (await boss.post("/replies", json=WRITTEN)).json()
    with pytest.raises(CheckViolationError):
        await db.execute(
            "UPDATE replies_revision SET state = 'live', decided_by = author, decided_at = now() WHERE reply_id = $1",
            made["id"],
        )


async def test_of_two_reviewers_at_once_one_decides() -> None:
    chief = await of_office("GA", "supervisor")
    clerks = [p for p in await _clerks() if p.id != chief.id][:2]
    async with calling(chief) as boss, calling(clerks[0]) as one, calling(clerks[1]) as other:
        for _ in range(5):
            made = (await boss.post("/replies", json=WRITTEN)).json()
            url = f"/replies/{made['id']}/decision"
            told = await asyncio.gather(
                one.post(url, json={"number": 1, "approve": True}),
                other.post(url, json={"number": 1, "approve": False}),
            )
            codes = sorted(answer.status_code for answer in told)
            assert codes == [200, 409]
            won = next(answer.json() for answer in told if answer.status_code == 200)
            state = await db.fetch_value("SELECT state FROM replies_revision WHERE reply_id = $1", made["id"])
            assert state == won["revisions"][0]["state"]


async def _clerks() -> list[Any]:
    from auth.models import StaffMember

    return [p for p in await StaffMember.filter(department_id="GA") if "clerk" in p.roles]


async def test_a_clerks_own_reply_is_in_force_at_once_and_nobody_elses() -> None:
    mine, other = (await _clerks())[:2]
    async with calling(mine) as desk, calling(other) as next_desk:
        body = {"scope": "personal", "title": "我的", "words": "您好，{姓名}。"}
        made = (await desk.post("/replies", json=body)).json()
        assert (made["live"], made["scope"], made["may_write"]) == (1, "personal", True)
        assert (await next_desk.get(f"/replies/{made['id']}")).status_code == 404
        listed = (await next_desk.get("/replies?show=mine")).json()["items"]
        assert listed == []
        refused = await desk.post("/replies", json=body | {"scope": "department"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_write")
        assert (await desk.post(f"/replies/{made['id']}/end", json={})).json()["withdrawn"] is True
        assert (await desk.put(f"/replies/{made['id']}", json={**body, "seen": 1} | {"scope": "x"})).status_code == 422
        gone = await desk.put(f"/replies/{made['id']}", json={"title": "我的", "words": "x", "seen": 1})
        assert gone.json()["code"] == "reply_withdrawn"


@pytest.mark.parametrize("words", ["请打身份证11010519491231002X", "转到4111111111111111"])
async def test_a_reply_holds_no_number_of_a_person(words: str) -> None:
    async with calling(await of_office("GA", "supervisor")) as boss:
        before = await Reply.all().count()
        refused = await boss.post("/replies", json={"scope": "department", "title": "x", "words": words})
        assert (refused.status_code, refused.json()["code"]) == (422, "reply_refused")
        assert words[-16:] not in refused.text
        assert await Reply.all().count() == before


async def test_a_paragraph_the_guide_has_not_is_refused() -> None:
    async with calling(await of_office("GA", "supervisor")) as boss:
        refused = await boss.post("/replies", json=WRITTEN | {"at": "materials.nothing"})
        assert refused.json()["code"] == "paragraph_unknown"
        assert (await boss.post("/replies", json=WRITTEN | {"item": None})).json()["code"] == "reply_without_place"


async def newer_guide(tmp_path: Path, old: str, new: str) -> None:
    report = await import_items(guide_file(tmp_path, old, new))
    assert report.problems == []
    await staleness.look_again(GuidePublished(ITEM, (await current_guide(ITEM))[0]))


async def state_of(code: str) -> tuple[int | None, str | None, bool]:
    found = await Reply.get(code=code)
    return found.cite_version, found.cite_at, found.stale_since is not None


async def test_a_newer_guide_makes_stale_what_rests_on_the_changed_paragraph_only(tmp_path: Path) -> None:
    chief = await of_office("GA", "supervisor")
    await newer_guide(
        tmp_path, "promised_limit: {days: 15, unit: working_days}", "promised_limit: {days: 16, unit: working_days}"
    )
    assert await state_of(f"{ITEM}.time") == (1, "cost", True)
    assert await state_of(f"{ITEM}.materials") == (2, "materials", False)
    told = await db.fetch("SELECT kind, text FROM notify_staff_notice WHERE staff = $1", chief.id)
    assert [t["kind"] for t in told] == ["reply.stale"]
    await staleness.look_again(GuidePublished(ITEM, 2))
    assert await db.fetch_value("SELECT count(*) FROM notify_staff_notice WHERE staff = $1", chief.id) == 1
    async with calling(chief) as boss, calling(await of_office("GA", "clerk")) as desk:
        listed = (await boss.get("/replies?show=stale")).json()
        assert (listed["stale"], [i["title"]["zh"] for i in listed["items"]]) == (1, ["多久办好、收不收费"])
        id_ = listed["items"][0]["id"]
        shown = (await boss.get(f"/replies/{id_}")).json()["cite"]
        assert ("15 个工作日" in shown["says"]["zh"], "16 个工作日" in shown["now"]["zh"]) == (True, True)
        assert (await desk.post(f"/replies/{id_}/confirmation", json={"seen": 1})).json()[
            "code"
        ] == "not_yours_to_write"
        assert (await boss.post(f"/replies/{id_}/confirmation", json={"seen": 7})).json()["code"] == "reply_changed"
        done = (await boss.post(f"/replies/{id_}/confirmation", json={"seen": 1})).json()
        assert (done["stale_since"], done["version"], done["live"]) == (None, 2, 2)
        assert (await boss.get("/replies?show=stale")).json()["stale"] == 0


async def test_a_paragraph_that_only_moved_is_the_same_one(tmp_path: Path) -> None:
    _, guide = await current_guide(ITEM)
    last = paragraph_of(guide, "conditions.2")
    assert last is not None
    async with calling(await of_office("GA", "supervisor")) as boss:
        made = (await boss.post("/replies", json=WRITTEN | {"at": "conditions.2", "scope": "personal"})).json()
    await newer_guide(tmp_path, "    conditions:\n", "    conditions:\n      - 新的第一条。\n")
    found = await Reply.get(id=made["id"])
    assert (found.cite_version, found.cite_at, found.stale_since) == (2, "conditions.3", None)


async def test_every_paragraph_of_every_guide_has_one_name_and_says_something() -> None:
    for row in await db.fetch("SELECT item_id AS code FROM catalogue_item_version"):
        _, guide = await current_guide(row["code"])
        parts = paragraphs_of(guide)
        assert len({p.at for p in parts}) == len(parts) > 8
        assert all(p.words.zh.strip() and p.heading.zh.strip() for p in parts)
        assert all(found_again(guide, p.at, digest=p.digest) == p for p in parts)


async def talk_of(clerk: Any, **more: Any) -> Conversation:
    now = clock.now()
    citizen = await Citizen.create(assurance="phone", created_at=now, locale=more.pop("locale", "zh-CN"))
    told: dict[str, Any] = {"item_code": ITEM, "item_name": {"zh": "居民身份证遗失补领", "en": "Replace a lost card"}}
    return await Conversation.create(
        citizen_id=citizen.id, clerk_id=clerk.id, state="assigned", answer_due_at=now, reason_code="owner_on_duty",
        department_code="GA", department_name={"zh": "公安"}, region_code="440105000000", created_at=now, **(told | more),
    )  # fmt: skip


async def test_a_reply_is_filled_from_the_conversation_and_what_is_unknown_is_asked() -> None:
    clerk = await of_office("GA", "clerk")
    talk = await talk_of(clerk)
    async with calling(clerk) as desk, calling(await of_office("SCJG", "clerk")) as stranger:
        page = (await desk.get(f"/replies?conversation={talk.id}")).json()["items"]
        titles = [(i["scope"], i["title"]["zh"]) for i in page]
        assert ("item", "要准备哪些材料") in titles
        assert ("department", "办件进度") in titles
        assert {i["item"] for i in page} == {ITEM, None}
        chosen = next(i for i in page if i["title"]["zh"] == "办件进度")
        filled = (await desk.post(f"/replies/{chosen['id']}/filling", json={"conversation": str(talk.id)})).json()
        assert filled["missing"] == ["受理编号", "办结日期"]
        assert "{受理编号}" in filled["text"]
        item = next(i for i in page if i["title"]["zh"] == "要准备哪些材料")
        filled = (await desk.post(f"/replies/{item['id']}/filling", json={"conversation": str(talk.id)})).json()
        assert (filled["missing"], "“居民身份证遗失补领”" in filled["text"], filled["language"]) == ([], True, "zh")
        assert await db.fetch_value("SELECT uses FROM replies_reply WHERE id = $1", item["id"]) == 1
        other = await talk_of(clerk, locale="en")
        filled = (await desk.post(f"/replies/{item['id']}/filling", json={"conversation": str(other.id)})).json()
        assert (filled["language"], filled["text"][:6]) == ("en", "Hello ")
        refused = await stranger.post(f"/replies/{item['id']}/filling", json={"conversation": str(talk.id)})
        assert refused.status_code == 404
        assert await db.fetch_value("SELECT uses FROM replies_reply WHERE id = $1", item["id"]) == 2
        assert (await stranger.get(f"/replies?conversation={talk.id}")).status_code == 404


@pytest.mark.parametrize(("q", "found"), [("banjian", 0), ("bjjd", 1), ("办件进", 1), ("under way", 1)])
async def test_a_reply_is_found_by_words_and_by_first_letters(q: str, found: int) -> None:
    async with calling(await of_office("GA", "clerk")) as desk:
        items = (await desk.get(f"/replies?q={q}")).json()["items"]
        assert len([i for i in items if i["title"]["zh"] == "办件进度"]) == found


async def test_the_file_again_changes_nothing_and_a_bad_row_is_named(tmp_path: Path) -> None:
    report = await import_replies(DEMO / "replies.yaml")
    assert (report.imported, report.problems) == (0, [])
    file = tmp_path / "replies.yaml"
    rows = [
        {"code": "a", "item": ITEM, "title": "x", "words": "好", "at": "materials.nothing"},
        {"code": "b", "item": "999", "title": "x", "words": "好"},
        {"code": "c", "department": "XX", "title": "x", "words": "好"},
        {"code": "d", "department": "GA", "title": "x", "words": "加11010519491231002X"},
        {"code": "e", "department": "GA", "title": "x", "words": "好"},
    ]
    file.write_text(json.dumps({"replies": rows}), "utf-8")
    before = await Reply.all().count()
    report = await import_replies(file)
    assert (len(report.problems), report.imported, await Reply.all().count()) == (4, 0, before)
    assert not any("11010519491231002X" in str(p) for p in report.problems)
    assert (await import_replies(file, keep_going=True)).imported == 1
