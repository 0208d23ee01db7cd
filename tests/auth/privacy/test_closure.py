"""Closing an account: consequences first, days to think again, then nothing of the person is left where it was promised."""

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from tortoise import Tortoise

from auth.models import Citizen, Session
from auth.privacy import closures, contributors, deletions
from auth.privacy.models import Closure, Consent, Deletion
from kit import anchors, clock, crypto, db, sealed, storage
from mobileapi.applications.models import Application
from mobileapi.materials.models import Upload
from payments.models import Bill, Order
from tests.applications.office import ITEM, filed, key
from tests.auth.privacy.conftest import Doors, Somebody

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
BY_LAW = {"unpaid"}  # still owed: the bill keeps its payer until it is paid or withdrawn


async def everything_opened() -> str:
    """Every row of every table as text, and every sealed value of the register in the clear."""
    found = []
    for (table,) in await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        found += [row["text"] for row in await db.fetch(f'SELECT t::text AS text FROM "{table}" t')]
    for column in sealed.columns():
        keys = ", ".join(f'"{name}"' for name in column.key)
        rows = await db.fetch(
            f'SELECT {keys}, "{column.column}" AS sealed FROM {column.table} WHERE "{column.column}" IS NOT NULL'
        )
        found += [f"{column.place} {crypto.unseal(row['sealed'], bound_to=column.bound_to(row))}" for row in rows]
    return "\n".join(found)


def met(text: str, canaries: Iterable[str]) -> set[str]:
    return {c for c in canaries if c in text or json.dumps(c)[1:-1] in text}


async def closed(doors: Doors, wei: Somebody, drain: Drain) -> None:
    phone = await doors.citizen(wei.citizen)
    answer = await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())
    assert answer.status_code == 201, answer.text
    with clock.moved(timedelta(days=7, minutes=1)):
        assert await closures.close_due() == 1
        await drain()


async def test_everything_promised_is_gone_and_what_law_keeps_is_left_without_a_name(
    doors: Doors, wei: Somebody, drain: Drain
) -> None:
    await drain()  # whatever is still to be printed or told
    before = await everything_opened()
    personal = {what: words for what, words in wei.told.items() if what not in KEPT_NUMBERS}
    assert met(before, personal.values()) == set(personal.values()), "all of it was there"
    photos = [str(u) for u in await Upload.filter(owner=f"citizen:{wei.citizen.id}").values_list("id", flat=True)]
    assert photos
    await Bill.filter(payment_code="unpaid7001").update(state="withdrawn")
    phone = await doors.citizen(wei.citizen)
    await phone.put("/api/v1/me/consents/reminders", json={"given": True, "version": "2026-11-01"})
    await closed(doors, wei, drain)
    after = await everything_opened()
    assert met(after, personal.values()) == set()
    assert [n for n in await storage.names("materials") if any(photo in n for photo in photos)] == []
    assert await storage.names("certificates") == []
    order = await Order.get(id=wei.order)
    assert (order.amount_fen, order.state, order.open_id, order.prepay) == (7101, "paid", "", None)
    bill = await Bill.get(id=wei.bill)
    assert (bill.payer_phone_index, bill.payer_id_number_index, bill.paid_fen) == (None, None, 7101)
    case = await Application.get(id=wei.case)
    assert (case.state, case.case_number, case.form_sealed, case.answers) == ("approved", wei.told["case"], None, {})
    assert await Consent.filter(citizen=wei.citizen.id).count() == 1, "that there was consent stays provable"
    held, broken = await anchors.proven()
    assert broken is None
    assert held > 10
    print(f"{len(personal)} canaries before, 0 after; {held} audit rows hold")


KEPT_NUMBERS = {
    "case",
    "certificate",
    "bill",
    "paid bill",
    "order",
    "payment",
    "receipt",
    "refund",
    "who looked, why",
    "deed",
}


async def test_nobody_is_left_to_sign_in_and_the_phone_may_begin_anew(
    doors: Doors, wei: Somebody, drain: Drain
) -> None:
    phone = await doors.citizen(wei.citizen)
    await closed(doors, wei, drain)
    assert (await phone.get("/api/v1/me")).status_code == 401
    left = await Citizen.get(id=wei.citizen.id)
    assert left.disabled_at is not None
    assert not await db.fetch_value("SELECT count(*) FROM auth_platform_identity WHERE citizen_id = $1", wei.citizen.id)
    assert await Citizen.get_or_none(phone_index=wei.citizen.phone_index) is None
    assert await Session.filter(person=wei.citizen.id).count() == 0


async def test_consequences_are_shown_first_and_open_cases_stand_in_the_way(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    shown = (await phone.get("/api/v1/me/closure")).json()
    matters = {m["code"]: (m["blocks"], m["count"]) for m in shown["matters"]}
    assert matters == {
        "consultations_open": (False, 1), "bills_unpaid": (False, 1), "drafts": (False, 1), "certificates": (False, 1),
        "mandates": (False, 2),
    }  # fmt: skip
    assert {k["at_closure"] for k in shown["kept"]} == {"kept", "pseudonymised"}
    assert all(k["ground"] and k["kept_for"]["zh"] for k in shown["kept"])
    await filed(phone)
    refused = await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "closure_blocked")
    assert [m["code"] for m in refused.json()["matters"]] == ["cases_open"]
    assert await Closure.all().count() == 0
    assert (await phone.post("/api/v1/me/closure", json={}, headers=key())).status_code == 422


async def test_it_needs_a_fresh_sign_in(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    await Session.filter(person=wei.citizen.id).update(created_at=clock.now() - timedelta(minutes=10))
    refused = await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    assert await Closure.all().count() == 0


async def test_it_can_be_taken_back_until_its_day(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    asked = (await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())).json()
    assert asked["state"] == "cooling"
    again = (await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())).json()
    assert again["closes_at"] == asked["closes_at"]
    assert (await phone.delete("/api/v1/me/closure")).json()["state"] == "none"
    missing = await phone.delete("/api/v1/me/closure")
    assert (missing.status_code, missing.json()["code"]) == (409, "closure_not_asked")
    with clock.moved(timedelta(days=8)):
        assert await closures.close_due() == 0
    assert (await Citizen.get(id=wei.citizen.id)).disabled_at is None


async def test_signing_in_within_the_days_keeps_the_account(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())
    with clock.moved(timedelta(days=3)):
        back = await doors.citizen(wei.citizen)
        assert (await back.get("/api/v1/me/closure")).json()["state"] == "none"
    row = await Closure.get(citizen=wei.citizen.id)
    assert (row.state, row.why) == ("cancelled", "signed_in")


async def test_what_is_begun_within_the_days_keeps_the_account(doors: Doors, wei: Somebody) -> None:
    phone = await doors.citizen(wei.citizen)
    await phone.post("/api/v1/me/closure", json={"understood": True}, headers=key())
    await filed(phone, ITEM)
    with clock.moved(timedelta(days=8)):
        assert await closures.close_due() == 0
    assert (await Closure.get(citizen=wei.citizen.id)).why == "unfinished"
    assert (await Citizen.get(id=wei.citizen.id)).disabled_at is None


async def test_withdrawing_the_consent_for_faces_takes_their_results(doors: Doors, wei: Somebody) -> None:
    from auth.attestation.models import FaceCheck

    phone = await doors.citizen(wei.citizen)
    await phone.put("/api/v1/me/consents/face", json={"given": True, "version": "2026-11-01"})
    assert await FaceCheck.filter(citizen=wei.citizen.id).count() == 1
    told = (await phone.put("/api/v1/me/consents/face", json={"given": False})).json()
    assert told["standing"] == "withdrawn"
    assert await FaceCheck.filter(citizen=wei.citizen.id).count() == 0
    assert await db.fetch_value("SELECT count(*) FROM privacy_deletion WHERE kind = 'consent:face'") == 1


async def test_a_restored_database_learns_of_the_deletions_it_missed(doors: Doors, wei: Somebody, drain: Drain) -> None:
    """The rows come back as a backup had them; the list in the store takes them away again."""
    tables = ("auth_citizen", "auth_platform_identity", "attestation_face_check", "chat_message", "sms_code")
    backup = {table: await db.fetch(f'SELECT * FROM "{table}"') for table in tables}
    await Bill.filter(payment_code="unpaid7001").update(state="withdrawn")
    await closed(doors, wei, drain)
    assert await deletions.unknown() == []
    await _restored(backup)
    await Deletion.all().delete()
    assert len(await deletions.unknown()) == 1
    assert met(await everything_opened(), [wei.told["phone"], wei.told["message"], wei.told["platform"]])
    assert await deletions.replay() == 1
    left = met(
        await everything_opened(), [wei.told["name"], wei.told["phone"], wei.told["message"], wei.told["platform"]]
    )
    assert left == set()
    assert await deletions.replay() == 0
    assert await deletions.unknown() == []


async def _restored(backup: dict[str, Any]) -> None:
    await db.execute("DELETE FROM auth_platform_identity")
    for table, rows in backup.items():
        primary = await db.fetch_value(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
            "WHERE i.indisprimary AND i.indrelid = $1::text::regclass",
            table,
        )
        for row in rows:
            names = list(row.keys())
            places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
            change = ", ".join(f'"{n}" = EXCLUDED."{n}"' for n in names if n != primary)
            await db.execute(
                f'INSERT INTO "{table}" ({", ".join(chr(34) + n + chr(34) for n in names)}) VALUES ({places}) '
                f'ON CONFLICT ("{primary}") DO UPDATE SET {change}',
                *row.values(),
            )


async def test_every_room_lets_its_sealed_values_be_renewed(doors: Doors, wei: Somebody) -> None:
    """No guard of a table stands in the way of another key, over rows of every room."""
    import base64
    import secrets

    from pydantic import SecretStr

    from kit import config
    from mobileapi.settings import OfficeSettings

    settings = config.current(OfficeSettings)
    fresh = f"k2:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    ring = f"{fresh},{settings.field_keys.get_secret_value()}"
    config.install(settings.model_copy(update={"field_keys": SecretStr(ring), "field_cipher": "sm4-gcm"}))
    result = await sealed.reseal()
    use = await sealed.status()
    print(f"{result.done} values of {len({u.place for u in use})} places renewed")
    assert result.unreadable == []
    assert {(u.cipher, u.key_id) for u in use} == {("sm4-gcm", "k2")}
    assert len({u.place for u in use}) >= 12
    config.install(settings.model_copy(update={"field_keys": SecretStr(fresh)}))
    assert met(await everything_opened(), [wei.told["name"], wei.told["draft's form"]])
    phone = await doors.citizen(wei.citizen)
    pdf = (await phone.get("/api/v1/certificates")).json()["items"][0]["pdf_url"]
    assert (await phone.get(pdf)).content.startswith(b"%PDF")


async def test_every_table_that_leads_to_a_person_is_told_and_forgotten_by_somebody(doors: Doors) -> None:
    """Asked of the schema: columns that hold a person's id, and tables that hang on such rows."""
    leading = await leading_to_people()
    known = {entry.table for entry in contributors.kept()} | set(contributors.EXEMPT)
    print(f"{len(leading)} tables lead to people; {len(known)} are known")
    assert len(leading) > 25
    assert leading - known == set(), "hand in a contributor, or say in mobileapi/personal.py why none is needed"
    tables = {row["tablename"] for row in await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert known - tables == set(), "kept, but no table"
    assert Tortoise.apps is not None


PERSONAL_COLUMNS = {
    "citizen", "citizen_id", "person", "owner", "caller", "principal", "principal_id", "agent_id", "account", "account_id",
    "phone_index", "payer_phone_index", "bearer", "payer",
}  # fmt: skip


async def leading_to_people() -> set[str]:
    columns = await db.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name IN "
        "(SELECT tablename FROM pg_tables WHERE schemaname = 'public')"
    )
    found = {row["table_name"] for row in columns if row["column_name"] in PERSONAL_COLUMNS}
    links = await db.fetch(
        "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent FROM pg_constraint WHERE contype = 'f'"
    )
    found |= {link["child"] for link in links if link["parent"] == "auth_citizen"}
    grown = True
    while grown:
        more = {link["child"] for link in links if link["parent"] in found} - found
        grown = bool(more)
        found |= more
    return found
