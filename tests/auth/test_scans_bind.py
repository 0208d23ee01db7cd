"""一扫绑定: a phone is linked to an account that is there already, and nothing is taken over."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from auth import sessions
from auth.citizens import seal_phone
from auth.models import Citizen, PlatformIdentity, Scan
from auth.tokens import access_token
from kit import clock, crypto, db
from kit.ids import new_id
from tests.auth.conftest import Clerk, Phone
from tests.auth.scanning import SCANS, act, bearer, polled, problem, state

pytestmark = pytest.mark.anyio
ID_NUMBER, PHONE = "11010519491231002X", "13800000090"


async def hall_account(*, id_number: str | None = ID_NUMBER, phone: str | None = None) -> Citizen:
    """An account as the counter keeps it: known by papers, with no platform."""
    person = Citizen(id=new_id(), assurance="platform", created_at=clock.now())
    if phone:
        seal_phone(person, phone)
        person.assurance = "phone"
    if id_number:
        person.name_sealed = crypto.seal("王小明", bound_to=f"auth_citizen.name:{person.id}")
        person.id_number_sealed = crypto.seal(id_number, bound_to=f"auth_citizen.id_number:{person.id}")
        person.id_number_index = crypto.blind_index(id_number, purpose="citizen.id_number")
        person.assurance = "real_name"
    await person.save(force_create=True)
    return person


async def at_the_desk(person: Citizen) -> dict[str, Any]:
    """A desktop's token for the account."""
    opened = await sessions.open_session(kind="citizen", person=person.id, device="hall")
    token = access_token(person=person.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id)
    return {"access_token": token.text}


async def asked(door: httpx2.AsyncClient, desktop: dict[str, Any] | None) -> httpx2.Response:
    body = {"purpose": "bind", "device_label": "2 号窗口"}
    return await door.post(SCANS, json=body, headers=bearer(desktop) if desktop else {})


async def scanned(door: httpx2.AsyncClient, person: Citizen, phone: dict[str, Any]) -> dict[str, Any]:
    ticket: dict[str, Any] = (await asked(door, await at_the_desk(person))).json()
    assert (await act(door, "scan", ticket, phone)).status_code == 200
    return ticket


async def bare(handset: Phone) -> dict[str, Any]:
    told: dict[str, Any] = (await handset.tap(with_phone=False)).json()
    return told


async def owner_of(handset: Phone) -> Any:
    return (await PlatformIdentity.get(open_id=handset.openid)).citizen_id  # type: ignore[attr-defined]


async def audited(action: str) -> int:
    return int(await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = $1", action))


async def test_a_phone_is_linked_to_the_hall_account_and_signs_in_to_it_from_then_on(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset, person = phone(PHONE), await hall_account()
    first = await bare(handset)
    ticket = (await asked(door, await at_the_desk(person))).json()
    seen = (await act(door, "scan", ticket, first)).json()
    assert (seen["purpose"], seen["account"], seen["proof"]) == ("bind", "王*明", "id_number")
    done = await act(door, "confirm", ticket, first, last_four="002x")
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    told = (await polled(door, ticket)).json()
    assert (told.keys(), told["state"]) == ({"state", "ticket_expires_in"}, "confirmed")
    assert await state(door, ticket) == "consumed"
    assert await owner_of(handset) == person.id
    again = (await bare(handset))["citizen"]
    assert (again["id"], again["name_masked"], again["assurance"]) == (str(person.id), "王*明", "real_name")
    assert (await door.get("/api/v1/me", headers=bearer(first))).status_code == 401, "the bare account is closed"
    assert await audited("citizen.identity_bound") == 1


async def test_an_account_known_by_its_phone_is_proved_by_the_number(phone: Any, door: httpx2.AsyncClient) -> None:
    handset, person = phone(PHONE), await hall_account(id_number=None, phone="13911112222")
    ticket = (await asked(door, await at_the_desk(person))).json()
    first = await bare(handset)
    assert (await act(door, "scan", ticket, first)).json()["proof"] == "phone"
    assert (await act(door, "confirm", ticket, first, last_four="2222")).status_code == 200
    assert await owner_of(handset) == person.id


async def test_a_wrong_number_ends_the_ticket_and_links_nothing(phone: Any, door: httpx2.AsyncClient) -> None:
    handset, person = phone(PHONE), await hall_account()
    first = await bare(handset)
    ticket, before = await scanned(door, person, first), await owner_of(handset)
    missing = await act(door, "confirm", ticket, first)
    assert (problem(missing), missing.json()["errors"][0]["field"]) == ((422, "invalid_request"), "last_four")
    assert await state(door, ticket) == "scanned"
    refused = await act(door, "confirm", ticket, first, last_four="0021")
    assert problem(refused) == (403, "binding_proof_wrong")
    assert problem(await act(door, "confirm", ticket, first, last_four="002X")) == (409, "scan_already_used")
    assert (await state(door, ticket), await owner_of(handset)) == ("refused", before)
    assert await audited("citizen.binding_refused") == 1


async def test_a_phone_that_has_an_account_of_its_own_is_not_taken_over(phone: Any, door: httpx2.AsyncClient) -> None:
    handset, person = phone(PHONE), await hall_account()
    own = (await handset.tap()).json()  # with its number: somebody is known in it
    ticket = await scanned(door, person, own)
    refused = await act(door, "confirm", ticket, own, last_four="002X")
    assert problem(refused) == (409, "account_bound_elsewhere")
    assert "窗口" in refused.json()["detail"]
    assert (await state(door, ticket), str(await owner_of(handset))) == ("refused", own["citizen"]["id"])
    assert (await door.get("/api/v1/me", headers=bearer(own))).status_code == 200
    assert (await audited("citizen.binding_refused"), await audited("citizen.identity_bound")) == (1, 0)


async def test_an_account_bound_to_another_phone_of_the_platform_is_not_given_a_second(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset, second, person = phone(PHONE), phone("13800000091"), await hall_account()
    for one, expected in ((handset, 200), (second, 409)):
        told = await bare(one)
        ticket = await scanned(door, person, told)
        answer = await act(door, "confirm", ticket, told, last_four="002X")
        assert answer.status_code == expected
    assert answer.json()["code"] == "account_bound_elsewhere"
    assert (await owner_of(handset), str(await owner_of(second))) == (person.id, told["citizen"]["id"])


async def test_an_account_with_something_in_it_is_not_emptied(phone: Any, door: httpx2.AsyncClient) -> None:
    handset, person = phone(PHONE), await hall_account()
    own = await bare(handset)
    await db.execute(
        "CREATE TABLE some_room (id int, owner uuid REFERENCES auth_citizen (id))",
    )
    await db.execute("INSERT INTO some_room VALUES (1, $1)", own["citizen"]["id"])
    ticket = await scanned(door, person, own)
    answer = await act(door, "confirm", ticket, own, last_four="002X")
    assert problem(answer) == (409, "account_bound_elsewhere")
    assert str(await owner_of(handset)) == own["citizen"]["id"]


async def test_two_phones_for_two_accounts_at_once_end_with_one_link_each(phone: Any, door: httpx2.AsyncClient) -> None:
    people = [await hall_account(), await hall_account(id_number=None, phone="13911112222")]
    handsets = [phone("13800000092"), phone("13800000093")]
    told = [await bare(h) for h in handsets]
    tickets = [await scanned(door, p, t) for p, t in zip(people, told, strict=True)]
    answers = await asyncio.gather(
        *(
            act(door, "confirm", ticket, own, last_four=four)
            for ticket, own, four in zip(tickets, told, ("002X", "2222"), strict=True)
            for _ in range(5)
        )
    )
    assert sorted(a.status_code for a in answers if a.status_code < 401) == [200, 200]
    assert [await owner_of(h) for h in handsets] == [p.id for p in people]


async def test_to_bind_one_is_signed_in_just_now_as_an_account_with_a_number(
    phone: Any, door: httpx2.AsyncClient, clerk: Clerk
) -> None:
    assert problem(await asked(door, None)) == (401, "token_missing")
    nobody = await bare(phone(PHONE))
    told = await asked(door, nobody)
    assert (problem(told), told.json()["required"]) == ((403, "assurance_too_low"), "phone")
    opened = await sessions.open_session(kind="staff", person=clerk.member.id, device="d")
    token = access_token(
        person=clerk.member.id, kind="staff", roles=frozenset({"clerk"}), session=opened.session.id
    ).text
    assert problem(await asked(door, {"access_token": token})) == (403, "forbidden")
    desktop = await at_the_desk(await hall_account())
    with clock.moved(timedelta(minutes=11)):
        assert problem(await asked(door, desktop)) == (403, "fresh_sign_in_required")
    assert await Scan.all().count() == 0


async def test_a_desktop_that_signed_out_binds_nothing(phone: Any, door: httpx2.AsyncClient) -> None:
    handset, person = phone(PHONE), await hall_account()
    own, desktop = await bare(handset), await at_the_desk(person)
    ticket = (await asked(door, desktop)).json()
    await act(door, "scan", ticket, own)
    await door.post("/api/v1/auth/sign-out", headers=bearer(desktop))
    answer = await act(door, "confirm", ticket, own, last_four="002X")
    assert problem(answer) == (409, "scan_expired")
    assert (await state(door, ticket), str(await owner_of(handset))) == ("refused", own["citizen"]["id"])
