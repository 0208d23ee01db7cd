"""Scan to sign in, by request: what each side is told, and what is refused."""

import asyncio
import hashlib
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import zxingcpp
from asyncpg import CheckViolationError
from PIL import Image

from auth import sessions
from auth.jobs import purge_old_sessions
from auth.models import Citizen, RefreshToken, Scan, Session
from kit import clock, config, db
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Clerk, Phone
from tests.auth.scanning import KIOSK, SCANS, act, bearer, confirmed, polled, problem, shown, state

pytestmark = pytest.mark.anyio


@pytest.fixture
async def citizen(phone: Any) -> dict[str, Any]:
    """Tokens of a citizen's phone."""
    told: dict[str, Any] = (await phone("13800000070").tap()).json()
    return told


@pytest.fixture
async def other(phone: Any) -> dict[str, Any]:
    told: dict[str, Any] = (await phone("13800000071").tap()).json()
    return told


async def written() -> tuple[int, int]:
    return await Session.all().count(), await RefreshToken.all().count()


async def test_a_kiosk_is_signed_in_by_the_phone_that_scanned_and_confirmed(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket = await shown(door)
    assert (ticket["expires_in"], len(ticket["ticket"]), len(ticket["secret"])) == (120, 43, 43)
    assert await state(door, ticket) == "new"
    seen = (await act(door, "scan", ticket, citizen)).json()
    assert await state(door, ticket) == "scanned"
    assert (await act(door, "confirm", ticket, citizen)).json()["state"] == "confirmed"
    told = (await polled(door, ticket)).json()
    assert (told["state"], told["citizen"], told["is_new"]) == ("confirmed", citizen["citizen"], False)
    assert (await door.get("/api/v1/me", headers=bearer(told))).json()["id"] == citizen["citizen"]["id"]
    assert (await polled(door, ticket)).json().keys() == {"state", "ticket_expires_in"}
    assert await state(door, ticket) == "consumed"
    assert seen | {"asked_at": "", "expires_in": 0} == {
        "purpose": "sign_in", "state": "scanned", "device_label": "政务大厅 3 号机", "address": "203.0.113.5",
        "same_address": True, "asked_at": "", "expires_in": 0, "account": None, "proof": None,
    }  # fmt: skip


async def test_the_session_is_a_new_one_short_and_named_after_the_device(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    (before,) = await Session.all()
    told = (await polled(door, await confirmed(door, citizen))).json()
    made = await Session.exclude(id=before.id).get()
    assert (made.label, str(made.person), made.kind) == ("政务大厅 3 号机", citizen["citizen"]["id"], "citizen")
    assert made.ends_at - made.created_at == timedelta(hours=4)
    assert made.device == hashlib.sha256(b"kiosk-7").hexdigest()[:32]
    assert (await Scan.get()).session == made.id
    with clock.moved(timedelta(hours=4, seconds=1)):
        answer = await door.post("/api/v1/auth/refresh", json={"refresh_token": told["refresh_token"]}, headers=KIOSK)
        assert problem(answer) == (401, "refresh_refused")


async def test_every_act_of_the_phone_and_the_sign_in_are_in_the_audit_log(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    await polled(door, await confirmed(door, citizen))
    digest, session = (await Scan.get()).ticket_digest, (await Scan.get()).session
    rows = await db.fetch("SELECT actor, action, subject FROM kit_audit ORDER BY seq OFFSET 1")
    who = f"citizen:{citizen['citizen']['id']}"
    assert [tuple(row) for row in rows] == [
        (who, "scan.scanned", f"scan:{digest[:16]}"), (who, "scan.confirmed", f"scan:{digest[:16]}"),
        (who, "scan.consumed", f"scan:{digest[:16]}"), (who, "citizen.signed_in_by_scan", f"session:{session}"),
    ]  # fmt: skip


async def test_fifty_polls_at_once_give_the_tokens_to_one(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    ticket, before = await confirmed(door, citizen), await written()
    answers = await asyncio.gather(*(polled(door, ticket) for _ in range(50)))
    assert [a.status_code for a in answers] == [200] * 50
    assert sorted("access_token" in a.json() for a in answers) == [False] * 49 + [True]
    assert await written() == (before[0] + 1, before[1] + 1)


async def test_two_phones_scan_at_once_and_one_of_them_has_it(
    door: httpx2.AsyncClient, citizen: dict[str, Any], other: dict[str, Any]
) -> None:
    ticket = await shown(door)
    answers = await asyncio.gather(*(act(door, "scan", ticket, who) for who in (citizen, other) * 10))
    won = {who["citizen"]["id"] for who, a in zip((citizen, other) * 10, answers, strict=True) if a.status_code == 200}
    assert len(won) == 1
    assert {problem(a) for a in answers if a.status_code != 200} == {(409, "scan_already_used")}
    loser = other if citizen["citizen"]["id"] in won else citizen
    for verb in ("confirm", "refuse"):
        assert problem(await act(door, verb, ticket, loser)) == (404, "not_found")
    assert await state(door, ticket) == "scanned"


async def test_yes_and_no_at_once_end_in_one_of_them(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    ticket = await shown(door)
    await act(door, "scan", ticket, citizen)
    answers = await asyncio.gather(*(act(door, v, ticket, citizen) for v in ("confirm", "refuse") * 10))
    assert min(a.status_code for a in answers) in {200, 204}
    assert [problem(a) for a in answers if a.status_code >= 400] == [(409, "scan_already_used")] * 19
    yes = any(a.status_code == 200 for a in answers)
    assert ("access_token" in (await polled(door, ticket)).json()) == yes


async def test_each_state_is_entered_once(
    door: httpx2.AsyncClient, citizen: dict[str, Any], other: dict[str, Any]
) -> None:
    ticket = await shown(door)
    for verb in ("confirm", "refuse"):  # unscanned: as if it were not there
        assert problem(await act(door, verb, ticket, citizen)) == (404, "not_found")
    await act(door, "scan", ticket, citizen)
    assert (await act(door, "scan", ticket, citizen)).json()["state"] == "scanned"  # the page was loaded again
    assert problem(await act(door, "scan", ticket, other)) == (409, "scan_already_used")
    await act(door, "confirm", ticket, citizen)
    await polled(door, ticket)
    before = await written()
    for verb in ("scan", "confirm", "refuse"):
        assert problem(await act(door, verb, ticket, citizen)) == (409, "scan_already_used")
    assert (await state(door, ticket), await written()) == ("consumed", before)


async def test_refusing_kills_the_ticket(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    ticket = await shown(door)
    await act(door, "scan", ticket, citizen)
    assert (await act(door, "refuse", ticket, citizen)).status_code == 204
    for verb in ("scan", "confirm", "refuse"):
        assert problem(await act(door, verb, ticket, citizen)) == (409, "scan_already_used")
    assert (await polled(door, ticket)).json().keys() == {"state", "ticket_expires_in"}
    assert (await state(door, ticket), (await written())[0]) == ("refused", 1)


@pytest.mark.parametrize("done", [[], ["scan"], ["scan", "confirm"]])
async def test_after_two_minutes_a_ticket_is_good_for_nothing(
    door: httpx2.AsyncClient, citizen: dict[str, Any], done: list[str]
) -> None:
    ticket = await shown(door)
    for verb in done:
        await act(door, verb, ticket, citizen)
    with clock.moved(timedelta(seconds=120)):
        assert await state(door, ticket) == "expired"
        assert problem(await act(door, "scan", ticket, citizen)) == (409, "scan_expired")
        expected = (409, "scan_expired") if done else (404, "not_found")
        for verb in ("confirm", "refuse"):
            assert problem(await act(door, verb, ticket, citizen)) == expected
        assert (await door.get(ticket["qr_png_url"])).status_code == 404
    assert (await written())[0] == 1


async def test_just_before_its_end_a_ticket_is_still_good(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    ticket = await confirmed(door, citizen)
    with clock.moved(timedelta(seconds=117)):
        assert "access_token" in (await polled(door, ticket)).json()


async def test_a_wrong_or_missing_secret_looks_like_a_missing_ticket(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket, second = await confirmed(door, citizen), await shown(door)
    guesses: list[tuple[str, dict[str, str]]] = [
        (ticket["ticket"], {}), (ticket["ticket"], {"x-scan-secret": ""}),
        (ticket["ticket"], {"x-scan-secret": second["secret"]}), (ticket["ticket"], {"x-scan-secret": ticket["ticket"]}),
        (ticket["ticket"], {"x-scan-secret": ticket["secret"][:-1]}), ("A" * 43, {"x-scan-secret": ticket["secret"]}),
        (quote("é\0", safe=""), {"x-scan-secret": ticket["secret"]}), (ticket["secret"], {"x-scan-secret": ticket["secret"]}),
        (hashlib.sha256(ticket["ticket"].encode()).hexdigest(), {"x-scan-secret": ticket["secret"]}),
        (ticket["ticket"], {"x-scan-secret": hashlib.sha256(ticket["secret"].encode()).hexdigest()}),
    ]  # fmt: skip
    bodies = []
    for name, headers in guesses:
        answer = await door.get(f"{SCANS}/{name}", headers=headers)
        assert answer.status_code == 404, (name, headers)
        bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
    assert all(body == bodies[0] for body in bodies)
    assert "access_token" in (await polled(door, ticket)).json(), "guessing took nothing away"


async def test_guessing_at_speed_is_limited_and_the_right_device_is_still_heard(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket = await confirmed(door, citizen)
    answers = [
        await door.get(f"{SCANS}/{ticket['ticket']}", headers={"x-scan-secret": f"{n:043d}"}) for n in range(200)
    ]
    assert [a.status_code for a in answers] == [404] * 60 + [429] * 140
    assert "access_token" in (await polled(door, ticket)).json()


async def test_asking_and_polling_at_speed_are_limited(
    door: httpx2.AsyncClient, database: str, settings: OfficeSettings
) -> None:
    config.install(settings.model_copy(update={"scans_per_minute": 5, "scan_polls_per_minute": 60}))
    tickets = [await shown(door) for _ in range(5)]
    refused = await door.post(SCANS, json={"purpose": "sign_in", "device_label": "x"})
    assert (problem(refused), await Scan.all().count()) == ((429, "too_many_requests"), 5)
    answers = [await polled(door, tickets[0]) for _ in range(70)]
    assert [a.status_code for a in answers] == [200] * 60 + [429] * 10


async def test_ticket_secret_and_address_are_not_readable_in_the_rows(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket = await confirmed(door, citizen)
    await polled(door, ticket)
    (row,) = await db.fetch("SELECT to_jsonb(t)::text AS text FROM auth_scan t")
    assert all(secret not in row["text"] for secret in (ticket["ticket"], ticket["secret"], "203.0.113.5"))
    assert b"203.0.113.5".hex() not in row["text"]


@pytest.mark.parametrize("kind", ["png", "svg"])
async def test_the_code_opens_our_page_with_the_ticket_and_holds_no_secret(
    door: httpx2.AsyncClient, database: str, kind: str
) -> None:
    ticket = await shown(door)
    assert ticket["qr_url"] == f"http://127.0.0.1:8000/app/#/sub/account/scan?ticket={ticket['ticket']}"
    answer = await door.get(ticket[f"qr_{kind}_url"])
    assert answer.status_code == 200
    if kind == "svg":
        assert answer.headers["content-type"] == "image/svg+xml"
        assert re.match(rb"<svg|<\?xml", answer.content)
        return
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert (answer.headers["content-type"], read.text) == ("image/png", ticket["qr_url"])


async def test_the_picture_is_gone_once_the_code_was_scanned(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    ticket = await shown(door)
    assert (await act(door, "scan", ticket, citizen)).status_code == 200
    assert (await door.get(ticket["qr_png_url"])).status_code == 404
    assert (await door.get(f"{SCANS}/{'A' * 43}/qr.png")).status_code == 404


async def test_confirming_needs_somebody_who_signed_in_just_now_and_goes_on_after_that(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    handset: Phone = phone("13800000072")
    person = (await handset.tap()).json()
    with clock.moved(timedelta(minutes=11)):
        ticket = await shown(door)
        assert (await act(door, "scan", ticket, person)).status_code == 200
        assert problem(await act(door, "confirm", ticket, person)) == (403, "fresh_sign_in_required")
        refreshed = await door.post("/api/v1/auth/refresh", json={"refresh_token": person["refresh_token"]})
        assert problem(await act(door, "confirm", ticket, refreshed.json())) == (403, "fresh_sign_in_required")
        assert await state(door, ticket) == "scanned"
        again = (await handset.tap()).json()
        assert (await act(door, "confirm", ticket, again)).status_code == 200
        assert "access_token" in (await polled(door, ticket)).json()


async def test_letting_a_device_in_is_no_proof_and_devices_do_not_keep_each_other_fresh(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    with clock.moved(timedelta(minutes=9)):
        desk = (await polled(door, await confirmed(door, citizen))).json()
        refused = await door.post("/api/v1/me/merge-codes", headers=bearer(desk))
        assert problem(refused) == (403, "fresh_sign_in_required")
    with clock.moved(timedelta(minutes=11)):
        ticket = await shown(door)
        assert (await act(door, "scan", ticket, desk)).status_code == 200
        assert problem(await act(door, "confirm", ticket, desk)) == (403, "fresh_sign_in_required")
    assert await Session.all().count() == 2


async def test_refusing_needs_no_fresh_sign_in(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    with clock.moved(timedelta(minutes=11)):
        ticket = await shown(door)
        await act(door, "scan", ticket, citizen)
        assert (await act(door, "refuse", ticket, citizen)).status_code == 204


async def test_who_signs_out_everywhere_before_the_device_came_has_let_nobody_in(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket = await confirmed(door, citizen)
    await door.post("/api/v1/auth/sign-out", headers=bearer(citizen), json={"everywhere": True})
    assert (await polled(door, ticket)).json().keys() == {"state", "ticket_expires_in"}
    assert (await state(door, ticket), (await written())[0]) == ("refused", 1)


async def test_an_account_closed_after_confirming_is_not_let_in(
    door: httpx2.AsyncClient, citizen: dict[str, Any]
) -> None:
    ticket = await confirmed(door, citizen)
    await Citizen.all().update(disabled_at=clock.now())
    sessions.forget_states()
    assert (await state(door, ticket), (await written())[0]) == ("refused", 1)


async def test_the_phone_side_is_for_citizens(door: httpx2.AsyncClient, clerk: Clerk) -> None:
    ticket = await shown(door)
    for verb in ("scan", "confirm", "refuse"):
        answer = await door.post(f"{SCANS}/{ticket['ticket']}/{verb}", json={} if verb == "confirm" else None)
        assert problem(answer) == (401, "token_missing")
    assert await state(door, ticket) == "new"


@pytest.mark.parametrize("token", ["ticket", "secret"])
async def test_neither_ticket_nor_secret_is_a_token_and_no_token_is_a_ticket(
    door: httpx2.AsyncClient, citizen: dict[str, Any], token: str
) -> None:
    ticket = await shown(door)
    answer = await door.get("/api/v1/me", headers={"authorization": f"Bearer {ticket[token]}"})
    assert problem(answer) == (401, "token_invalid")
    refreshed = await door.post("/api/v1/auth/refresh", json={"refresh_token": ticket[token]})
    assert problem(refreshed) == (401, "refresh_refused")
    as_ticket = {"ticket": citizen["refresh_token"], "secret": citizen["access_token"]}
    assert problem(await polled(door, as_ticket)) == (404, "not_found")


@pytest.mark.parametrize("label", ["", "   ", "x" * 41, "a\nb", "a\u202eb", "a\u200bb", "\x1b[31m"])
async def test_a_label_that_would_deceive_the_reader_is_refused(
    door: httpx2.AsyncClient, database: str, label: str
) -> None:
    answer = await door.post(SCANS, json={"purpose": "sign_in", "device_label": label})
    assert (problem(answer), await Scan.all().count()) == ((422, "invalid_request"), 0)


async def test_another_address_is_told_as_another(
    door: httpx2.AsyncClient, citizen: dict[str, Any], settings: OfficeSettings
) -> None:
    config.install(config.current(OfficeSettings).model_copy(update={"trusted_proxies": "203.0.113.5"}))
    ticket = await shown(door, **{"x-forwarded-for": "198.51.100.9"})
    seen = (await act(door, "scan", ticket, citizen)).json()
    assert (seen["address"], seen["same_address"]) == ("198.51.100.9", False)


async def test_the_database_refuses_what_the_program_would_not_do(
    door: httpx2.AsyncClient, citizen: dict[str, Any], other: dict[str, Any]
) -> None:
    await polled(door, await confirmed(door, citizen))
    for change in ("state = 'confirmed'", "state = 'new'", f"citizen = '{other['citizen']['id']}'", "session = NULL"):
        with pytest.raises(CheckViolationError):
            await db.execute(f"UPDATE auth_scan SET {change}")


async def test_tickets_are_swept_away_a_day_later(door: httpx2.AsyncClient, citizen: dict[str, Any]) -> None:
    await polled(door, await confirmed(door, citizen))
    await purge_old_sessions()
    assert await Scan.all().count() == 1
    with clock.moved(timedelta(days=1, minutes=3)):
        await purge_old_sessions()
    assert await Scan.all().count() == 0
