"""Rating: once, within its days, with the reasons of its level; and the figures that come of it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kit import clock, db
from mobileapi.ratings.levels import LEVELS, strange
from mobileapi.ratings.models import CaseRating
from tests.applications.office import STREET
from tests.ratings.conftest import Counter

pytestmark = pytest.mark.anyio


async def test_a_decided_case_is_rated_once(counter: Counter) -> None:
    case = await counter.decided_case()
    async with counter.phone() as anna:
        url = f"/api/v1/applications/{case}/rating"
        before = (await anna.get(url)).json()
        assert before["rating"] is None
        assert before["open_until"] is not None
        rated = await anna.post(url, json={"level": 5, "reasons": ["quick", "clear"], "comment": "很好"})
        assert rated.status_code == 201, rated.text
        assert rated.json()["rating"]["name"] == {"zh": "非常满意", "en": "Very satisfied"}
        assert [r["zh"] for r in rated.json()["rating"]["reasons"]] == ["回复快", "讲得清楚"]
        assert rated.json()["result"] is None
        again = await anna.post(url, json={"level": 1})
        assert (again.status_code, again.json()["code"]) == (409, "case_already_rated")
    rows = await db.fetch("SELECT level, clerk, item_code, by FROM ratings_case_rating")
    assert [tuple(row) for row in rows] == [(5, counter.office.owner, "000109101001", counter.anna.id)]
    assert await db.fetch_value("SELECT count(*) FROM ratings_rectification") == 0


@pytest.mark.parametrize("state", ["accepted", "withdrawn"])
async def test_what_is_not_decided_is_not_rated(counter: Counter, state: str) -> None:
    case = await counter.decided_case(state=state)
    async with counter.phone() as anna:
        refused = await anna.post(f"/api/v1/applications/{case}/rating", json={"level": 5})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_decided_yet")
        assert (await anna.get(f"/api/v1/applications/{case}/rating")).json()["open_until"] is None
    assert await db.fetch_value("SELECT count(*) FROM ratings_case_rating") == 0


async def test_nobody_rates_what_is_not_theirs(counter: Counter) -> None:
    case, talk = await counter.decided_case(), await counter.ended_talk()
    async with counter.phone(uuid4()) as other, counter.staff(counter.chief) as chief:
        for url in (f"/api/v1/applications/{case}/rating", f"/api/v1/consultations/{talk}/rating"):
            assert (await other.post(url, json={"level": 1})).status_code == 404
            assert (await other.get(url)).status_code == 404
            assert (await chief.post(url, json={"level": 5})).status_code == 403
    assert await db.fetch_value("SELECT count(*) FROM ratings_case_rating") == 0
    assert await db.fetch_value("SELECT count(*) FROM chat_rating") == 0


async def test_the_days_for_rating_end(counter: Counter) -> None:
    case, talk = await counter.decided_case(), await counter.ended_talk()
    async with counter.phone() as anna:
        with clock.moved(timedelta(days=30, minutes=1)):
            for url in (f"/api/v1/applications/{case}/rating", f"/api/v1/consultations/{talk}/rating"):
                late = await anna.post(url, json={"level": 1})
                assert (late.status_code, late.json()["code"]) == (409, "rating_too_late")
        assert await db.fetch_value("SELECT count(*) FROM chat_rating") == 0
        assert await db.fetch_value("SELECT count(*) FROM ratings_rectification") == 0
        assert (await anna.post(f"/api/v1/consultations/{talk}/rating", json={"level": 4})).status_code == 201


async def test_a_reason_of_another_level_is_refused_and_numbers_in_the_words_are_masked(counter: Counter) -> None:
    talk = await counter.ended_talk()
    url = f"/api/v1/consultations/{talk}/rating"
    async with counter.phone() as anna:
        strange_ = await anna.post(url, json={"level": 5, "reasons": ["rude"]})
        assert (strange_.status_code, strange_.json()["code"]) == (422, "unknown_reason")
        assert await db.fetch_value("SELECT count(*) FROM chat_rating") == 0
        said = {"level": 2, "reasons": ["too_slow"], "comment": "电话13800138000，证号440105199001011230"}
        assert (await anna.post(url, json=said)).json()["comment"] == "电话〔手机号〕，证号〔身份证号〕"
        shown = (await anna.get(url)).json()
        assert (shown["rating"]["level"], shown["rating"]["reasons"][0]["zh"]) == (2, "等得太久")
    assert await db.fetch_value("SELECT comment FROM chat_rating") == "电话〔手机号〕，证号〔身份证号〕"


def test_each_level_offers_its_own_reasons() -> None:
    assert [level.level for level in LEVELS] == [5, 4, 3, 2, 1]
    assert strange(1, ["rude", "over_time"]) == []
    assert strange(3, ["rude"]) == ["rude"]
    for level in LEVELS:
        assert all(reason.text.en for reason in level.reasons)


async def test_figures_leave_out_few_ratings_and_count_unfair_ones_apart(counter: Counter) -> None:
    cases = [await counter.decided_case() for _ in range(6)]
    async with counter.phone() as anna:
        for case, level in zip(cases[:4], (5, 5, 4, 1), strict=True):
            await anna.post(f"/api/v1/applications/{case}/rating", json={"level": level})
        async with counter.staff(counter.chief) as chief:
            few = (await chief.get("/api/v1/desk/rating-figures?by=clerk")).json()["items"]
            assert [(row["code"], row["ratings"], row["levels"]) for row in few] == [
                (str(counter.office.owner), None, None)
            ]
        for case in cases[4:]:
            await anna.post(f"/api/v1/applications/{case}/rating", json={"level": 3})
    async with counter.staff(counter.chief) as chief:
        for by, code in (("clerk", str(counter.office.owner)), ("department", "GA"), ("item", "000109101001")):
            (row,) = (await chief.get(f"/api/v1/desk/rating-figures?by={by}")).json()["items"]
            assert (row["code"], row["ratings"], row["levels"], row["satisfied"], row["void"]) == (
                code, 6, [1, 0, 2, 1, 2], 833, 0,
            )  # fmt: skip
        await db.execute(
            "UPDATE ratings_rectification SET state = 'void', contested_by = $1, voided_by = $2",
            counter.chief, counter.deputy,
        )  # fmt: skip
        (row,) = (await chief.get("/api/v1/desk/rating-figures")).json()["items"]
        assert (row["ratings"], row["levels"], row["satisfied"], row["void"]) == (5, [0, 0, 2, 1, 2], 1000, 1)
    async with counter.staff(counter.stranger) as stranger:
        assert (await stranger.get("/api/v1/desk/rating-figures")).json()["items"] == []
    async with counter.staff(counter.office.owner, "clerk") as clerk:
        path = "/api/v1/desk/rating-figures?by=department"
        (row,) = (await clerk.get(path)).json()["items"]
        assert (row["code"], row["ratings"]) == (str(counter.office.owner), None), "not while the month runs"
        with clock.moved(timedelta(days=32)):
            (row,) = (await clerk.get(path)).json()["items"]
        assert (row["code"], row["ratings"]) == (str(counter.office.owner), 5)
    async with counter.staff(counter.office.backup, "clerk") as clerk:
        (row,) = (await clerk.get("/api/v1/desk/rating-figures")).json()["items"]
        assert (row["code"], row["ratings"]) == (str(counter.office.backup), None)


async def test_who_acts_under_a_mandate_rates_the_case_they_file(counter: Counter) -> None:
    from auth.acting.models import Mandate
    from tests.materials.people import verified_citizen

    agent = await verified_citizen("周助", id_number="440105199201011238", phone="13800138001")
    case = await counter.decided_case()
    async with counter.phone(agent.id) as phone:
        assert (await phone.post(f"/api/v1/applications/{case}/rating", json={"level": 4})).status_code == 404
        await Mandate.create(
            id=uuid4(), kind="family", relation="child", agent_id=agent.id, principal_id=counter.anna.id,
            doings=["read", "file"], state="active", valid_from=clock.today(), asked_at=clock.now(), asked_by="agent",
            decided_at=clock.now(), valid_to=clock.today() + timedelta(days=30),
        )  # fmt: skip
        assert (await phone.post(f"/api/v1/applications/{case}/rating", json={"level": 4})).status_code == 201
    row = (await db.fetch("SELECT citizen, by FROM ratings_case_rating"))[0]
    assert tuple(row) == (counter.anna.id, UUID(str(agent.id)))


@pytest.mark.parametrize("query", ["until=9999-12-31", "until=0001-01-01", "since=9999-12-31", "since=0001-01-01"])
async def test_days_no_calendar_reaches_are_refused(counter: Counter, query: str) -> None:
    async with counter.staff(counter.chief) as chief:
        answer = await chief.get(f"/api/v1/desk/rating-figures?by=clerk&{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_no_two_answers_tell_a_person_how_one_citizen_rated_them(counter: Counter) -> None:
    """A supervisor who also serves citizens: what they are told of themselves changes by whole months only."""
    now, me = clock.now(), counter.chief
    this = now.replace(day=1, hour=4, minute=0, second=0, microsecond=0)
    last = (this - timedelta(days=3)).replace(day=10)
    before = (last.replace(day=1) - timedelta(days=3)).replace(day=10)
    for at, levels in ((before, (5, 5, 4, 3, 1)), (last, (1, 5)), (this, (1, 1, 5, 5, 5))):
        for level in levels:
            await CaseRating.create(
                application=uuid4(), citizen=uuid4(), by=uuid4(), item_code="000109101001", department_code="GA",
                region_code=STREET, clerk=me, level=level, at=at,
            )  # fmt: skip
    told = set()
    for since in (before - timedelta(days=12), before + timedelta(days=1), before.replace(day=1), last):
        for until in (now, last, last + timedelta(days=1), before):
            for roles in ("clerk", "supervisor"):
                query = f"by=clerk&since={since.date()}&until={until.date()}"
                async with counter.staff(me, roles) as http:
                    rows = (await http.get(f"/api/v1/desk/rating-figures?{query}")).json()["items"]
                told |= {(row["ratings"], *(row["levels"] or ())) for row in rows if row["code"] == str(me)}
    assert told == {(None,), (5, 1, 0, 1, 1, 2)}
