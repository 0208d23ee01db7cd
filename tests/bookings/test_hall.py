"""The hall's side: the day, check-in, closing a slot, edits of calendar and table, who did not come, the file."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from auth.models import Citizen
from kit import clock, db, workdays
from mobileapi.bookings import belongings, closing, jobs, offers, personal, reminders
from mobileapi.bookings.imports import import_windows
from mobileapi.bookings.models import Booking, BookingChange, Slot, Window
from mobileapi.imports import import_calendar
from tests.applications.office import ITEM
from tests.bookings.conftest import TABLE, Hall, another, booked, key, morning

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
DAY = timedelta(days=1)
assert jobs, "imported so that the worker knows the jobs"


async def windows_day(hall: Hall, day: str) -> Any:
    async with hall.desk() as desk:
        answer = await desk.get(f"/api/v1/desk/bookings?place=HALL&day={day}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(person: Citizen) -> list[str]:
    rows = await db.fetch("SELECT kind FROM notify_notice WHERE citizen = $1 ORDER BY created_at", person.id)
    return [row["kind"] for row in rows]


async def test_the_day_names_people_masked_and_only_to_the_places_own_desk(
    hall: Hall, phone: httpx2.AsyncClient
) -> None:
    made = (await booked(phone, await morning())).json()
    day = made["starts_at"][:10]
    shown = await windows_day(hall, day)
    first = shown["slots"][0]
    assert (first["starts_at"], first["seats"], first["taken"], first["closed"]) == (made["starts_at"], 4, 1, False)
    assert first["bookings"][0]["citizen_masked"] == "欧*晴"
    assert made["code"] not in str(shown), "who has the code may check in: the desk is not shown it"
    async with hall.desk(hall.office.stranger) as stranger:
        assert (await stranger.get(f"/api/v1/desk/bookings?place=HALL&day={day}")).status_code == 404
        assert (await stranger.get("/api/v1/desk/booking-places")).json()["items"] == []
    async with hall.desk() as desk:
        for strange in ("0001-01-01", "9999-12-31", "today"):
            assert (await desk.get(f"/api/v1/desk/bookings?place=HALL&day={strange}")).status_code == 422
    async with hall.desk(hall.office.stranger) as stranger:
        refused = await stranger.post("/api/v1/desk/bookings/check-in", json={"code": made["code"]})
        assert refused.status_code == 404


async def test_check_in_is_for_the_slots_own_time_and_once(hall: Hall, phone: httpx2.AsyncClient) -> None:
    made = (await booked(phone, await morning())).json()
    begins = datetime.fromisoformat(made["starts_at"])
    scanned = {"code": f"http://127.0.0.1:8000/console/#/bookings?code={made['code']}"}
    async with hall.desk() as desk:
        url = "/api/v1/desk/bookings/check-in"
        assert (await desk.post(url, json=scanned)).json()["code"] == "not_the_time"
        assert (await desk.post(url, json={"code": "ZZZZZZZZ"})).status_code == 404
        with clock.moved(begins - clock.now() - timedelta(minutes=20)):
            done = (await desk.post(url, json=scanned)).json()
            assert (done["booking"]["state"], done["booking"]["citizen_masked"]) == ("checked_in", "欧*晴")
            again = (await desk.post(url, json={"code": made["code"].lower()})).json()
            assert again == done
    assert await BookingChange.filter(to_state="checked_in").count() == 1


async def test_closing_a_slot_moves_its_people_to_the_next_free_time_and_tells_them(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen, drain: Drain
) -> None:
    made = (await booked(phone, await morning("09:00"))).json()
    window = await Window.get(weekday=datetime.fromisoformat(made["starts_at"]).weekday())
    body = {"starts_at": made["starts_at"], "reason": "设备检修"}
    url = f"/api/v1/desk/windows/{window.id}/closing"
    async with hall.desk() as desk, hall.desk(hall.office.stranger) as stranger:
        assert (await stranger.post(url, json=body, headers=key())).status_code == 404
        assert (await desk.post(url, json=body, headers=key())).status_code == 200
        assert (await desk.post(url, json=body, headers=key())).status_code == 200, "again changes nothing"
    await drain()
    now = (await phone.get(f"/api/v1/bookings/{made['id']}")).json()
    assert (now["state"], now["starts_at"]) == ("booked", await morning("09:30"))
    assert await told(anna) == ["booking.moved"]
    assert (await booked(phone, await morning("09:00"))).json()["code"] == "already_booked"
    other = await another(1)
    async with hall.citizen(other.id) as http:
        assert (await booked(http, await morning("09:00"))).json()["code"] == "slot_closed"
    rows = await db.fetch("SELECT taken FROM bookings_slot ORDER BY starts_at")
    assert [r["taken"] for r in rows] == [0, 1]


async def test_a_day_that_becomes_a_holiday_lets_go_of_its_people(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen, drain: Drain
) -> None:
    made = (await booked(phone, await morning("09:00", workday=2))).json()
    day = made["starts_at"][:10]
    file = hall.folder / "calendar.csv"
    file.write_text(f"date,is_workday,note,source\n{day},false,临时放假,notice\n")
    assert (await import_calendar(file)).imported == 1
    await drain()
    now = (await phone.get(f"/api/v1/bookings/{made['id']}")).json()
    assert now["state"] == "booked"
    assert now["starts_at"][:10] != day
    assert await told(anna) == ["booking.moved"]
    assert (await windows_day(hall, day))["open"] is False
    assert (await windows_day(hall, day))["slots"][0]["closed"] is True


async def test_where_no_place_is_left_the_booking_is_cancelled_and_told(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen, drain: Drain
) -> None:
    made = (await booked(phone, await morning())).json()
    await hall.table(TABLE.partition("    windows:")[0] + "    windows: []\n")
    await closing.follow_calendar()
    await drain()
    now = (await phone.get(f"/api/v1/bookings/{made['id']}")).json()
    assert (now["state"], now["actions"]) == ("cancelled", [])
    assert await told(anna) == ["booking.cancelled"]
    assert [s.taken for s in await Slot.all()] == [0]


async def test_fewer_seats_take_nobodys_seat_and_more_are_open_at_once(hall: Hall, phone: httpx2.AsyncClient) -> None:
    for n in range(3):
        async with hall.citizen((await another(n)).id) as http:
            assert (await booked(http, await morning())).status_code == 201
    await hall.table(TABLE.replace("seats: 4", "seats: 2"))
    assert (await booked(phone, await morning())).json()["code"] == "slot_full"
    assert [(s.seats, s.taken) for s in await Slot.all()] == [(3, 3)]
    await hall.table(TABLE.replace("seats: 4", "seats: 6"))
    assert (await booked(phone, await morning())).status_code == 201


async def test_the_same_file_changes_nothing_and_a_bad_one_is_refused_whole(hall: Hall) -> None:
    file = hall.folder / "again.yaml"
    file.write_text(TABLE)
    report = await import_windows(file)
    assert (report.imported, report.unchanged, report.problems) == (0, 1, [])
    for wrong, why in (
        ("minutes: 30", "minutes: 500"), ("seats: 4", "seats: 0"), ('"12:00"', '"09:10"'), ("department: GA", "department: XX"),
        ('region: "440105000000"', 'region: "999999999999"'), ("days: [mon,", 'item: "nothing", days: [mon,'),
    ):  # fmt: skip
        file.write_text(TABLE.replace(wrong, why))
        assert len((await import_windows(file)).problems) == 1, why
    assert await Window.filter(ended_on=None).count() == 5


async def test_the_day_before_a_word_is_said_once(hall: Hall, phone: httpx2.AsyncClient, anna: Citizen) -> None:
    made = (await booked(phone, await morning())).json()
    eve = date.fromisoformat(made["starts_at"][:10]) - DAY
    with clock.moved((eve - clock.today()) * 1):
        assert await reminders.remind() == 1
        assert await reminders.remind() == 0
    assert await told(anna) == ["booking.reminder"]


async def test_who_misses_three_visits_rests_for_a_while(hall: Hall, phone: httpx2.AsyncClient, anna: Citizen) -> None:
    for n in range(3):
        made = (await booked(phone, await morning())).json()
        over = datetime.fromisoformat(made["ends_at"]) + timedelta(minutes=16)
        clock.move(over - clock.now())
        assert await reminders.find_missing() == 1, n
        assert await reminders.find_missing() == 0
    refused = await booked(phone, await morning())
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_suspended")
    until = date.fromisoformat(refused.json()["until"])
    with clock.moved((until - clock.today()) * 1):
        assert (await booked(phone, await morning())).status_code == 201


async def test_an_offer_names_the_next_free_times(hall: Hall) -> None:
    offered = await offers.offer(ITEM)
    assert [slot.place for slot in offered.slots] == ["HALL"] * 3
    assert offered.slots[0].starts_at < offered.slots[1].starts_at < offered.slots[2].starts_at


async def test_two_accounts_of_one_person_join_their_bookings_unless_both_hold_one_for_an_item(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen
) -> None:
    other = await another(3)
    async with hall.citizen(other.id) as http:
        assert (await booked(http, await morning())).status_code == 201
    assert await belongings.clashes(other.id, anna.id) == []
    await booked(phone, await morning("10:00"))
    assert len(await belongings.clashes(other.id, anna.id)) == 1
    held = await Booking.get(citizen_id=anna.id)
    await phone.post(f"/api/v1/bookings/{held.id}/cancellation", json={}, headers=key())
    async with db.transaction():
        assert len(await belongings.move_between(other.id, anna.id)) == 1
    assert len((await phone.get("/api/v1/bookings")).json()["items"]) == 2


async def test_a_copy_tells_of_bookings_and_closing_the_account_gives_the_seats_back(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen
) -> None:
    made = (await booked(phone, await morning())).json()
    (chapter,) = await personal.about(anna)
    assert chapter.records[0]["state"] == "booked"
    assert [m.count for m in await personal.matters(anna)] == [1]
    assert await personal.subjects(anna) == [f"booking:{made['id']}"]
    async with db.transaction():
        assert await personal.forget(anna) == []
    assert await Booking.all().count() == 0
    assert await BookingChange.all().count() == 0
    assert [s.taken for s in await Slot.all()] == [0]


async def test_old_bookings_are_removed_with_their_history(hall: Hall, phone: httpx2.AsyncClient) -> None:
    made = (await booked(phone, await morning())).json()
    await phone.post(f"/api/v1/bookings/{made['id']}/cancellation", json={}, headers=key())
    assert await reminders.purge() == 0
    with clock.moved(400 * DAY):
        assert await reminders.purge() == 1
    assert await BookingChange.all().count() == 0


async def test_workdays_ahead_are_working_days(hall: Hall, phone: httpx2.AsyncClient) -> None:
    calendar = await workdays.calendar()
    told_ = (await phone.get(f"/api/v1/booking-slots?item={ITEM}")).json()
    days = [date.fromisoformat(d["day"]) for d in told_["places"][0]["days"]]
    assert all(calendar.is_workday(day) for day in days)
    assert max(days) == calendar.add_workdays(clock.today(), 10)
