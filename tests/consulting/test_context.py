"""What lies beside a conversation, and who may look."""

import json
from typing import Any

import pytest

from auth.config import AuthSettings
from chat.cards import Asked
from chat.conversations import close
from chat.messages import Draft, append
from kit import clock, config, db
from kit.config import current
from kit.ids import new_id
from mobileapi.settings import OfficeSettings
from payments.models import Bill
from tests.consulting.counter import Counter, talk_of
from tests.consulting.test_turning import anna, app, call, owner, supervisor

__all__ = ["app"]
pytestmark = pytest.mark.anyio


async def context(counter: Counter, app: Any, token: str, *, expect: int = 200) -> Any:
    return await call(app, token, "GET", f"/desk/consultations/{counter.talk.id}/context", expect=expect)


async def test_the_context_shows_open_cases_bills_and_earlier_talks_of_this_desk(counter: Counter, app: Any) -> None:
    earlier = await talk_of(counter.anna, clerk=counter.office.owner)
    await close(earlier.id, actor="system")
    elsewhere = await talk_of(counter.anna, clerk=counter.office.stranger, item=None, department="RS")
    his = await talk_of(counter.bert, clerk=counter.office.owner)
    told = await context(counter, app, owner(counter))
    assert (told["item"]["version"], told["item"]["online"]) == (1, "full")
    assert [(c["id"], c["state"], [m["code"] for m in c["missing"]]) for c in told["cases"]] == [
        (counter.refs["case"], "correction", ["photo"])
    ]
    assert told["cases"][0]["light"] in {"green", "yellow"}
    assert [bill["id"] for bill in told["bills"]] == [counter.refs["bill"]]
    assert [(talk["id"], talk["state"], talk["readable"]) for talk in told["talks"]] == [
        (str(earlier.id), "closed", True)
    ]
    assert {str(elsewhere.id), str(his.id)} & {talk["id"] for talk in told["talks"]} == set()
    assert [one["code"] for one in told["income_items"]] == ["103043304"]


async def test_a_clerk_is_not_told_how_the_citizen_rated_them_and_reads_of_others(counter: Counter, app: Any) -> None:
    mine = await talk_of(counter.anna, clerk=counter.office.owner)
    others = await talk_of(counter.anna, clerk=counter.office.colleague)
    for talk, clerk, level in ((mine, counter.office.owner, 1), (others, counter.office.colleague, 2)):
        await close(talk.id, actor="system")
        await db.execute(
            "INSERT INTO chat_rating (id, conversation_id, clerk, level, reasons, comment, at) "
            "VALUES ($1, $2, $3, $4, '[]', '', $5)", new_id(), talk.id, clerk, level, clock.now(),
        )  # fmt: skip
    told = await context(counter, app, owner(counter))
    assert {talk["id"]: talk["level"] for talk in told["talks"]} == {str(mine.id): None, str(others.id): 2}
    assert {talk["id"]: talk["readable"] for talk in told["talks"]} == {str(mine.id): True, str(others.id): False}


async def test_personal_data_is_masked_and_one_value_opened_for_a_reason(counter: Counter, app: Any) -> None:
    told = await context(counter, app, owner(counter))
    assert (told["citizen"]["name_masked"], told["citizen"]["phone_masked"]) == ("欧*晴", "138****8000")
    assert not {"13800138000", "欧阳晴", "440105199001011230"} & set(json.dumps(told, ensure_ascii=False).split('"'))
    path = f"/desk/consultations/{counter.talk.id}/unmask"
    await call(app, owner(counter), "POST", path, {"field": "phone", "reason": "x"}, expect=422)
    opened = await call(app, owner(counter), "POST", path, {"field": "phone", "reason": "电话回访"})
    assert opened["value"] == "13800138000"
    row = (await db.fetch("SELECT * FROM kit_audit WHERE action = 'personal_data.unmasked'"))[0]
    assert (row["actor"], row["subject"]) == (f"staff:{counter.office.owner}", f"consultation:{counter.talk.id}")
    stranger = f"staff:{counter.office.stranger}:clerk"
    await call(app, stranger, "POST", path, {"field": "phone", "reason": "电话回访"}, expect=404)


async def test_every_look_leaves_a_row_with_its_purpose(counter: Counter, app: Any) -> None:
    await context(counter, app, owner(counter))
    (row,) = await db.fetch("SELECT detail FROM kit_audit WHERE action = 'consultation.context_read'")
    assert json.loads(row["detail"]) == {
        "purpose": "consultation", "cases": [counter.refs["case"]], "bills": [counter.refs["bill"]],
    }  # fmt: skip


async def test_only_who_may_read_the_conversation_sees_what_lies_beside_it(counter: Counter, app: Any) -> None:
    for staff in (counter.office.stranger, counter.office.colleague):
        await context(counter, app, f"staff:{staff}:clerk", expect=404)
    await context(counter, app, anna(counter), expect=403)
    chief = await supervisor()
    assert (await context(counter, app, f"staff:{chief.id}:supervisor"))["cases"] != []


async def test_opening_many_peoples_contexts_is_limited(counter: Counter, app: Any) -> None:
    config.install(current(OfficeSettings).model_copy(update={"people_read_per_hour": 1}))
    assert current(AuthSettings).people_read_per_hour == 1
    await context(counter, app, owner(counter))
    his = await talk_of(counter.bert, clerk=counter.office.owner)
    told = await call(app, owner(counter), "GET", f"/desk/consultations/{his.id}/context", expect=429)
    assert told["code"] == "too_many_people_read"


async def send(counter: Counter, asked: Asked, *, by: str, n: int) -> None:
    from chat import cards

    sender = counter.clerk() if by == "clerk" else counter.citizen()
    body = await cards.completed(asked, sender=sender, conversation=counter.talk.id, client_id=f"m{n}")
    stored = await append(Draft(counter.talk.id, by, "card", body, sender=sender.id, client_id=f"m{n}"))
    assert stored.verdict == "stored"


async def test_all_cards_of_a_conversation_stand_as_they_are_now_in_one_call(counter: Counter, app: Any) -> None:
    await send(counter, Asked("bill", counter.refs["bill"]), by="clerk", n=1)
    await send(counter, Asked("bill", counter.refs["bill elsewhere"]), by="citizen", n=2)
    await send(counter, Asked("item", counter.refs["item"]), by="clerk", n=3)
    await send(counter, Asked("certificate", counter.refs["certificate"]), by="citizen", n=4)
    await Bill.filter(id=counter.refs["bill"]).update(state="paid", paid_fen=4000, paid_at=clock.now())
    path = f"/consultations/{counter.talk.id}/cards"
    for token in (owner(counter), anna(counter)):
        told = (await call(app, token, "GET", path))["items"]
        assert [(c["seq"], c["card"], c["state"], c["changed"], c["done"]) for c in told] == [
            (1, "bill", "paid", True, True), (2, "bill", "unpaid", False, False), (3, "item", None, False, False),
            (4, "certificate", "valid", False, False),
        ]  # fmt: skip
    await call(app, f"citizen:{counter.bert.id}", "GET", path, expect=404)


async def test_what_is_not_the_citizens_any_more_is_gone_and_tells_nothing(counter: Counter, app: Any) -> None:
    await send(counter, Asked("bill", counter.refs["bill"]), by="clerk", n=1)
    await Bill.filter(id=counter.refs["bill"]).update(payer_phone_index=None)
    (card,) = (await call(app, anna(counter), "GET", f"/consultations/{counter.talk.id}/cards"))["items"]
    assert (card["gone"], card["title"], card["amount_fen"], card["state"]) == (True, None, None, None)


async def test_what_a_citizen_showed_is_not_followed_after_the_conversation_is_over(counter: Counter, app: Any) -> None:
    await send(counter, Asked("certificate", counter.refs["certificate"]), by="citizen", n=1)
    await send(counter, Asked("item", counter.refs["item"]), by="clerk", n=2)
    await close(counter.talk.id, actor="system")
    path = f"/consultations/{counter.talk.id}/cards"
    assert [c["card"] for c in (await call(app, owner(counter), "GET", path))["items"]] == ["item"]
    assert [c["card"] for c in (await call(app, anna(counter), "GET", path))["items"]] == ["certificate", "item"]


async def test_the_number_of_statements_does_not_grow_with_the_cards(counter: Counter, app: Any) -> None:
    from tests.house.test_query_counts import statements

    async def looked() -> int:
        async with statements() as sent:
            await call(app, anna(counter), "GET", f"/consultations/{counter.talk.id}/cards")
        return len(sent)

    await send(counter, Asked("bill", counter.refs["bill"]), by="clerk", n=0)
    few = await looked()
    for n in range(1, 12):
        await send(counter, Asked("bill", counter.refs["bill"]), by="clerk", n=n)
    assert await looked() == few
