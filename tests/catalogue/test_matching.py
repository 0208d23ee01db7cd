"""An everyday question finds its item, and the department it belongs to, without knowing what the item is called."""

import httpx2
import pytest

from mobileapi.catalogue.shelf import matcher, shelf
from tests.catalogue.questions import questions

pytestmark = pytest.mark.anyio
LOST_CARD = "000109101001"


async def test_the_labelled_questions_cover_the_whole_catalogue(district: None) -> None:
    unseen, seen = questions(unseen=True), questions(unseen=False)
    assert len(unseen) + len(seen) >= 300
    assert {q.code for q in unseen} == set((await shelf()).summaries)
    assert not {q.text for q in unseen} & {q.text for q in seen}


async def test_questions_nobody_tuned_for_find_their_item(district: None) -> None:
    index, asked = await matcher(), questions(unseen=True)
    found = [[match.code for match in index.best(question.text)] for question in asked]
    first = sum(codes[:1] == [q.code] for codes, q in zip(found, asked, strict=True)) / len(asked)
    among_three = sum(q.code in codes for codes, q in zip(found, asked, strict=True)) / len(asked)
    assert first >= 0.85
    assert among_three >= 0.95


async def test_a_question_offers_the_best_three_and_its_department(counter: httpx2.AsyncClient) -> None:
    told = (await counter.post("/catalogue/matches", json={"text": "钱包丢了，身份证在里面，想补一张"})).json()
    assert told["items"][0]["code"] == LOST_CARD
    assert 1 <= len(told["items"]) <= 3
    assert told["department"]["code"] == "GA"


async def test_a_question_is_read_in_english_as_well(counter: httpx2.AsyncClient) -> None:
    told = (await counter.post("/catalogue/matches", json={"text": "I lost my resident ID card"})).json()
    assert told["items"][0]["code"] == LOST_CARD


@pytest.mark.parametrize("said", ["你好", "谢谢", "？？？", "🙂", "asdfgh", "今天天气怎么样"])
async def test_words_about_nothing_we_do_match_nothing(counter: httpx2.AsyncClient, said: str) -> None:
    told = (await counter.post("/catalogue/matches", json={"text": said})).json()
    assert told == {"items": [], "department": None}


async def test_words_that_fit_two_departments_name_none(counter: httpx2.AsyncClient) -> None:
    told = (await counter.post("/catalogue/matches", json={"text": "孩子上学要开无房证明"})).json()
    assert len({item["department"]["code"] for item in told["items"]}) > 1
    assert told["department"] is None


async def test_a_question_is_not_read_back_in_a_refusal(counter: httpx2.AsyncClient) -> None:
    refused = await counter.post("/catalogue/matches", json={"text": "密" * 1001})
    assert refused.status_code == 422
    assert "密密" not in refused.text
