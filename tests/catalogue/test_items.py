import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from asyncpg import InsufficientPrivilegeError

from kit import db
from kit.errors import NotFound
from mobileapi.catalogue.imports import import_items
from mobileapi.catalogue.items import current_guide, guide_of_version, names_of
from mobileapi.catalogue.models import ItemVersion, ServiceItem
from tests.catalogue.conftest import DEMO

pytestmark = pytest.mark.anyio

LOST_CARD = "000109101001"


async def listed(counter: httpx2.AsyncClient, **query: Any) -> list[str]:
    response = await counter.get("/catalogue/items", params={"limit": 100} | query)
    assert response.status_code == 200
    return [item["code"] for item in response.json()["items"]]


async def test_the_guide_is_the_file_in_the_shape_of_the_api(counter: httpx2.AsyncClient) -> None:
    response = await counter.get(f"/catalogue/items/{LOST_CARD}")
    guide = response.json()
    written = next(
        i for i in yaml.safe_load((DEMO / "items" / "ga.yaml").read_text())["items"] if i["code"] == LOST_CARD
    )
    assert guide["name"] == written["name"]
    assert (guide["version"], guide["department"]["code"]) == (1, "GA")
    assert guide["department"]["name"] == {"zh": "海珠区公安分局", "en": "Haizhu Public Security Sub-bureau"}
    assert [m["code"] for m in guide["materials"]] == [m["code"] for m in written["materials"]]
    assert guide["conditions"][0] == {"zh": written["conditions"][0], "en": None}
    assert guide["fee"]["amount_fen"] == 4000
    assert guide["effective_from"].endswith(("Z", "+00:00"))
    assert "review_points" not in guide


async def test_an_unchanged_guide_is_not_sent_again(counter: httpx2.AsyncClient) -> None:
    first = await counter.get(f"/catalogue/items/{LOST_CARD}")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await counter.get(f"/catalogue/items/{LOST_CARD}", headers={"if-none-match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = await counter.get(f"/catalogue/items/{LOST_CARD}", headers={"if-none-match": '"other"'})
    assert changed.status_code == 200


async def test_a_guide_that_was_read_is_served_while_the_database_is_away(counter: httpx2.AsyncClient) -> None:
    first = await counter.get(f"/catalogue/items/{LOST_CARD}")
    await db.close_database()
    again = await counter.get(f"/catalogue/items/{LOST_CARD}")
    assert (again.status_code, again.content) == (200, first.content)


async def test_a_new_version_is_seen_by_readers_within_two_seconds(counter: httpx2.AsyncClient) -> None:
    before = await counter.get(f"/catalogue/items/{LOST_CARD}")
    row = await ItemVersion.get(item_id=LOST_CARD, version=1)
    changed = json.dumps(row.guide | {"visits": 2}, ensure_ascii=False)
    async with db.transaction():  # as another process would
        await db.execute(
            "INSERT INTO catalogue_item_version (id, item_id, version, guide, digest, effective_from) "
            "VALUES (gen_random_uuid(), $1, 2, $2::jsonb, 'other', now())",
            LOST_CARD, changed,
        )  # fmt: skip
        await db.execute("UPDATE catalogue_item SET version = 2 WHERE code = $1", LOST_CARD)
    began = time.monotonic()
    while (now := await counter.get(f"/catalogue/items/{LOST_CARD}")).headers["etag"] == before.headers["etag"]:
        assert time.monotonic() - began < 3
        await asyncio.sleep(0.05)
    assert (now.json()["version"], now.json()["visits"]) == (2, 2)


async def test_an_item_that_does_not_exist_is_not_found(counter: httpx2.AsyncClient) -> None:
    for path in ("/catalogue/items/999999999999", "/catalogue/items/%27%20OR%201=1"):
        response = await counter.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_items_are_filtered_by_department_theme_and_region(counter: httpx2.AsyncClient) -> None:
    everything = await listed(counter)
    assert len(everything) == await ServiceItem.all().count()
    assert everything == sorted(everything)
    police = await listed(counter, department="GA")
    assert LOST_CARD in police
    assert all(code.startswith("000109") for code in police)
    assert set(await listed(counter, theme="identity")) < set(everything)
    assert await listed(counter, region="440105001001") == everything  # a community of the district
    assert await listed(counter, region="440100000000") == []  # the city is not the district
    assert await listed(counter, region="000000000000") == []
    assert await listed(counter, department="GA", q="公积金") == []


async def test_pages_follow_each_other_without_gap_or_repeat(counter: httpx2.AsyncClient) -> None:
    everything, cursor, pages = await listed(counter), None, []
    while True:
        query: dict[str, Any] = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        told = (await counter.get("/catalogue/items", params=query)).json()
        pages += [item["code"] for item in told["items"]]
        cursor = told["next_cursor"]
        if cursor is None:
            break
    assert pages == everything


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101}, {"limit": 0}, {"limit": "x"}, {"cursor": "nonsense"}, {"cursor": "cDk5OTk5OTk5OTk5OTk5"},
        {"cursor": "é"}, {"q": "x" * 101}, {"sort": "phone"}, {"department": "x" * 41},
    ],
)  # fmt: skip
async def test_a_query_that_makes_no_sense_is_refused(counter: httpx2.AsyncClient, query: dict[str, Any]) -> None:
    response = await counter.get("/catalogue/items", params=query)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_departments_regions_and_themes_are_told_with_their_items(counter: httpx2.AsyncClient) -> None:
    departments = (await counter.get("/catalogue/departments")).json()["items"]
    assert sum(d["item_count"] for d in departments) == await ServiceItem.all().count()
    assert {"code": "GA", "name": {"zh": "海珠区公安分局", "en": "Haizhu Public Security Sub-bureau"}}.items() <= next(
        d for d in departments if d["code"] == "GA"
    ).items()
    regions = (await counter.get("/catalogue/regions")).json()["items"]
    assert regions[0] | {"name": None} == {"code": "440100000000", "name": None, "level": "city", "parent": None}
    themes = (await counter.get("/catalogue/item-themes")).json()["items"]
    assert [theme["code"] for theme in themes[:2]] == ["popular", "identity"]
    assert all(theme["item_count"] > 0 for theme in themes)


async def test_my_materials_come_with_their_reasons(counter: httpx2.AsyncClient) -> None:
    path = f"/catalogue/items/{LOST_CARD}/checklist"
    bare = (await counter.post(path, json={"answers": {}})).json()
    assert [m["code"] for m in bare["materials"]] == ["photo", "household"]
    assert bare["unanswered"] == ["lost_how", "applicant_age"]
    minor = (await counter.post(path, json={"answers": {"lost_how": "damaged", "applicant_age": "minor"}})).json()
    assert [m["code"] for m in minor["materials"]] == ["photo", "household", "old_card", "guardian_id"]
    assert minor["unanswered"] == []
    card = minor["materials"][2]
    assert card["because"] == {
        "question": "lost_how", "value": "damaged", "answer": {"zh": "还在手上，但损坏了", "en": "Damaged, still with me"},
    }  # fmt: skip
    assert card["reason"]["zh"] == "换领新证时必须交回旧证。"


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"lost_how": "eaten"}, "answers.lost_how"), ({"colour": "red"}, "answers.colour")],
)
async def test_an_answer_to_no_question_is_refused(
    counter: httpx2.AsyncClient, answers: dict[str, str], field: str
) -> None:
    response = await counter.post(f"/catalogue/items/{LOST_CARD}/checklist", json={"answers": answers})
    assert response.status_code == 422
    assert [e["field"] for e in response.json()["errors"]] == [field]


@pytest.mark.usefixtures("district")
async def test_what_an_office_holds_itself_is_not_asked_for(counter: httpx2.AsyncClient) -> None:
    told = (await counter.post("/catalogue/items/000114301002/checklist", json={})).json()
    held = next(m for m in told["materials"] if m["source"] == "government")
    assert held["satisfied_by"] == {"kind": "shared_data"}
    assert all(m["satisfied_by"] is None for m in told["materials"] if m["source"] == "applicant")


@pytest.mark.usefixtures("district")
async def test_importing_the_same_files_again_changes_nothing() -> None:
    versions = await ItemVersion.all().count()
    edition = await db.fetch_value("SELECT number FROM catalogue_edition")
    report = await import_items(DEMO / "items")
    assert (report.imported, report.problems) == (0, [])
    assert report.unchanged > 40
    assert await ItemVersion.all().count() == versions
    assert await db.fetch_value("SELECT number FROM catalogue_edition") == edition


def written(folder: Path, **changes: Any) -> Path:
    """A file with one item of the district, changed."""
    item = yaml.safe_load((DEMO / "items" / "ga.yaml").read_text())["items"][0] | changes
    file = folder / "items.yaml"
    file.write_text("# a line above\n" + yaml.safe_dump({"items": [item]}, allow_unicode=True))
    return file


@pytest.mark.usefixtures("district")
async def test_a_changed_guide_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    report = await import_items(written(tmp_path, visits=3))
    assert (report.imported, report.problems) == (1, [])
    version, guide = await current_guide(LOST_CARD)
    assert (version, guide.visits) == (2, 3)
    assert (await guide_of_version(LOST_CARD, 1)).visits == 1
    assert (await names_of([LOST_CARD, "999"]))[LOST_CARD].zh == "居民身份证遗失补领"
    with pytest.raises(NotFound):
        await guide_of_version(LOST_CARD, 3)
    with pytest.raises(NotFound):
        await current_guide("999")


@pytest.mark.usefixtures("district")
async def test_a_trial_run_publishes_nothing(tmp_path: Path) -> None:
    report = await import_items(written(tmp_path, visits=3), dry_run=True)
    assert report.imported == 1
    assert (await current_guide(LOST_CARD))[0] == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conditions": ["法律法规规定的其他材料齐全"]}, "其他材料"),
        ({"promised_limit": {"days": 61, "unit": "natural_days"}}, "longer than the statutory limit"),
        ({"promised_limit": {"days": 3, "unit": "working_days"}}, "15 working days, 3 are promised"),
        ({"themes": ["magic"]}, "the theme magic is not known"),
        ({"visits": -1}, "visits"),
        ({"colour": "red"}, "colour"),
        ({"questions": []}, "an answer nobody can give"),
        ({"code": "../etc"}, "code"),
        ({"name": None}, "name"),
        ({"materials": None}, "materials"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("district")
async def test_a_guide_at_fault_is_refused_with_its_line(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    report = await import_items(written(tmp_path, **changes))
    assert report.imported == 0
    assert [(p.file, p.line) for p in report.problems] == [("items.yaml", 3)]
    assert said in report.problems[0].what
    assert (await current_guide(LOST_CARD))[0] == 1


@pytest.mark.usefixtures("district")
async def test_a_published_version_is_never_changed() -> None:
    for statement in ("UPDATE catalogue_item_version SET version = 9", "DELETE FROM catalogue_item_version"):
        with pytest.raises(InsufficientPrivilegeError):
            await db.execute(statement)
