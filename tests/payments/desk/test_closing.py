"""A day is closed once, signed, refused by the database to everybody, and opened again by two people."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
import jwt
import pytest

from kit import clock, db
from payments import ledger
from payments.closing import closes, is_closed, keys, statements
from payments.closing.figures import digest_of, span_of
from payments.closing.models import DayClose, Statement
from payments.reconciliation import reconcile
from payments.reconciliation.compare import span
from payments.states import RunState
from tests.payments.desk.conftest import Finance
from tests.payments.wire.channel import FakeWechatPay, Postman
from tests.payments.wire.conftest import Counter
from tests.payments.wire.test_statements import bill, paid, row

pytestmark = pytest.mark.anyio
BACK = timedelta(days=1)


async def book(reference: str, fen: int, *, body: str = "JJ", item: str = "103050101") -> date:
    """Income of a body; the office day it was booked on."""
    async with db.transaction():
        await ledger.post("payment", f"counter:{reference}", postings=[
            (ledger.channel_account("counter"), fen), (ledger.income_account(body, item), -fen),
        ])  # fmt: skip
    at = await db.fetch_value("SELECT at FROM payments_ledger_entry WHERE reference = $1", f"counter:{reference}")
    day: date = clock.city_time(at).date()
    return day


async def changes() -> dict[str, int]:
    """What a refusal must not change."""
    tables = ("closing_day", "closing_statement", "payments_ledger_entry", "payments_reconciliation_run", "kit_audit")
    return {table: await db.fetch_value(f"SELECT count(*) FROM {table}") for table in tables}


async def test_a_day_that_is_not_over_is_not_closed(finance: Finance) -> None:
    day, before = await book("a", 100), await changes()
    assert await finance.one.refused(f"/days/{day}/close") == "day_not_over"
    assert await changes() == before


async def test_a_closed_day_gives_a_signed_statement_for_each_body(finance: Finance) -> None:
    day = await book("a", 20000)
    await book("b", 301, item="103050199")
    await book("c", 7, body="GA", item="103040501")
    with clock.moved(BACK):
        told = await finance.one.ask("POST", f"/days/{day}/close", json={})
    assert (told["state"], told["number"], told["statements"]) == ("closed", 1, 2)
    assert [(p["department"], p["received_fen"], p["closing_fen"], p["entries"]) for p in told["papers"]] == [
        ("GA", 7, 7, 1), ("JJ", 20301, 20301, 2),
    ]  # fmt: skip
    account = {a["account"]: a for a in told["accounts"]}["income:JJ:103050101"]
    assert (account["opening_fen"], account["debit_fen"], account["credit_fen"], account["closing_fen"]) == (
        0, 0, 20000, -20000,
    )  # fmt: skip
    assert sum(a["closing_fen"] for a in told["accounts"]) == 0


async def test_anybody_proves_a_statement_with_a_library_of_their_own(finance: Finance) -> None:
    day = await book("a", 20000)
    with clock.moved(BACK):
        (paper,) = (await finance.one.ask("POST", f"/days/{day}/close", json={}))["papers"]
        text = (await finance.auditor.ask("GET", f"/statements/{paper['id']}.jws")).decode()
        published = (await finance.one.web.get("/.well-known/statement-keys.json")).json()["keys"]
        sheet = await finance.auditor.ask("GET", f"/statements/{paper['id']}/entries.csv")
    key = {k["kid"]: k for k in published}[jwt.get_unverified_header(text)["kid"]]
    content = json.loads(jwt.PyJWS().decode(text, jwt.PyJWK(key).key, algorithms=["EdDSA"]))
    assert (content["day"], content["time_zone"], content["body"]["code"]) == (day.isoformat(), "Asia/Shanghai", "JJ")
    assert content["totals"]["received_fen"] == 20000
    assert content["entries_sha256"] == digest_of(sheet)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(text[:-8] + "AAAAAAAA", jwt.PyJWK(key).key, algorithms=["EdDSA"])


async def test_the_same_entries_give_the_same_bytes(finance: Finance) -> None:
    day = await book("=cmd|' /C calc'!A0", 20000)
    with clock.moved(BACK):
        (paper,) = (await finance.one.ask("POST", f"/days/{day}/close", json={}))["papers"]
        for form in ("csv", "xlsx"):
            first = await finance.one.ask("GET", f"/statements/{paper['id']}/entries.{form}")
            with clock.moved(timedelta(hours=3)):
                assert await finance.other.ask("GET", f"/statements/{paper['id']}/entries.{form}") == first
        found = await Statement.get(id=paper["id"]).select_related("close")
        assert await statements.pdf(found) == await statements.pdf(found)


async def test_a_statement_tells_returns_from_what_went_on_to_the_treasury(finance: Finance) -> None:
    income = ledger.income_account("JJ", "103050101")
    day = await book("a", 1000)
    async with db.transaction():
        await ledger.post("refund_decided", "r", postings=[(income, 300), (ledger.REFUNDING, -300)])
        await ledger.post("handing_over", "h", postings=[(income, 600), ("treasury:city:x:y:103050101", -600)])
    with clock.moved(BACK):
        (paper,) = (await finance.one.ask("POST", f"/days/{day}/close", json={}))["papers"]
    told = (paper["received_fen"], paper["returned_fen"], paper["handed_fen"], paper["closing_fen"], paper["entries"])
    assert told == (1000, 300, 600, 100, 3)
    content = json.loads((await Statement.get(id=paper["id"])).content)
    assert content["sources"] == [{"account": "channel:counter", "received_fen": 1000, "entries": 1}]


async def test_a_day_is_closed_once_however_many_press(finance: Finance) -> None:
    day = await book("a", 100)
    with clock.moved(BACK):
        results = await asyncio.gather(
            *(closes.close(day, by=f"staff:{finance.one.who.id}") for _ in range(6)), return_exceptions=True
        )
    assert sorted(type(r).__name__ for r in results) == ["DayClosed"] * 5 + ["UUID"]
    assert await db.fetch_value("SELECT count(*) FROM closing_statement") == 1


BEND: dict[str, Callable[[date], Awaitable[Any]]] = {
    "an entry is put into it": lambda day: db.execute(
        "INSERT INTO payments_ledger_entry (id, at, kind, reference) VALUES (gen_random_uuid(), $1, 'x', 'x')",
        span_of(day).since,
    ),
    "its run is changed": lambda day: db.execute(
        "UPDATE payments_reconciliation_run SET state = 'balanced' WHERE day = $1", day
    ),
    "its run is removed": lambda day: db.execute("DELETE FROM payments_reconciliation_run WHERE day = $1", day),
    "another run is written": lambda day: db.execute(
        "INSERT INTO payments_reconciliation_run (id, channel, day, state, attempt, started_at, matched, totals) "
        "VALUES (gen_random_uuid(), 'alipay', $1, 'balanced', 1, now(), 0, '{}')", day,
    ),
    "a difference is changed": lambda _: db.execute("UPDATE payments_difference SET theirs_fen = ours_fen"),
    "a difference is healed": lambda _: db.execute("UPDATE payments_difference SET state = 'healed'"),
    "a difference is removed": lambda _: db.execute("DELETE FROM payments_difference"),
    "a difference is added": lambda _: db.execute(
        "INSERT INTO payments_difference (id, run_id, kind, reference, number, transaction_id, ours, theirs, state, "
        "found_at) SELECT gen_random_uuid(), run_id, 'fee', 'x', '', '', '', '', 'open', now() FROM payments_difference"
    ),
    "its bill is changed": lambda day: db.execute("UPDATE payments_statement_file SET rows = 0 WHERE day = $1", day),
    "the close is changed": lambda day: db.execute("UPDATE closing_day SET summary = '{}' WHERE day = $1", day),
    "the close is removed": lambda day: db.execute("DELETE FROM closing_day WHERE day = $1", day),
    "one person opens it": lambda day: db.execute(
        "UPDATE closing_day SET reopen_asked_by = 'staff:a', reopen_asked_at = now(), reopen_reason = 'because', "
        "reopened_by = 'staff:a', reopened_at = now() WHERE day = $1", day,
    ),
}  # fmt: skip


@pytest.fixture
async def closed(finance: Finance, counter: Counter, post: Postman, fake: FakeWechatPay) -> date:
    """A day with a difference that is carried over, closed the day after."""
    (order,) = await paid(counter, post, 100)
    day: date = (
        (await db.fetch_value("SELECT paid_at FROM payments_payment")).astimezone(span(date.today())[0].tzinfo).date()
    )
    await db.execute("UPDATE payments_payment SET paid_at = $1", span_of(day).since + timedelta(hours=8))
    fake.statement = bill(row(order, fen=101, at=f"{day} 08:00:05"))
    with clock.moved(timedelta(days=2)):
        assert (await reconcile("wechat", day)).state is RunState.DIFFERENCES
        (found,) = (await finance.one.ask("GET", f"/differences?day={day}"))["items"]
        assert await finance.one.refused(f"/days/{day}/close") == "day_not_ready"
        await db.execute("UPDATE payments_difference SET expected_by = $1", clock.today() + timedelta(days=3))
        told = await finance.one.ask("POST", f"/days/{day}/close", json={})
    assert (told["state"], found["class"], told["runs"][0]["carried_over"]) == ("closed", "amount", 1)
    return day


@pytest.mark.parametrize("how", BEND)
async def test_the_database_refuses_to_change_a_closed_day(closed: date, how: str) -> None:
    before = await db.fetch("SELECT * FROM payments_difference")
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)):
        await BEND[how](closed)
    assert await db.fetch("SELECT * FROM payments_difference") == before
    assert await is_closed(closed)


@pytest.mark.parametrize("sql", [
    "UPDATE closing_statement SET content = '{}'", "DELETE FROM closing_statement", "TRUNCATE closing_statement",
    "TRUNCATE closing_day CASCADE",
])  # fmt: skip
async def test_the_database_refuses_to_change_what_was_signed(finance: Finance, sql: str) -> None:
    day = await book("a", 100)
    with clock.moved(BACK):
        await finance.one.ask("POST", f"/days/{day}/close", json={})
    kept = await db.fetch("SELECT * FROM closing_statement")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute(sql)
    assert await db.fetch("SELECT * FROM closing_statement") == kept


async def test_a_rerun_leaves_a_closed_day_alone(closed: date, finance: Finance, fake: FakeWechatPay) -> None:
    run = await db.fetch("SELECT * FROM payments_reconciliation_run")
    with clock.moved(timedelta(days=2)):
        asked = {"channel": "wechat", "day": closed.isoformat()}
        assert (await finance.one.ask("POST", "/reconciliations", status=409, json=asked))["code"] == "day_closed"
        outcome = await reconcile("wechat", closed)
    assert (outcome.exit_code, outcome.failure) == (1, "day_closed")
    assert await db.fetch("SELECT * FROM payments_reconciliation_run") == run


async def test_what_is_corrected_after_the_close_is_booked_today(closed: date, finance: Finance) -> None:
    (matter,) = (await finance.one.ask("GET", "/differences"))["items"]
    with clock.moved(timedelta(days=3)):
        done = await finance.agreed(matter["id"], "suspense")
        today = clock.today()
    assert (done["state"], done["day_closed"]) == ("resolved", True)
    at = await db.fetch_value("SELECT at FROM payments_ledger_entry WHERE kind = 'correction'")
    assert clock.city_time(at).date() == today > closed
    kept = await DayClose.get(day=closed)
    assert "suspense:unmatched" not in {a["account"] for a in kept.summary["accounts"]}


async def test_two_people_open_a_day_again_and_its_statement_is_replaced(finance: Finance) -> None:
    day = await book("a", 100)
    path = f"/days/{day}"
    with clock.moved(BACK):
        assert await finance.one.refused(f"{path}/reopening", reason="漏记一笔凭证") == "day_not_closed"
        (first,) = (await finance.one.ask("POST", f"{path}/close", json={}))["papers"]
        assert await finance.other.refused(f"{path}/reopening-approval", approve=True) == "reopen_not_asked"
        await finance.one.ask("POST", f"{path}/reopening", json={"reason": "漏记一笔凭证"})
        assert await finance.one.refused(f"{path}/reopening-approval", approve=True) == "by_the_same_person"
        assert await is_closed(day)
        opened = await finance.other.ask("POST", f"{path}/reopening-approval", json={"approve": True})
        assert (opened["state"], await is_closed(day)) == ("ready", False)
        again = await finance.one.ask("POST", f"{path}/close", json={})
        assert (again["number"], again["closes"]) == (2, 2)
        assert [(p["close"], p["replaced"]) for p in again["papers"]] == [(2, False), (1, True)]
        code = first["verify_url"].rsplit("/", 1)[1]
        assert (await statements.proven(code)).status == "replaced"  # type: ignore[union-attr]
        assert (await finance.auditor.ask("GET", f"/statements/{first['id']}.pdf")).startswith(b"%PDF")


async def test_who_asked_may_take_it_back_and_the_day_stays_closed(finance: Finance) -> None:
    day = await book("a", 100)
    with clock.moved(BACK):
        await finance.one.ask("POST", f"/days/{day}/close", json={})
        await finance.one.ask("POST", f"/days/{day}/reopening", json={"reason": "以为漏记凭证"})
        told = await finance.one.ask("POST", f"/days/{day}/reopening-approval", json={"approve": False})
    assert (told["state"], told["history"][0]["reopen_asked_by"]) == ("closed", None)


async def test_an_altered_statement_is_called_altered(finance: Finance) -> None:
    day = await book("a", 100)
    with clock.moved(BACK):
        await finance.one.ask("POST", f"/days/{day}/close", json={})
    found = await Statement.get(day=day)
    assert (await statements.proven(found.verify_code)).status == "valid"  # type: ignore[union-attr]
    await db.execute("ALTER TABLE closing_statement DISABLE TRIGGER closing_statement_stays")
    content = found.content.replace('"received_fen":100', '"received_fen":900')
    await db.execute("UPDATE closing_statement SET content = $1, digest = $2", content, digest_of(content))
    assert (await statements.proven(found.verify_code)).status == "altered"  # type: ignore[union-attr]


async def test_a_statement_stays_provable_after_its_key_has_gone(finance: Finance) -> None:
    day = await book("a", 100)
    with clock.moved(BACK):
        await finance.one.ask("POST", f"/days/{day}/close", json={})
    found = await Statement.get(day=day)
    fresh = await keys.rotate(by="system:test")
    assert (await keys.signing_key()).id == fresh.id != found.key
    assert await db.fetch_value("SELECT count(*) FROM closing_key WHERE private_sealed IS NOT NULL") == 1
    assert (await statements.proven(found.verify_code)).status == "valid"  # type: ignore[union-attr]


async def test_nobody_but_finance_closes_a_day(finance: Finance) -> None:
    day, before = await book("a", 100), await changes()
    with clock.moved(BACK):
        for officer in (finance.auditor, finance.clerk):
            assert await officer.refused(f"/days/{day}/close", status=403) == "forbidden"
        assert (await finance.clerk.ask("GET", f"/days/{day}", status=403))["code"] == "forbidden"
    assert await changes() == before


async def test_a_day_that_is_none_is_not_there(finance: Finance) -> None:
    for day in ("2026-13-01", "yesterday", "1999-12-31", (clock.today() + timedelta(days=1)).isoformat()):
        assert (await finance.one.ask("GET", f"/days/{day}", status=404))["code"] == "not_found"


async def test_days_are_listed_the_latest_first_with_what_stands_in_the_way(closed: date, finance: Finance) -> None:
    with clock.moved(timedelta(days=2)):
        listed = (await finance.auditor.ask("GET", "/days?limit=30"))["items"]
    states = {d["day"]: d["state"] for d in listed}
    assert (len(states), list(states) == sorted(states, reverse=True)) == (30, True)
    assert [day for day, state in states.items() if state == "closed"] == [closed.isoformat()]
    assert listed[0]["state"] == "today"
