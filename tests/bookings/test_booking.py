"""Booking a window: what is free, one seat and no more, one's own bookings and nobody else's."""

import asyncio
from datetime import datetime, timedelta

import httpx2
import pytest

from auth.models import Citizen
from kit import clock, db
from mobileapi.bookings.models import Booking, BookingChange, Slot
from tests.applications.office import COUNTER_ONLY, ITEM, LETTER
from tests.bookings.conftest import Hall, another, booked, key, morning

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def stands() -> list[tuple[int, int]]:
    """Seats taken and live bookings of every slot that was ever wanted; the two are always equal."""
    rows = await db.fetch(
        "SELECT s.taken, (SELECT count(*) FROM bookings_booking b WHERE b.slot_id = s.id AND b.state = 'booked') AS live "
        "FROM bookings_slot s ORDER BY s.starts_at"
    )
    return [(r["taken"], r["live"]) for r in rows]


async def test_the_slots_of_an_item_are_public_and_count_down(hall: Hall, phone: httpx2.AsyncClient) -> None:
    async with hall.anybody() as anybody:
        told = (await anybody.get(f"/api/v1/booking-slots?item={ITEM}")).json()
    (place,) = told["places"]
    assert (place["code"], place["name"]["zh"], place["phone"]) == ("HALL", "政务中心", "020-00001111")
    when = await morning("09:30")
    assert (await booked(phone, when)).status_code == 201
    again = (await phone.get(f"/api/v1/booking-slots?item={ITEM}")).json()
    slots = {s["starts_at"]: s["left"] for d in again["places"][0]["days"] for s in d["slots"]}
    assert (slots[when], slots[await morning("10:00")]) == (3, 4)
    assert len(place["days"]) in {10, 11}, "ten working days, and today while it is early"


async def test_an_item_nobody_knows_has_no_slots(hall: Hall) -> None:
    async with hall.anybody() as anybody:
        assert (await anybody.get("/api/v1/booking-slots?item=nothing")).status_code == 404


async def test_a_booking_holds_a_seat_and_shows_a_code(hall: Hall, phone: httpx2.AsyncClient) -> None:
    made = (await booked(phone, await morning())).json()
    assert (made["state"], made["actions"], made["item"]["code"]) == ("booked", ["move", "cancel"], ITEM)
    assert made["starts_at"] == await morning()
    assert len(made["code"]) == 8
    assert (await phone.get(f"/api/v1/bookings/{made['id']}")).json() == made
    assert [b["id"] for b in (await phone.get("/api/v1/bookings")).json()["items"]] == [made["id"]]
    assert await stands() == [(1, 1)]
    async with hall.anybody() as anybody:
        picture = await anybody.get(made["qr_url"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
        assert (await anybody.get("/api/v1/booking-codes/%3Cscript%3E/qr.svg")).status_code == 404


async def test_of_a_hundred_people_four_get_the_last_four_seats(hall: Hall) -> None:
    people = [await another(n) for n in range(100)]
    when = await morning()

    async def want(person: Citizen) -> int:
        async with hall.citizen(person.id) as http:
            return (await booked(http, when)).status_code

    answers = await asyncio.gather(*(want(person) for person in people))
    assert sorted(answers) == [201] * 4 + [409] * 96
    assert await stands() == [(4, 4)]


async def test_one_person_who_taps_fifty_times_has_one_booking(hall: Hall, phone: httpx2.AsyncClient) -> None:
    times = [await morning(h) for h in ("09:00", "09:30", "10:00", "10:30", "11:00")] * 10
    answers = await asyncio.gather(*(booked(phone, when) for when in times))
    made = [a.json()["id"] for a in answers if a.status_code == 201]
    refused = [a.json() for a in answers if a.status_code != 201]
    assert len(made) == 1
    assert {r["code"] for r in refused} == {"already_booked"}
    assert {r["booking"] for r in refused} == set(made)
    assert sum(taken for taken, _ in await stands()) == 1


async def test_the_same_key_is_the_same_booking(hall: Hall, phone: httpx2.AsyncClient) -> None:
    body = {"item": ITEM, "place": "HALL", "starts_at": await morning()}
    first = await phone.post("/api/v1/bookings", json=body, headers=key("k1"))
    again = await phone.post("/api/v1/bookings", json=body, headers=key("k1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert await Booking.all().count() == 1


@pytest.mark.parametrize("when", ["08:30", "12:00", "09:10", "24:00"])
async def test_a_time_the_window_is_not_open_is_refused(hall: Hall, phone: httpx2.AsyncClient, when: str) -> None:
    day = (await morning()).partition("T")[0]
    refused = await booked(phone, f"{day}T{when}:00+08:00")
    assert refused.status_code == 422
    assert await Slot.all().count() == 0


async def test_yesterday_the_far_future_and_another_place_are_refused(hall: Hall, phone: httpx2.AsyncClient) -> None:
    for when in (await morning(workday=60), f"{clock.today() - DAY}T09:00:00+08:00"):
        assert (await booked(phone, when)).json()["code"] == "no_such_slot", when
    for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "never"):
        assert (await booked(phone, when)).status_code == 422, when
    other = {"item": ITEM, "place": "NOWHERE", "starts_at": await morning()}
    assert (await phone.post("/api/v1/bookings", json=other, headers=key())).status_code == 422
    assert await Booking.all().count() == 0


async def test_a_time_without_a_zone_is_refused(hall: Hall, phone: httpx2.AsyncClient) -> None:
    assert (await booked(phone, (await morning()).removesuffix("+08:00"))).status_code == 422


async def test_moving_takes_the_new_seat_before_it_gives_the_old_one_back(
    hall: Hall, phone: httpx2.AsyncClient
) -> None:
    made = (await booked(phone, await morning())).json()
    for n in range(4):
        async with hall.citizen((await another(n)).id) as other:
            assert (await booked(other, await morning("10:00"))).status_code == 201
    url = f"/api/v1/bookings/{made['id']}/moving"
    full = await phone.post(url, json={"place": "HALL", "starts_at": await morning("10:00")}, headers=key())
    assert full.json()["code"] == "slot_full"
    assert await stands() == [(1, 1), (4, 4)]
    moved = await phone.post(url, json={"place": "HALL", "starts_at": await morning("11:00")}, headers=key())
    assert moved.json()["starts_at"] == await morning("11:00")
    assert [e["text"]["zh"] for e in moved.json()["timeline"]] == ["预约成功", "改期"]
    assert await stands() == [(0, 0), (4, 4), (1, 1)]


async def test_two_people_who_swap_times_do_not_wait_for_each_other(hall: Hall) -> None:
    first, second = await another(1), await another(2)
    async with hall.citizen(first.id) as one, hall.citizen(second.id) as two:
        a = (await booked(one, await morning("09:00"))).json()["id"]
        b = (await booked(two, await morning("10:00"))).json()["id"]
        for turn in range(6):
            there, back = ("10:00", "09:00") if turn % 2 == 0 else ("09:00", "10:00")
            answers = await asyncio.gather(
                one.post(f"/api/v1/bookings/{a}/moving", json={"place": "HALL", "starts_at": await morning(there)}, headers=key()),
                two.post(f"/api/v1/bookings/{b}/moving", json={"place": "HALL", "starts_at": await morning(back)}, headers=key()),
            )  # fmt: skip
            assert [a.status_code for a in answers] == [200, 200]
    assert await stands() == [(1, 1), (1, 1)]


async def test_cancelling_gives_the_seat_back_once_and_the_item_may_be_booked_again(
    hall: Hall, phone: httpx2.AsyncClient
) -> None:
    made = (await booked(phone, await morning())).json()
    url = f"/api/v1/bookings/{made['id']}/cancellation"
    answers = await asyncio.gather(*(phone.post(url, json={}, headers=key()) for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    assert await stands() == [(0, 0)]
    assert (await booked(phone, await morning())).status_code == 201


async def test_a_slot_that_has_begun_is_neither_cancelled_nor_moved(hall: Hall, phone: httpx2.AsyncClient) -> None:
    made = (await booked(phone, await morning())).json()
    begins = datetime.fromisoformat(made["starts_at"])
    with clock.moved(begins - clock.now() + timedelta(minutes=1)):
        assert (await phone.get(f"/api/v1/bookings/{made['id']}")).json()["actions"] == []
        cancel = await phone.post(f"/api/v1/bookings/{made['id']}/cancellation", json={}, headers=key())
        move = {"place": "HALL", "starts_at": await morning("11:00")}
        moving = await phone.post(f"/api/v1/bookings/{made['id']}/moving", json=move, headers=key())
    assert (cancel.json()["code"], moving.json()["code"]) == ("booking_begun", "booking_begun")
    assert await stands() == [(1, 1)]


async def test_a_person_holds_five_bookings_and_no_sixth(hall: Hall, phone: httpx2.AsyncClient) -> None:
    from mobileapi.catalogue.imports import take_item
    from tests.applications.office import guide

    for n in range(6):
        async with db.transaction():
            await take_item(guide(code=f"00010910200{n}"))
    answers = [await booked(phone, await morning(), item=f"00010910200{n}") for n in range(4)]
    answers.append(await booked(phone, await morning("10:00"), item="000109102004"))
    assert [a.status_code for a in answers] == [201] * 5
    assert (await booked(phone, await morning("11:00"), item="000109102005")).json()["code"] == "too_many_bookings"


async def test_somebody_elses_booking_looks_like_none(hall: Hall, phone: httpx2.AsyncClient) -> None:
    made = (await booked(phone, await morning())).json()
    stranger = await another(7)
    async with hall.citizen(stranger.id) as other:
        for method, tail, body in (
            ("GET", "", None), ("POST", "/cancellation", {}),
            ("POST", "/moving", {"place": "HALL", "starts_at": await morning("11:00")}),
        ):  # fmt: skip
            url = f"/api/v1/bookings/{made['id']}{tail}"
            assert (await other.request(method, url, json=body, headers=key())).status_code == 404, tail
        assert (await other.get("/api/v1/bookings")).json()["items"] == []
        behalf = await booked(other, await morning(), on_behalf_of=str(made["id"]))
    assert behalf.status_code == 404
    assert await BookingChange.all().count() == 1


async def test_an_item_of_another_place_has_no_windows_here(hall: Hall) -> None:
    from mobileapi.catalogue.imports import take_item
    from tests.applications.office import guide

    elsewhere = [{"name": "别处", "address": "某路", "hours": "每天"}]
    async with db.transaction():
        await take_item(guide(code="000109109999", places=elsewhere))
    async with hall.anybody() as anybody:
        assert (await anybody.get("/api/v1/booking-slots?item=000109109999")).json()["places"] == []
        assert (await anybody.get(f"/api/v1/booking-slots?item={LETTER}")).json()["places"] != []
        assert (await anybody.get(f"/api/v1/booking-slots?item={COUNTER_ONLY}")).json()["places"] != []


async def test_a_platform_only_account_is_asked_for_a_phone(hall: Hall) -> None:
    bare = await Citizen.create(assurance="platform", created_at=clock.now())
    async with hall.citizen(bare.id) as http:
        refused = await booked(http, await morning())
    assert (refused.status_code, refused.json()["code"]) == (403, "assurance_too_low")
    assert await Booking.all().count() == 0
