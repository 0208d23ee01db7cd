"""What was answered before helps the matcher, and never at the expense of questions nobody tuned for."""

import pytest

from kit import db
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.matching import Matcher
from mobileapi.catalogue.shelf import CURRENT_GUIDES, shelf
from tests.catalogue.questions import questions

pytestmark = pytest.mark.anyio
LOST_CARD, OTHER = "000109101001", "000109101002"


async def built(past: dict[str, list[tuple[str, str]]] | None = None) -> Matcher:
    guides = [Guide.model_validate_json(row["guide"]) for row in await db.fetch(CURRENT_GUIDES)]
    return Matcher(guides, (await shelf()).synonyms, past=past)


def shares(index: Matcher) -> tuple[float, float]:
    asked = questions(unseen=True)
    found = [[match.code for match in index.best(q.text)] for q in asked]
    first = sum(codes[:1] == [q.code] for codes, q in zip(found, asked, strict=True)) / len(asked)
    return first, sum(q.code in codes for codes, q in zip(found, asked, strict=True)) / len(asked)


async def test_published_answers_do_not_worsen_questions_kept_back(district: None) -> None:
    """Answers as offices write them: the questions the weights were chosen by, answered in the guide's own words."""
    before = shares(await built())
    past: dict[str, list[tuple[str, str]]] = {}
    for question in questions(unseen=False):
        past.setdefault(question.code, []).append((question.text, "可以，请按指南准备材料后到窗口办理。"))
    after = shares(await built(past))
    print(f"first {before[0]:.1%} → {after[0]:.1%}, among three {before[1]:.1%} → {after[1]:.1%}")
    assert after[0] >= before[0]
    assert after[1] >= before[1]
    assert shares(await built({})) == before


async def test_a_busy_item_with_many_answers_pushes_no_other_aside(district: None) -> None:
    before = shares(await built())
    many = [(f"身份证{n}丢了怎么办，办理需要什么材料？", "带户口簿到窗口办理，证明材料齐全即可。") for n in range(60)]
    after = shares(await built({LOST_CARD: many}))
    assert after[0] >= before[0] - 0.01
    assert after[1] >= before[1] - 0.01


async def test_an_everyday_word_is_learned_from_a_past_answer(district: None) -> None:
    asked = "蝌蚪证咋整"
    assert [m.code for m in (await built()).best(asked)][:1] != [LOST_CARD]
    learned = await built({LOST_CARD: [("蝌蚪证丢了咋整", "按身份证补领办理。")]})
    assert [m.code for m in learned.best(asked)][:1] == [LOST_CARD]
