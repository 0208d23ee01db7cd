"""Work orders: to whoever answers for it, in time, from hand to hand without getting lost, and back to the citizen."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from auth.models import Citizen, Duty, StaffMember
from kit import clock, crypto, db, workdays
from kit.errors import NotFound
from mobileapi.hotline.errors import NotForThem
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.orders import open_order
from tests.applications.office import DISTRICT, ITEM
from tests.hotline.conftest import Desk, acted, key, opened, talk_with

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def told_staff(kind: str) -> set[UUID]:
    return {r["staff"] for r in await db.fetch("SELECT staff FROM notify_staff_notice WHERE kind = $1", kind)}


async def told_citizens() -> list[str]:
    return [r["kind"] for r in await db.fetch("SELECT kind FROM notify_notice ORDER BY created_at, kind")]


async def states(order: UUID) -> list[str]:
    return [c.what for c in await OrderChange.filter(order_id=order).order_by("id")]


async def test_an_order_out_of_a_conversation_goes_to_the_items_owner_due_in_working_days(
    desk: Desk, anna: Citizen
) -> None:
    order = await opened(desk, anna)
    calendar = await workdays.calendar()
    assert (order.holder_staff, order.holder_reason) == (desk.office.owner, "owner")
    assert (order.citizen_id, order.item_code, order.department_code) == (anna.id, ITEM, "GA")  # type: ignore[attr-defined]
    assert order.due_on == calendar.add_workdays(clock.today(), 5)
    assert await told_citizens() == ["order.opened"]
    assert await told_staff("order.given") == {desk.office.owner}
    row = (await db.fetch("SELECT words_sealed FROM hotline_order"))[0]
    assert "路灯".encode() not in bytes(row["words_sealed"])
    assert crypto.unseal(row["words_sealed"], bound_to=f"hotline_order.words:{order.id}").startswith("楼下路灯")


async def test_days_depend_on_the_kind(desk: Desk, anna: Citizen) -> None:
    calendar = await workdays.calendar()
    for kind, days in (("question", 3), ("complaint", 5), ("suggestion", 10), ("report", 15)):
        assert (await opened(desk, anna, kind=kind)).due_on == calendar.add_workdays(clock.today(), days)


async def test_without_an_item_it_is_the_departments_supervisors(desk: Desk, anna: Citizen) -> None:
    order = await open_order(desk.clerk(), kind="help", words="别的事情", department="GA")
    assert (order.holder_staff, order.holder_reason, order.citizen_id) == (desk.chief, "supervisor", None)  # type: ignore[attr-defined]
    nobodys = await open_order(desk.clerk(), kind="help", words="那边的事情", department="RS")
    assert (nobodys.holder_staff, nobodys.holder_reason) == (None, "department")


async def test_owner_away_backup_then_supervisor_by_the_same_map_of_duties(desk: Desk, anna: Citizen) -> None:
    await Duty.filter(role="owner").delete()
    assert (await opened(desk, anna)).holder_staff == desk.office.backup
    await Duty.filter(role="backup").delete()
    assert (await opened(desk, anna)).holder_staff == desk.chief


async def test_somebody_elses_conversation_opens_nothing(desk: Desk, anna: Citizen) -> None:
    talk = await talk_with(anna, desk.office.owner)
    with pytest.raises(NotFound):
        await open_order(desk.clerk(desk.office.stranger), kind="help", words="不是我的对话", conversation=talk.id)
    with pytest.raises(NotForThem):
        await open_order(desk.clerk(), kind="help", words="没有这个部门", department="NOWHERE")
    assert await WorkOrder.all().count() == 0


async def test_taken_up_answered_and_confirmed(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner, desk.citizen(anna.id) as phone:
        assert (await acted(owner, order.id, "accept")).json()["state"] == "accepted"
        answered = await acted(owner, order.id, "answer", words="已于今日修复。")
        assert (answered.json()["state"], answered.json()["answer"]) == ("answered", "已于今日修复。")
        mine = (await phone.get(f"/api/v1/work-orders/{order.id}")).json()
        assert (mine["answer"], mine["actions"]) == ("已于今日修复。", ["confirm", "reopen"])
        assert [e["text"]["zh"] for e in mine["timeline"]] == ["登记工单", "受理", "答复"]
        settled = await phone.post(f"/api/v1/work-orders/{order.id}/confirmation", json={}, headers=key())
        assert (settled.json()["state"], settled.json()["actions"]) == ("confirmed", [])
    assert await told_citizens() == ["order.opened", "order.accepted", "order.answered"]


async def test_a_dissatisfied_citizen_reopens_it_once_and_only_once(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner, desk.citizen(anna.id) as phone:
        url = f"/api/v1/work-orders/{order.id}/reopening"
        early = await phone.post(url, json={"reason": "还没有答复"}, headers=key())
        assert early.json()["code"] == "order_not_open"
        await acted(owner, order.id, "accept")
        await acted(owner, order.id, "answer", words="会处理的")
        answers = await asyncio.gather(
            *(phone.post(url, json={"reason": "没有解决问题"}, headers=key()) for _ in range(6))
        )
        assert sorted(a.status_code for a in answers) == [200] + [409] * 5
        assert await told_staff("order.reopened") == {desk.office.owner, desk.chief}
        await acted(owner, order.id, "accept")
        await acted(owner, order.id, "answer", words="路灯已更换")
        again = await phone.post(url, json={"reason": "还是不满意"}, headers=key())
        assert again.json()["code"] == "reopened_before"
        assert (await phone.get(f"/api/v1/work-orders/{order.id}")).json()["actions"] == ["confirm"]
    assert (await states(order.id)).count("reopened") == 1


async def test_two_clerks_at_once_take_up_an_order_nobody_holds_and_one_has_it(desk: Desk, anna: Citizen) -> None:
    order = await open_order(desk.clerk(), kind="help", words="那边的事情", department="RS")
    second = await StaffMember.create(
        id=uuid4(), username="RS.two", name="钱二", department_id="RS", roles=["clerk"], created_at=clock.now()
    )
    async with desk.staff(desk.office.stranger) as one, desk.staff(second.id) as two:
        answers = await asyncio.gather(
            *(acted(http, order.id, "accept", version=1) for http in (one, two) for _ in range(4))
        )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    assert await states(order.id) == ["open", "accepted"]


async def test_a_stale_version_is_refused_and_nothing_is_written(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner:
        await acted(owner, order.id, "accept")
        refused = await acted(owner, order.id, "answer", words="旧版本", version=1)
    assert (refused.json()["code"], refused.json()["version"]) == ("order_changed", 2)
    assert (await WorkOrder.get(id=order.id)).answer_sealed is None


async def test_an_answer_without_words_and_acts_that_do_not_fit_are_refused(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner, desk.staff(desk.office.backup) as backup:
        assert (await acted(owner, order.id, "answer", words="先答复")).json()["code"] == "order_not_open"
        assert (await acted(backup, order.id, "accept")).json()["code"] == "order_in_other_hands"
        assert (await acted(owner, order.id, "close", words="没有权限")).json()["code"] == "order_in_other_hands"
        await acted(owner, order.id, "accept")
        assert (await acted(owner, order.id, "answer", words=" ")).json()["code"] == "reason_needed"
        assert (await acted(owner, order.id, "vanish")).status_code == 404
    assert await states(order.id) == ["open", "accepted"]


async def test_handing_on_needs_a_yes_and_does_not_go_round(desk: Desk, anna: Citizen) -> None:
    order, office = await opened(desk, anna), desk.office
    async with desk.staff(office.owner) as owner, desk.staff(office.colleague) as colleague:
        offered = await acted(owner, order.id, "offer", words="您更熟悉", to_staff=str(office.colleague))
        assert offered.json()["holder_name"] == "陈立群", "until there is a yes, who had it answers for it"
        assert await told_staff("order.offered") == {office.colleague}
        assert (await acted(owner, order.id, "take")).json()["code"] == "order_in_other_hands"
        declined = await acted(colleague, order.id, "decline", words="正在休假")
        assert declined.json()["offered_to_name"] is None
        await acted(owner, order.id, "offer", words="还是请您", to_staff=str(office.colleague))
        assert (await acted(colleague, order.id, "take")).json()["holder_name"] == "何同事"
        back = await acted(colleague, order.id, "offer", words="转回去", to_staff=str(office.owner))
        assert back.json()["code"] == "order_goes_round"
    assert (await WorkOrder.get(id=order.id)).transfers == 1


async def test_after_so_many_hands_a_supervisor_decides(desk: Desk, anna: Citizen) -> None:
    order, office = await opened(desk, anna), desk.office
    await WorkOrder.filter(id=order.id).update(transfers=3)
    async with desk.staff(office.owner) as owner, desk.staff(desk.chief, "supervisor") as chief:
        refused = await acted(owner, order.id, "offer", words="再转一次", to_staff=str(office.colleague))
        assert refused.json()["code"] == "transfers_used_up"
        returned = await acted(owner, order.id, "return", words="不属于本岗")
        assert (returned.json()["state"], returned.json()["holder_name"]) == ("returned", None)
        assert await told_staff("order.unassigned") == {desk.chief}
        given = await acted(chief, order.id, "assign", to_staff=str(office.colleague), words="请处理")
        assert (given.json()["state"], given.json()["holder_name"]) == ("open", "何同事")
    assert await states(order.id) == ["open", "returned", "open", "handed_over"]


async def test_a_supervisor_gives_it_to_another_department_and_it_does_not_come_back_again(
    desk: Desk, anna: Citizen
) -> None:
    order = await opened(desk, anna)
    other = await StaffMember.create(
        id=uuid4(), username="RS.chief", name="吴主管", department_id="RS", roles=["supervisor"], created_at=clock.now()
    )
    async with desk.staff(desk.chief, "supervisor") as chief, desk.staff(other.id, "supervisor") as theirs:
        given = await acted(chief, order.id, "assign", to_department="RS", words="属人社职责")
        assert given.status_code == 200
        there = await acted(theirs, order.id, "assign", to_department="GA", words="不是我们的")
        assert there.json()["code"] == "order_goes_round"
        assert (await chief.get(f"/api/v1/desk/work-orders/{order.id}")).status_code == 404
    row = await WorkOrder.get(id=order.id)
    assert (row.department_code, row.holder_staff) == ("RS", other.id)


async def test_a_clerk_cannot_be_given_what_only_supervisors_give(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    async with desk.staff(desk.office.owner) as owner:
        refused = await acted(owner, order.id, "assign", to_staff=str(desk.office.colleague))
    assert refused.json()["code"] == "order_in_other_hands"


async def test_lists_show_each_desk_its_own_the_most_urgent_first(desk: Desk, anna: Citizen) -> None:
    late = await opened(desk, anna, kind="report")
    soon = await opened(desk, anna, kind="question")
    async with desk.staff(desk.office.owner) as owner, desk.staff(desk.office.backup) as backup:
        mine = (await owner.get("/api/v1/desk/work-orders")).json()["items"]
        assert [o["id"] for o in mine] == [str(soon.id), str(late.id)]
        assert [o["light"] for o in mine] == ["green", "green"]
        assert (await backup.get("/api/v1/desk/work-orders")).json()["items"] == []
        shared = (await backup.get("/api/v1/desk/work-orders?scope=department&limit=1")).json()
        assert [o["id"] for o in shared["items"]] == [str(soon.id)]
        more = await backup.get(f"/api/v1/desk/work-orders?scope=department&limit=1&cursor={shared['next_cursor']}")
        assert [o["id"] for o in more.json()["items"]] == [str(late.id)]
    async with desk.staff(desk.office.stranger) as stranger, desk.citizen(anna.id) as phone:
        assert (await stranger.get("/api/v1/desk/work-orders?scope=department")).json()["items"] == []
        assert (await stranger.get(f"/api/v1/desk/work-orders/{soon.id}")).status_code == 404
        assert [o["id"] for o in (await phone.get("/api/v1/work-orders")).json()["items"]] == [
            str(soon.id),
            str(late.id),
        ]


async def test_another_citizens_order_looks_like_none(desk: Desk, anna: Citizen) -> None:
    order = await opened(desk, anna)
    other = await Citizen.create(assurance="phone", created_at=clock.now())
    async with desk.citizen(other.id) as phone:
        assert (await phone.get(f"/api/v1/work-orders/{order.id}")).status_code == 404
        for tail, body in (("reopening", {"reason": "不是我的"}), ("confirmation", {})):
            refused = await phone.post(f"/api/v1/work-orders/{order.id}/{tail}", json=body, headers=key())
            assert refused.status_code == 404
        assert (await phone.get("/api/v1/work-orders")).json()["items"] == []


async def test_the_same_key_opens_one_order(desk: Desk, anna: Citizen) -> None:
    body = {"kind": "help", "words": "下水道堵塞", "department": "GA"}
    async with desk.staff(desk.office.owner) as owner:
        one = await owner.post("/api/v1/desk/work-orders", json=body, headers=key("k1"))
        two = await owner.post("/api/v1/desk/work-orders", json=body, headers=key("k1"))
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["number"] == two.json()["number"]
    assert await WorkOrder.all().count() == 1


async def test_a_region_nobody_knows_is_refused(desk: Desk, anna: Citizen) -> None:
    async with desk.staff(desk.office.owner) as owner:
        body = {"kind": "help", "words": "某个地方", "department": "GA", "region": "999999999999"}
        assert (await owner.post("/api/v1/desk/work-orders", json=body, headers=key())).status_code == 422
        body["region"] = DISTRICT
        assert (await owner.post("/api/v1/desk/work-orders", json=body, headers=key())).status_code == 201


async def test_a_supervisor_of_another_department_decides_nothing_about_what_they_opened(desk: Desk) -> None:
    other = await StaffMember.create(
        id=uuid4(), username="rs.chief", name="何主任", department_id="RS", roles=["supervisor"], created_at=clock.now()
    )
    theirs = await open_order(desk.clerk(other.id), kind="help", words="转公安办理", department="GA")
    async with desk.staff(other.id, "supervisor") as http:
        shown = (await http.get(f"/api/v1/desk/work-orders/{theirs.id}")).json()
        assert shown["actions"] == []
        for act, more in (("close", {}), ("assign", {"to_staff": str(other.id)})):
            refused = await acted(http, theirs.id, act, words="不用办了", **more)
            assert refused.json()["code"] == "order_in_other_hands"
    async with desk.staff(desk.chief, "supervisor") as chief:
        assert {"assign", "close"} <= {
            a["action"] for a in (await chief.get(f"/api/v1/desk/work-orders/{theirs.id}")).json()["actions"]
        }
    assert await states(theirs.id) == ["open"]
