"""Notices in the app: written with what they are about, read by their citizen alone, delivered once on each way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from auth.events import BindingRefused, IdentityBound
from auth.models import Citizen
from auth.sessions import open_session
from auth.tokens import access_token, authenticator
from kit import clock, db, events
from kit.edge import Edge
from kit.texts import text
from kit.web import install_authenticator
from mobileapi import wiring
from mobileapi.notify import deliveries, jobs, notices
from mobileapi.notify.models import Delivery, Notice
from mobileapi.notify.notices import tell
from mobileapi.notify.routes import ROUTES
from mobileapi.notify.states import DeliveryState, Way
from payments.events import BillPaid

pytestmark = pytest.mark.anyio
WORDS = text("您有一条通知", "You have a notice")


@pytest.fixture
async def door(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    install_authenticator(authenticator)
    app = Starlette(routes=[spec.route("/api/v1") for spec in ROUTES], middleware=[Middleware(Edge)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office") as client:
        yield client


async def moved_in() -> tuple[UUID, dict[str, str]]:
    person = await Citizen.create(assurance="phone", created_at=clock.now())
    async with db.transaction():
        opened = await open_session(kind="citizen", person=person.id, device="d")
    token = access_token(person=person.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id)
    return person.id, {"authorization": f"Bearer {token.text}"}


async def test_a_notice_is_there_exactly_if_what_it_is_about_is_committed(database: str) -> None:
    me = uuid4()
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await tell(me, kind="account.bound", text=WORDS)
            raise RuntimeError
    assert await Notice.all().count() == 0
    assert await tell(me, kind="account.bound", text=WORDS, once="this") is not None
    assert await tell(me, kind="account.bound", text=WORDS, once="this") is None
    assert await Notice.all().count() == 1


async def test_the_newest_comes_first_in_pages_with_the_count_of_unread(door: httpx2.AsyncClient) -> None:
    me, bearer = await moved_in()
    for n in range(3):
        with clock.moved(timedelta(seconds=n)):
            await tell(me, kind=f"k{n}", text=WORDS, link="pages/me", case=me)
    first = (await door.get("/api/v1/me/notices?limit=2", headers=bearer)).json()
    assert ([n["kind"] for n in first["items"]], first["unread"]) == (["k2", "k1"], 3)
    assert first["items"][0] | {"id": "", "at": ""} == {
        "id": "", "kind": "k2", "text": {"zh": "您有一条通知", "en": "You have a notice"}, "link": "pages/me", "at": "",
        "read": False,
    }  # fmt: skip
    rest = (await door.get(f"/api/v1/me/notices?limit=2&cursor={first['next_cursor']}", headers=bearer)).json()
    assert ([n["kind"] for n in rest["items"]], rest["next_cursor"]) == (["k0"], None)
    wrong = await door.get("/api/v1/me/notices?cursor=nothing", headers=bearer)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "cursor")


async def test_reading_one_and_all_lowers_the_count_and_others_notices_are_not_there(door: httpx2.AsyncClient) -> None:
    (me, bearer), (other, others) = await moved_in(), await moved_in()
    mine = await tell(me, kind="a", text=WORDS)
    await tell(me, kind="b", text=WORDS)
    theirs, missing = await tell(other, kind="c", text=WORDS), uuid4()
    assert (await door.post(f"/api/v1/me/notices/{mine}/read", headers=bearer)).status_code == 204
    assert (await door.get("/api/v1/me/notices", headers=bearer)).json()["unread"] == 1
    refusals = [await door.post(f"/api/v1/me/notices/{n}/read", headers=bearer) for n in (theirs, missing, "nothing")]
    assert {(r.status_code, r.json()["code"]) for r in refusals} == {(404, "not_found")}
    assert (await door.post("/api/v1/me/notices/read", headers=bearer)).status_code == 204
    assert (await door.get("/api/v1/me/notices", headers=bearer)).json()["unread"] == 0
    assert (await door.get("/api/v1/me/notices", headers=others)).json()["unread"] == 1


async def test_ten_workers_with_the_same_delivery_send_it_once(
    database: str, drain: Callable[[], Awaitable[None]]
) -> None:
    sent: list[UUID] = []

    async def sender(notice: Notice) -> str:
        sent.append(notice.id)
        await asyncio.sleep(0)
        return "message 7"

    deliveries.install_sender(Way.SMS, sender)
    id_ = await tell(uuid4(), kind="case.correction", text=WORDS, ways=[Way.SMS])
    assert id_ is not None
    await asyncio.gather(*(jobs.deliver_notice(notice=str(id_), way="sms") for _ in range(10)), drain())
    assert sent == [id_]
    assert await Delivery.all().values_list("state", "said") == [("sent", "message 7")]


async def test_what_a_way_does_not_take_is_kept_as_failed_with_its_reason(database: str) -> None:
    async def sender(notice: Notice) -> str:
        raise deliveries.CannotBeSent("the number is not reachable")

    deliveries.install_sender(Way.SMS, sender)
    id_ = await tell(uuid4(), kind="case.correction", text=WORDS, ways=[Way.SMS])
    await jobs.deliver_notice(notice=str(id_), way="sms")
    assert await Delivery.all().values_list("state", "said") == [("failed", "the number is not reachable")]


async def test_what_was_being_sent_when_a_worker_died_is_not_sent_again(database: str) -> None:
    id_ = await tell(uuid4(), kind="case.correction", text=WORDS, ways=[Way.SMS])
    await Delivery.all().update(state=DeliveryState.SENDING)
    await jobs.deliver_notice(notice=str(id_), way="sms")
    assert (await Delivery.get()).state == "sending"


async def test_events_become_notices_without_personal_data_and_once(
    database: str, drain: Callable[[], Awaitable[None]]
) -> None:
    wiring.connect()
    me, bill, order = uuid4(), uuid4(), uuid4()
    paid = BillPaid(
        bill=bill, payment_code="4401052611210000017", order=order, citizen=me, amount_fen=4620, paid_at=clock.now()
    )
    for event in (
        BindingRefused(me, "wechat"),
        IdentityBound(me, "alipay"),
        paid,
        replace(paid),
        IdentityBound(me, "alipay"),
    ):
        await events.publish(event)
    await drain()
    rows = await db.fetch("SELECT kind, text, link FROM notify_notice ORDER BY kind")
    assert [r["kind"] for r in rows] == ["account.binding_refused", "account.bound", "bill.paid"]
    assert json.loads(rows[2]["text"])["zh"] == "缴款成功，电子票据已开具"
    assert rows[2]["link"] == f"sub/bill/detail?id={bill}"
    assert not any(str(me) in r["text"] or "46" in r["text"] for r in rows)


async def test_old_notices_go_with_their_deliveries(database: str) -> None:
    await tell(uuid4(), kind="old", text=WORDS, ways=[Way.SMS])
    with clock.moved(timedelta(days=366)):
        await tell(uuid4(), kind="new", text=WORDS)
        assert await notices.purge() == 1
    assert (await Notice.get()).kind == "new"
    assert await Delivery.all().count() == 0
