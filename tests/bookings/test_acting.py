"""A window booked for somebody else: under a mandate to file, in their name, and with both names in the records."""

from datetime import timedelta

import httpx2
import pytest

from auth.acting.models import Deed, Mandate
from auth.models import Citizen
from kit import clock, db
from mobileapi.bookings.models import Booking
from tests.applications.office import ITEM, LETTER
from tests.bookings.conftest import Hall, another, booked, key, morning

pytestmark = pytest.mark.anyio


async def mandate(principal: Citizen, agent: Citizen, *doings: str, items: list[str] | None = None) -> Mandate:
    return await Mandate.create(
        kind="family", relation="parent", state="active", principal_id=principal.id, agent_id=agent.id,
        asked_by="agent", doings=["read", *doings], items=items, valid_from=clock.today(), asked_at=clock.now(),
        decided_at=clock.now(), valid_to=clock.today() + timedelta(days=30),
    )  # fmt: skip


async def test_it_is_the_represented_persons_booking_and_both_names_stand_in_the_log(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen
) -> None:
    mother = await another(1)
    await mandate(mother, anna, "file")
    made = await booked(phone, await morning(), on_behalf_of=str(mother.id))
    assert made.status_code == 201, made.text
    assert made.json()["on_behalf_of"] == str(mother.id)
    row = await Booking.get(id=made.json()["id"])
    assert (row.citizen_id, row.booked_by) == (mother.id, anna.id)  # type: ignore[attr-defined]
    assert (await phone.get("/api/v1/bookings")).json()["items"] == []
    theirs = (await phone.get(f"/api/v1/bookings?on_behalf_of={mother.id}")).json()["items"]
    assert [b["id"] for b in theirs] == [made.json()["id"]]
    assert (await booked(phone, await morning())).status_code == 201, "one's own is another person's booking"
    logged = await db.fetch("SELECT actor, detail FROM kit_audit WHERE action = 'booking.made' ORDER BY seq LIMIT 1")
    assert logged[0]["actor"] == f"citizen:{anna.id}"
    assert str(mother.id) in logged[0]["detail"]
    assert [d.action for d in await Deed.filter(principal_id=mother.id)] == ["booking.made"]


async def test_a_mandate_that_only_reads_or_is_for_another_item_books_nothing(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen
) -> None:
    reads, other_item = await another(1), await another(2)
    await mandate(reads, anna)
    await mandate(other_item, anna, "file", items=[LETTER])
    for person in (reads, other_item):
        refused = await booked(phone, await morning(), on_behalf_of=str(person.id))
        assert refused.status_code == 404
    assert await Booking.all().count() == 0


async def test_when_the_mandate_has_ended_the_booking_is_out_of_reach(
    hall: Hall, phone: httpx2.AsyncClient, anna: Citizen
) -> None:
    mother = await another(1)
    given = await mandate(mother, anna, "file", items=[ITEM])
    made = (await booked(phone, await morning(), on_behalf_of=str(mother.id))).json()
    await Mandate.filter(id=given.id).update(state="revoked", ended_at=clock.now())
    url = f"/api/v1/bookings/{made['id']}"
    assert (await phone.get(url)).status_code == 404
    assert (await phone.post(f"{url}/cancellation", json={}, headers=key())).status_code == 404
    async with hall.citizen(mother.id) as own:
        assert (await own.post(f"{url}/cancellation", json={}, headers=key())).json()["state"] == "cancelled"
