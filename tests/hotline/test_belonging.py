"""Photographs, copies of one's data, closing an account, two accounts that become one."""

from uuid import UUID, uuid4

import pytest

from auth.models import Citizen
from chat.models import Message
from kit import clock, db
from mobileapi.hotline import belongings, personal
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import open_order, words_of
from mobileapi.materials.errors import NoSuchUpload
from mobileapi.materials.models import Upload
from tests.hotline.conftest import Desk, acted, opened, talk_with

pytestmark = pytest.mark.anyio


async def picture(owner: str) -> UUID:
    photo = await Upload.create(
        id=uuid4(), owner=owner, sent_sha256=uuid4().hex * 2, sha256=uuid4().hex * 2, size=1, width=10, height=10,
        problems=[], created_at=clock.now(),
    )  # fmt: skip
    return photo.id


async def uses() -> set[UUID]:
    return {row["upload_id"] for row in await db.fetch("SELECT upload_id FROM materials_use")}


async def test_a_photograph_taken_back_does_not_come_along(desk: Desk, anna: Citizen) -> None:
    talk = await talk_with(anna, desk.office.owner)
    photo = await picture(f"citizen:{anna.id}")
    await Message.create(
        conversation_id=talk.id, seq=1, sender_role="citizen", sender=anna.id, client_id="c1", kind="image",
        body={"upload": str(photo)}, at=clock.now(), recalled=True, changed=2,
    )  # fmt: skip
    with pytest.raises(NoSuchUpload):
        await open_order(desk.clerk(), kind="help", words="有照片", conversation=talk.id, photos=[photo])
    assert await WorkOrder.all().count() == 0


async def test_photographs_shown_in_the_conversation_come_along_and_others_do_not(desk: Desk, anna: Citizen) -> None:
    talk = await talk_with(anna, desk.office.owner)
    shown, hidden = await picture(f"citizen:{anna.id}"), await picture(f"citizen:{anna.id}")
    await Message.create(
        conversation_id=talk.id, seq=1, sender_role="citizen", sender=anna.id, client_id="c1", kind="image",
        body={"upload": str(shown)}, at=clock.now(),
    )  # fmt: skip
    with pytest.raises(NoSuchUpload):
        await open_order(desk.clerk(), kind="help", words="有照片", conversation=talk.id, photos=[hidden])
    order = await open_order(desk.clerk(), kind="help", words="有照片", conversation=talk.id, photos=[shown])
    assert (order.photos, await uses()) == ([str(shown)], {shown})
    async with desk.citizen(anna.id) as phone:
        told = (await phone.get(f"/api/v1/work-orders/{order.id}")).json()
    assert [p["id"] for p in told["photos"]] == [str(shown)]
    assert await WorkOrder.all().count() == 1


async def test_a_citizen_reads_no_words_staff_wrote_to_each_other(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner, desk.citizen(anna.id) as phone:
        await acted(owner, order.id, "return", words="此人多次反映，建议转走")
        told = (await phone.get(f"/api/v1/work-orders/{order.id}")).json()
    assert "此人" not in str(told)
    assert [e["what"] for e in told["timeline"]] == ["open", "returned"]


async def test_a_copy_tells_it_and_closing_the_account_takes_the_words_and_ends_it(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    (chapter,) = await personal.about(anna)
    assert chapter.records[0]["words"] == "楼下路灯坏了，晚上看不清路"
    assert [m.count for m in await personal.matters(anna)] == [1]
    assert await personal.subjects(anna) == [f"work_order:{order.id}"]
    async with db.transaction():
        assert await personal.forget(anna) == []
    row = await WorkOrder.get(id=order.id)
    assert (row.state, row.words_sealed, words_of(row)) == ("closed", None, "")
    assert {c.note for c in await OrderChange.filter(order_id=order.id)} == {""}
    assert [m.count for m in await personal.matters(anna)] == [0]


async def test_orders_go_along_when_two_accounts_become_one(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    kept = await Citizen.create(assurance="phone", created_at=clock.now())
    assert await belongings.of(anna.id) == [str(order.id)]
    async with db.transaction():
        assert await belongings.move_between(anna.id, kept.id) == [str(order.id)]
    assert await belongings.of(anna.id) == []


async def test_the_history_is_not_edited(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    for change in ("UPDATE hotline_change SET what = 'closed'", "DELETE FROM hotline_change"):
        with pytest.raises(Exception, match="never changed"):
            await db.execute(f"{change} WHERE order_id = $1", order.id)
