"""Who may send which card to whom, and what it then says: the office's words, whatever the client claimed."""

from datetime import timedelta
from typing import Any

import pytest

from chat import cards
from chat.cards import SENDERS, Asked
from chat.errors import CardNotForSender, CardUnknown
from chat.frames import CardBody, CardName
from chat.messages import Draft, append
from kit import clock, db
from kit.errors import NotFound
from kit.web import Actor
from mobileapi.catalogue.imports import take_item
from mobileapi.catalogue.paragraphs import CHAPTERS, heading_of
from mobileapi.consulting.cards import faces_now
from payments import bills
from payments.models import Bill
from tests.applications.office import guide
from tests.consulting.counter import Counter, talk_of

pytestmark = pytest.mark.anyio

# sender, kind, whose → what comes of it. `unknown`: the same refusal for what is absent and what is not theirs.
TABLE: list[tuple[str, CardName, str, str]] = [
    ("clerk", "item", "item", "sent"), ("clerk", "item", "no item", "unknown"),
    ("citizen", "item", "item", "sent"), ("citizen", "item", "no item", "unknown"),
    ("clerk", "checklist", "item", "sent"), ("clerk", "checklist", "no item", "unknown"),
    ("citizen", "checklist", "item", "not hers to send"),
    ("clerk", "bill", "bill", "sent"), ("clerk", "bill", "his bill", "unknown"),
    ("clerk", "bill", "bill elsewhere", "unknown"), ("clerk", "bill", "missing", "unknown"),
    ("clerk", "bill", "not an id", "unknown"),
    ("citizen", "bill", "bill", "sent"), ("citizen", "bill", "bill elsewhere", "sent"),
    ("citizen", "bill", "his bill", "unknown"), ("citizen", "bill", "missing", "unknown"),
    ("clerk", "application", "case", "sent"), ("clerk", "application", "his case", "unknown"),
    ("clerk", "application", "case elsewhere", "unknown"), ("clerk", "application", "missing", "unknown"),
    ("clerk", "application", "draft", "unknown"),
    ("citizen", "application", "case", "sent"), ("citizen", "application", "case elsewhere", "sent"),
    ("citizen", "application", "draft", "sent"), ("citizen", "application", "his case", "unknown"),
    ("citizen", "application", "missing", "unknown"),
    ("clerk", "correction", "case", "sent"), ("clerk", "correction", "his case", "unknown"),
    ("clerk", "correction", "missing", "unknown"), ("citizen", "correction", "case", "not hers to send"),
    ("citizen", "certificate", "certificate", "sent"), ("citizen", "certificate", "his certificate", "unknown"),
    ("citizen", "certificate", "missing", "unknown"), ("clerk", "certificate", "certificate", "not hers to send"),
    ("clerk", "booking", "item", "sent"), ("citizen", "booking", "item", "sent"),
    ("clerk", "booking", "no item", "unknown"), ("clerk", "booking", "seat", "sent"),
    ("clerk", "booking", "his seat", "unknown"), ("clerk", "booking", "seat elsewhere", "unknown"),
    ("citizen", "booking", "seat", "sent"), ("citizen", "booking", "seat elsewhere", "sent"),
    ("citizen", "booking", "his seat", "unknown"), ("clerk", "booking", "missing", "unknown"),
    ("citizen", "booking", "missing", "unknown"),
    ("clerk", "order", "order", "sent"), ("clerk", "order", "his order", "unknown"),
    ("clerk", "order", "order elsewhere", "unknown"), ("clerk", "order", "complaint", "unknown"),
    ("clerk", "order", "missing", "unknown"), ("citizen", "order", "order", "sent"),
    ("citizen", "order", "order elsewhere", "sent"), ("citizen", "order", "his order", "unknown"),
    ("citizen", "order", "complaint", "unknown"), ("citizen", "order", "missing", "unknown"),
]  # fmt: skip


async def sent(counter: Counter, sender: Actor, asked: Asked, *, client_id: str = "c1") -> dict[str, Any]:
    return await cards.completed(asked, sender=sender, conversation=counter.talk.id, client_id=client_id)


def test_the_table_speaks_of_every_kind_and_side() -> None:
    assert {(kind, side) for side, kind, _, _ in TABLE} == {(k, s) for k in SENDERS for s in ("citizen", "clerk")}


async def test_a_card_is_sent_of_what_the_sender_may_see_and_the_citizen_open(counter: Counter) -> None:
    people = {"clerk": counter.clerk(), "citizen": counter.citizen()}
    told: dict[tuple[str, str, str], str] = {}
    for side, kind, which, _ in TABLE:
        try:
            body = await sent(counter, people[side], Asked(kind, counter.refs[which]))
            told[side, kind, which] = "sent"
            assert (body["card"], body["ref"]) == (kind, counter.refs[which])
        except CardUnknown as refused:
            assert (refused.extra, refused.errors, refused.detail) == ({}, [], CardUnknown.title)
            told[side, kind, which] = "unknown"
        except CardNotForSender:
            told[side, kind, which] = "not hers to send"
    assert told == {(side, kind, which): expected for side, kind, which, expected in TABLE}


async def test_whose_conversation_it_is_not_learns_nothing_through_a_card(counter: Counter) -> None:
    """A colleague of another office, and another citizen: the conversation is as good as absent, whatever the card."""
    for sender in (counter.clerk(counter.office.stranger), counter.citizen(counter.bert)):
        for ref in (counter.refs["bill"], counter.refs["his bill"], counter.refs["missing"]):
            with pytest.raises(NotFound) as refused:
                await sent(counter, sender, Asked("bill", ref))
            assert refused.type is NotFound


async def test_a_forged_title_amount_and_state_are_not_even_read(counter: Counter) -> None:
    claimed = {
        "card": "bill", "ref": counter.refs["bill"], "title": {"zh": "罚款 9999 元"}, "amount_fen": 999900,
        "due_on": "2020-01-01", "state": "paid", "state_text": {"zh": "已缴清"}, "done": True,
    }  # fmt: skip
    body = CardBody.model_validate(claimed)
    made = await sent(counter, counter.clerk(), Asked(body.card, body.ref, body.at, body.answers))
    due = (clock.today() + timedelta(days=15)).isoformat()
    assert made == {
        "card": "bill", "ref": counter.refs["bill"], "title": {"zh": "居民身份证工本费", "en": "Cost of an ID card"},
        "amount_fen": 4000, "due_on": due, "state": "unpaid", "state_text": {"zh": "待缴", "en": "To be paid"},
        "done": False,
    }  # fmt: skip


async def test_a_repeat_is_the_same_message_whatever_became_of_the_bill(counter: Counter) -> None:
    asked, clerk = Asked("bill", counter.refs["bill"]), counter.clerk()

    async def say() -> tuple[str, int]:
        body = await sent(counter, clerk, asked, client_id="once")
        stored = await append(Draft(counter.talk.id, "clerk", "card", body, sender=clerk.id, client_id="once"))
        return stored.verdict, stored.seq

    assert await say() == ("stored", 1)
    await bills.withdraw((await Bill.get(id=asked.ref)).id, by="system:test", why="issued by mistake")
    assert await say() == ("repeat", 1)
    other = await sent(counter, clerk, Asked("item", counter.refs["item"]), client_id="once")
    assert (
        await append(Draft(counter.talk.id, "clerk", "card", other, sender=clerk.id, client_id="once"))
    ).verdict == ("conflict")
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 1


async def test_a_guide_is_cited_at_a_paragraph_it_has(counter: Counter) -> None:
    made = await sent(counter, counter.clerk(), Asked("item", counter.refs["item"], at="materials.photo"))
    assert (made["at"], made["paragraph"]["zh"], made["version"]) == ("materials.photo", "数字相片", 1)
    for strange in ("materials.gold", "faq.1", "conditions.0", "conditions.²", "conditions.9999", "nothing", "law.x"):
        with pytest.raises(CardUnknown):
            await sent(counter, counter.clerk(), Asked("item", counter.refs["item"], at=strange))


def test_every_chapter_has_a_heading_and_numbered_ones_theirs() -> None:
    assert all(heading_of(guide(), chapter) == words for chapter, words in CHAPTERS.items())
    law = heading_of(guide(), "law.1")
    assert law is not None and law.zh == "《居民身份证法》第十一条"
    assert heading_of(guide(), "steps.1") is not None
    assert heading_of(guide(), "cost.1") is None


async def test_a_checklist_carries_only_answers_the_item_asks_for(counter: Counter) -> None:
    asked = Asked("checklist", counter.refs["item"], answers={"lost_how": "damaged"})
    assert (await sent(counter, counter.clerk(), asked))["answers"] == {"lost_how": "damaged"}
    for strange in ({"lost_how": "eaten"}, {"colour": "red"}):
        with pytest.raises(CardUnknown):
            await sent(counter, counter.clerk(), Asked("checklist", counter.refs["item"], answers=strange))


async def test_a_correction_card_names_what_to_photograph_again(counter: Counter) -> None:
    made = await sent(counter, counter.clerk(), Asked("correction", counter.refs["case"]))
    assert made["parts"] == [
        {"kind": "material", "code": "photo", "name": {"zh": "数字相片", "en": "photo"}, "reason": "反光，看不清号码",
         "replaced": False}
    ]  # fmt: skip
    assert (made["state"], made["done"]) == ("waiting", False)
    with pytest.raises(CardUnknown):
        await sent(counter, counter.clerk(), Asked("correction", counter.refs["case"], at="household"))


async def test_cards_are_shown_as_they_stand_when_they_are_opened(counter: Counter) -> None:
    asked = [
        Asked("bill", counter.refs["bill"]), Asked("item", counter.refs["item"]), Asked("bill", counter.refs["his bill"]),
        Asked("application", counter.refs["case"]), Asked("bill", counter.refs["missing"]),
    ]  # fmt: skip
    before = await faces_now(asked, citizen=counter.citizen())
    assert [face.state if face else "gone" for face in before] == ["unpaid", None, "gone", "correction", "gone"]
    await Bill.filter(id=counter.refs["bill"]).update(state="paid", paid_fen=4000, paid_at=clock.now())
    async with db.transaction():
        await take_item(guide(name={"zh": "身份证补领（新版）"}))
    after = await faces_now(asked, citizen=counter.citizen())
    assert after[0] is not None and (after[0].state, after[0].done, after[0].amount_fen) == ("paid", True, 4000)
    assert after[1] is not None and (after[1].title.zh, after[1].version) == ("身份证补领（新版）", 2)


async def test_a_conversation_for_somebody_else_needs_the_mandate_still(counter: Counter) -> None:
    """The agent asks for Anna without any mandate: her bill is not shown to them."""
    talk = await talk_of(counter.bert, clerk=counter.office.owner)
    await type(talk).filter(id=talk.id).update(on_behalf_of=counter.anna.id)
    with pytest.raises(CardUnknown):
        await cards.completed(
            Asked("bill", counter.refs["bill"]), sender=counter.clerk(), conversation=talk.id, client_id="x"
        )


async def test_an_id_is_taken_in_one_spelling_alone(counter: Counter) -> None:
    bill = counter.refs["bill"]
    for other in (bill.upper(), bill.replace("-", ""), "{" + bill + "}", f"urn:uuid:{bill}"):
        with pytest.raises(CardUnknown):
            await sent(counter, counter.clerk(), Asked("bill", other))
