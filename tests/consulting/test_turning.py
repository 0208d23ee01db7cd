"""A conversation becomes a draft or a bill: once, linked both ways, and never filed for anybody."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import StaffMember
from chat import routes as chat
from chat.conversations import close
from kit import clock, db
from mobileapi.applications import routes as applications
from mobileapi.applications.models import Application
from mobileapi.catalogue.imports import take_item
from mobileapi.consulting import routes as consulting
from mobileapi.consulting.models import Outcome
from payments import bills
from payments import routes as payments
from payments.models import Bill
from tests.applications.office import STREET, guide
from tests.consulting.counter import Counter, filed, order_of, talk_of
from tests.materials.app import application, client
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
ROUTES = [*consulting.ROUTES, *chat.ROUTES, *applications.ROUTES, *payments.ROUTES]


@pytest.fixture
def app(counter: Counter) -> Any:
    return application(ROUTES)


async def call(
    app: Any, token: str, method: str, path: str, body: Any = None, *, expect: int = 200, key: str | None = None
) -> Any:
    async with client(app, token) as http:
        headers = {"idempotency-key": key or uuid4().hex} if method == "POST" else {}
        answer: httpx2.Response = await http.request(method, f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == expect, (answer.status_code, answer.text)
    return answer.json() if answer.content else None


def owner(counter: Counter) -> str:
    return f"staff:{counter.office.owner}:clerk"


def anna(counter: Counter) -> str:
    return f"citizen:{counter.anna.id}"


async def messages(counter: Counter, talk: Any = None) -> list[tuple[str, str, Any]]:
    sql = "SELECT sender_role, kind, body FROM chat_message WHERE conversation_id = $1 ORDER BY seq"
    rows = await db.fetch(sql, (talk or counter.talk).id)
    import json

    return [(r["sender_role"], r["kind"], json.loads(r["body"])) for r in rows]


async def supervisor() -> StaffMember:
    return await StaffMember.create(
        id=uuid4(), username="ga.chief", name="周督办", department_id="GA", roles=["supervisor"], created_at=clock.now()
    )


async def with_a_fee() -> None:
    async with db.transaction():
        await take_item(guide(fee={"charged": True, "amount_fen": 4000, "basis": "工本费每证 40 元"}))


async def test_a_draft_is_begun_for_the_citizen_who_goes_on_with_it(counter: Counter, app: Any) -> None:
    talk = await talk_of(counter.bert, clerk=counter.office.owner)
    body = {"answers": {"lost_how": "damaged"}}
    path = f"/consultations/{talk.id}/draft"
    made = await call(app, owner(counter), "POST", path, body, expect=201)
    draft = await Application.get(id=made["ref"])
    assert (draft.state, draft.case_number, draft.answers) == ("draft", None, {"lost_how": "damaged"})
    assert (draft.citizen_id, draft.region_code, made["state"]) == (counter.bert.id, STREET, "made")  # type: ignore[attr-defined]
    ((role, kind, card),) = await messages(counter, talk)
    assert (role, kind, card["card"], card["ref"], card["state"]) == (
        "clerk",
        "card",
        "application",
        made["ref"],
        "draft",
    )
    seen = await call(app, f"citizen:{counter.bert.id}", "GET", f"/applications/{draft.id}")
    assert "草稿" in seen["timeline"][0]["note"]
    assert seen["timeline"][0]["by"]["zh"] == "GA局 陈立群"
    linked = await call(app, f"citizen:{counter.bert.id}", "GET", f"/applications/{draft.id}/consultations")
    assert [(one["id"], one["made"]) for one in linked["items"]] == [(str(talk.id), True)]


async def test_a_draft_made_again_and_by_two_clicks_at_once_is_the_same(counter: Counter, app: Any) -> None:
    talk = await talk_of(counter.bert, clerk=counter.office.owner)
    path, body = f"/consultations/{talk.id}/draft", {"answers": {"lost_how": "lost"}}
    made = await asyncio.gather(*(call(app, owner(counter), "POST", path, body, expect=201) for _ in range(6)))
    assert len({one["id"] for one in made}) == 1
    assert len(await messages(counter, talk)) == 1
    assert await Application.filter(citizen_id=counter.bert.id, state="draft").count() == 1
    assert await Outcome.filter(conversation=talk.id).count() == 1


async def test_what_the_citizen_answered_is_not_written_over(counter: Counter, app: Any) -> None:
    await Application.filter(id=counter.refs["draft"]).update(answers={"lost_how": "lost"})
    made = await call(
        app, owner(counter), "POST", f"/consultations/{counter.talk.id}/draft", {"answers": {"lost_how": "damaged"}},
        expect=201,
    )  # fmt: skip
    assert made["ref"] == counter.refs["draft"]
    assert (await Application.get(id=made["ref"])).answers == {"lost_how": "lost"}


@pytest.mark.parametrize(
    "who", ["staff:{stranger}:clerk", "staff:{colleague}:clerk", "citizen:{anna}", "citizen:{bert}"]
)
async def test_nobody_else_makes_anything_out_of_a_conversation(counter: Counter, app: Any, who: str) -> None:
    ids = {"stranger": counter.office.stranger, "colleague": counter.office.colleague}
    token = who.format(**ids, anna=counter.anna.id, bert=counter.bert.id)
    expect = 403 if token.startswith("citizen") else 404
    before = await Bill.all().count(), await Application.all().count()
    for path, body in (("draft", {}), ("bill", {"application": counter.refs["case"]})):
        await call(app, token, "POST", f"/consultations/{counter.talk.id}/{path}", body, expect=expect)
    assert (await Bill.all().count(), await Application.all().count()) == before
    assert await Outcome.all().count() == 0


async def test_nothing_is_made_out_of_a_closed_conversation(counter: Counter, app: Any) -> None:
    await close(counter.talk.id, actor=f"staff:{counter.office.owner}")
    told = await call(app, owner(counter), "POST", f"/consultations/{counter.talk.id}/draft", {}, expect=409)
    assert told["code"] == "conversation_over"
    assert await Outcome.all().count() == 0


async def test_the_fee_of_a_case_is_billed_once_whoever_asks(counter: Counter, app: Any) -> None:
    await with_a_fee()
    carla = await verified_citizen("王五", id_number="44010519880612962X", phone="13700137000")
    case = await filed(counter, carla)
    talks = [await talk_of(carla, clerk=counter.office.owner) for _ in range(2)]
    body = {"application": str(case.id)}
    made = await asyncio.gather(
        *(call(app, owner(counter), "POST", f"/consultations/{t.id}/bill", body, expect=201) for t in talks * 2)
    )
    (bill_id,) = {one["ref"] for one in made}
    bill = await Bill.get(id=bill_id)
    assert (bill.principal_fen, bill.department_id, bill.kind) == (4000, "GA", "case_fee")
    assert bills.open_payer(bill) == "王五"
    assert bills.belongs_to(bill, carla)
    cards = [card for talk in talks for _, _, card in await messages(counter, talk)]
    assert [(card["card"], card["ref"], card["amount_fen"]) for card in cards] == [("bill", bill_id, 4000)]
    beside = await call(app, owner(counter), "GET", f"/desk/consultations/{talks[0].id}/context")
    assert [(one["id"], one["fee_fen"]) for one in beside["cases"]] == [(str(case.id), None)]
    linked = await call(app, f"citizen:{carla.id}", "GET", f"/bills/{bill_id}/consultations")
    assert [one["made"] for one in linked["items"]] == [True]


async def test_a_withdrawn_fee_can_be_billed_again(counter: Counter, app: Any, drain: Drain) -> None:
    await with_a_fee()
    carla = await verified_citizen("王五", id_number="44010519880612962X", phone="13700137000")
    case, talk = await filed(counter, carla), await talk_of(carla, clerk=counter.office.owner)
    path, body = f"/consultations/{talk.id}/bill", {"application": str(case.id)}
    first = await call(app, owner(counter), "POST", path, body, expect=201)
    await bills.withdraw(UUID(first["ref"]), by="system:test", why="wrong")
    await drain()
    again = await call(app, owner(counter), "POST", path, body, expect=201)
    assert again["ref"] != first["ref"]
    assert [kind for _, kind, _ in await messages(counter, talk)] == ["card", "system", "card"]


async def test_what_costs_nothing_is_not_charged_and_a_strangers_case_is_not_there(counter: Counter, app: Any) -> None:
    path = f"/consultations/{counter.talk.id}/bill"
    free = await call(app, owner(counter), "POST", path, {"application": counter.refs["case"]}, expect=409)
    assert free["code"] == "nothing_to_charge"
    alike = [
        await call(app, owner(counter), "POST", path, {"application": counter.refs[which]}, expect=404)
        for which in ("his case", "case elsewhere", "missing", "draft")
    ]
    assert len({(one["code"], one["detail"]) for one in alike}) == 1
    assert await Outcome.all().count() == 0


AMOUNT = {"income_item": "103043304", "amount_fen": 2500, "title": "补证工本费", "explanation": "二次补领一张"}


async def test_an_amount_of_a_clerks_own_word_needs_a_second_person(counter: Counter, app: Any) -> None:
    path, chief = f"/consultations/{counter.talk.id}/bill", await supervisor()
    before = await Bill.all().count()
    proposed = await call(app, owner(counter), "POST", path, {"amount": AMOUNT}, expect=201)
    again = await call(app, owner(counter), "POST", path, {"amount": AMOUNT}, expect=201)
    assert (proposed["state"], proposed["ref"], again["id"]) == ("proposed", None, proposed["id"])
    assert await messages(counter) == []
    assert [r["staff"] for r in await db.fetch("SELECT staff FROM notify_staff_notice")] == [chief.id]
    decision = f"{path}/{proposed['id']}/decision"
    own = await call(app, owner(counter), "POST", decision, {"approve": True}, expect=409)
    assert own["code"] == "not_by_the_same_person"
    stranger = f"staff:{counter.office.stranger}:clerk"
    await call(app, stranger, "POST", decision, {"approve": True}, expect=404)
    assert await Bill.all().count() == before
    boss = f"staff:{chief.id}:supervisor"
    made = await asyncio.gather(*(call(app, boss, "POST", decision, {"approve": True}) for _ in range(3)))
    assert len({one["ref"] for one in made}) == 1
    bill = await Bill.get(id=made[0]["ref"])
    assert (bill.principal_fen, bill.title["zh"], await Bill.all().count()) == (2500, "补证工本费", before + 1)
    ((role, _, card),) = await messages(counter)
    assert (role, card["ref"], card["amount_fen"]) == ("system", str(bill.id), 2500)
    late = await call(app, boss, "POST", decision, {"approve": False, "why": "改主意了"}, expect=409)
    assert late["code"] == "proposal_decided"


async def test_a_declined_proposal_says_why_and_can_be_made_anew(counter: Counter, app: Any) -> None:
    path, chief = f"/consultations/{counter.talk.id}/bill", await supervisor()
    proposed = await call(app, owner(counter), "POST", path, {"amount": AMOUNT}, expect=201)
    decision, boss = f"{path}/{proposed['id']}/decision", f"staff:{chief.id}:supervisor"
    await call(app, boss, "POST", decision, {"approve": False}, expect=422)
    declined = await call(app, boss, "POST", decision, {"approve": False, "why": "没有收费依据"})
    assert declined["state"] == "declined"
    anew = await call(app, owner(counter), "POST", path, {"amount": AMOUNT}, expect=201)
    assert anew["id"] != proposed["id"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"income_item": "999999"}, 422),
        ({"amount_fen": 0}, 422),
        ({"amount_fen": 5_000_001}, 422),
        ({"title": "x"}, 422),
    ],
)
async def test_an_amount_the_department_does_not_collect_is_refused(
    counter: Counter, app: Any, change: dict[str, Any], status: int
) -> None:
    path = f"/consultations/{counter.talk.id}/bill"
    await call(app, owner(counter), "POST", path, {"amount": AMOUNT | change}, expect=status)
    assert await Outcome.all().count() == 0


async def test_who_is_not_known_by_name_is_not_billed(counter: Counter, app: Any) -> None:
    unknown = await verified_citizen(phone="13600136000", assurance="phone")
    talk = await talk_of(unknown, clerk=counter.office.owner)
    told = await call(app, owner(counter), "POST", f"/consultations/{talk.id}/bill", {"amount": AMOUNT}, expect=409)
    assert told["code"] == "payer_not_verified"


async def test_the_database_keeps_two_people_apart(counter: Counter) -> None:
    from asyncpg import CheckViolationError

    same = uuid4()
    sql = (
        "INSERT INTO consulting_outcome (id, conversation, kind, ref, key, state, wish, made_by, made_at, decided_by, why) "
        "VALUES (gen_random_uuid(), gen_random_uuid(), 'bill', gen_random_uuid(), 'k', 'made', '{}', $1, now(), $1, '')"
    )
    with pytest.raises(CheckViolationError):
        await db.execute(sql, same)


async def test_what_happens_to_a_thing_comes_back_once_into_each_open_conversation(
    counter: Counter, drain: Drain
) -> None:
    from chat import cards
    from chat.cards import Asked
    from chat.messages import Draft, append
    from kit import events
    from payments.events import BillPaid

    clerk, over = counter.clerk(), await talk_of(counter.anna, clerk=counter.office.owner)
    for talk in (counter.talk, over):
        body = await cards.completed(
            Asked("bill", counter.refs["bill"]), sender=clerk, conversation=talk.id, client_id=f"c{talk.id}"
        )
        await append(Draft(talk.id, "clerk", "card", body, sender=clerk.id, client_id=f"c{talk.id}"))
    await close(over.id, actor=clerk.name)
    bill = await Bill.get(id=counter.refs["bill"])
    paid = BillPaid(bill.id, bill.payment_code, uuid4(), counter.anna.id, 4000, clock.now())
    for _ in range(3):
        await events.publish(paid)
        await drain()
    told = [body for _, kind, body in await messages(counter) if kind == "system"]
    assert [(body["event"], body["ref"]) for body in told] == [("bill_paid", str(bill.id))]
    assert [body["event"] for _, kind, body in await messages(counter, over) if kind == "system"] == ["closed"]


async def test_a_work_order_of_a_conversation_is_joined_to_it_once_but_a_complaint_is_not(
    counter: Counter, drain: Drain
) -> None:
    from kit import events
    from mobileapi.hotline.events import OrderMoved

    order = await order_of(counter.anna, office="GA", about=None, conversation=counter.talk.id)
    complaint = await order_of(counter.anna, office="GA", about=counter.office.colleague, conversation=counter.talk.id)
    for one in (order, complaint, order):
        await type(one).filter(id=one.id).update(opened_by_staff=counter.office.owner)
        await events.publish(OrderMoved(one.id, one.number, one.kind, counter.anna.id, None, "open"))
    await drain()
    assert [(o.kind, o.ref) for o in await Outcome.filter(conversation=counter.talk.id)] == [("order", order.id)]
    ((role, kind, card),) = await messages(counter)
    assert (role, kind, card["card"], card["ref"], card["number"]) == (
        "clerk",
        "card",
        "order",
        str(order.id),
        order.number,
    )
    await events.publish(OrderMoved(order.id, order.number, order.kind, counter.anna.id, "accepted", "answered"))
    await drain()
    assert [body["event"] for _, kind, body in await messages(counter) if kind == "system"] == ["order_answered"]
