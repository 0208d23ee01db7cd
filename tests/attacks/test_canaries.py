"""Personal data in the open: looked for in the logs, in every column of every table, and in refusals.

Message bodies, and titles of departments, items and bills, are meant to be readable; people's names, telephone and ID
numbers, addresses in forms, passwords, secrets and tokens are not.
"""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from asyncpg import connect

from kit import db
from mobileapi.demo import district
from tests.attacks.conftest import Office, named_citizen
from tests.flows import FLOWS
from tests.flows.town import Person, Town
from tests.flows.walks import CASE_ITEM, _form_value

pytestmark = pytest.mark.anyio
REGION = "440105000000"
QUESTION = "金丝雀问题：证件丢在了外地"  # a message: it may stand in its own table, and nowhere else
MESSAGE_TABLES = {"chat_message"}


@pytest.fixture(scope="session")
def canaries(office: Office) -> dict[str, str]:
    """What must not be found → what it is."""
    accounts = json.loads((office.data / "demo-accounts.json").read_text())
    found = {c[key]: f"a citizen's {key}" for c in accounts["citizens"] for key in ("name", "phone", "id_number")}
    for member in accounts["staff"]:
        found |= {member["password"]: "a password", member["totp_secret"]: "a TOTP secret"}
    for bill in yaml.safe_load((district.FILES / "bills.yaml").read_text())["bills"]:
        payer = bill.get("payer", {})
        found |= {str(payer[key]): f"a payer's {key}" for key in ("name", "phone", "id_number") if payer.get(key)}
    for kind in ("phone", "id_number", "text"):
        found[_form_value({"type": kind})] = f"a {kind} in a form"
    return found


@pytest.fixture(scope="session")
async def walked(office: Office, canaries: dict[str, str], anyio_backend: str) -> dict[str, str]:
    """The canaries, with the tokens met on the way, after people went through everything the office offers."""
    async with Town.visit(office.url) as town:
        for flow in ("bind", "file", "pay"):
            await FLOWS[flow](town, lambda _: None)
        citizen, clerk = await named_citizen(town, 0), await town.clerk(town.owner_of(CASE_ITEM))
        body = {"item": CASE_ITEM, "region": REGION, "text": QUESTION}
        talk = await citizen.ask("POST", "/consultations", json=body, status=201)
        case = (await citizen.ask("GET", "/applications?state=decided_approved"))["items"][0]
        for what in ("phone", "name", "id_number"):
            told = await clerk.ask(
                "POST", f"/desk/applications/{case['id']}/unmask", json={"field": what, "reason": "核对身份"}
            )
            assert told["value"] in canaries, "the clerk reads the real one"
        await citizen.ask("POST", f"/consultations/{talk['id']}/close", json={})
        ticket = await _rights_used(citizen)
        new = await citizen.ask("POST", "/auth/refresh", json={"refresh_token": citizen.refresh})
        return canaries | {
            citizen.token: "an access token", citizen.refresh: "a refresh token", new["refresh_token"]: "a refresh token",
            clerk.token: "a clerk's token", ticket: "an export's ticket", WISH["wanted"]: "a correction's words",
            WISH["why"]: "a correction's words",
        }  # fmt: skip


WISH = {"field": "other", "wanted": "金丝雀新址乙号", "why": "金丝雀搬到了别处"}


async def _rights_used(citizen: Person) -> str:
    """A correction asked for and taken back, a copy made and fetched; the ticket of its link."""
    asked = await citizen.ask("POST", "/me/corrections", json=WISH, status=201)
    await citizen.ask("DELETE", f"/me/corrections/{asked['id']}")
    export = await citizen.ask("POST", "/me/exports", json={}, status=201)
    for _ in range(120):
        mine = (await citizen.ask("GET", "/me/exports"))["items"]
        if next(e for e in mine if e["id"] == export["id"])["state"] == "ready":
            break
        await asyncio.sleep(0.5)  # the worker is another process
    link = await citizen.ask("POST", f"/me/exports/{export['id']}/link", json={}, status=201)
    answer = await citizen.http.get(link["url"], headers={"authorization": f"Bearer {citizen.token}"})
    assert answer.content.startswith(b"PK")
    return str(link["url"].rsplit("/", 1)[1])


def sightings(text: str, looked_for: Iterable[str]) -> set[str]:
    """Which of them stand in the text: as they are, escaped as JSON escapes, or as bytes in hexadecimal."""
    lowered = text.lower()
    return {
        c for c in looked_for
        if c in text or json.dumps(c)[1:-1].lower() in lowered or c.encode().hex() in lowered
    }  # fmt: skip


async def test_the_logs_know_nobody(office: Office, walked: dict[str, str]) -> None:
    assert (office.data / "server.log").read_text().count('"event": "request"') > 50, "there is something to search"
    for part in ("server", "worker"):
        log = (office.data / f"{part}.log").read_text()
        assert {walked[c] for c in sightings(log, walked)} == set()
        assert QUESTION not in log
        assert json.dumps(QUESTION)[1:-1] not in log


async def test_the_tables_know_nobody_in_the_open(office: Office, walked: dict[str, str]) -> None:
    met: set[tuple[str, str]] = set()
    rows = 0
    for table, text in await everything(office):
        rows += 1
        met |= {(table, walked[c]) for c in sightings(text, walked)}
        if table not in MESSAGE_TABLES and sightings(text, [QUESTION]):
            met.add((table, "the words of a message"))
    print(f"{rows} rows searched for {len(walked)} canaries")
    assert rows > 1000
    assert met == set()


async def everything(office: Office) -> list[tuple[str, str]]:
    """Every row of every table as PostgreSQL writes it, bytes in hexadecimal."""
    connection = await connect(**db.credentials(office.database_url))
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [
            (name, row["text"])
            for (name,) in tables
            for row in await connection.fetch(f'SELECT t::text AS text FROM "{name}" t')
        ]
    finally:
        await connection.close()


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_the_files_of_the_database_know_nobody(office: Office, walked: dict[str, str]) -> None:
    """The raw files, its log and its write-ahead log among them: nothing passed through on its way either."""
    connection = await connect(**db.credentials(office.database_url))
    await connection.execute("CHECKPOINT")
    await connection.close()
    found = set()
    looked_for = {c.encode(): what for c, what in walked.items() if len(c.encode()) >= 9}
    files = files_of(office.data / "postgres")
    for path in files:
        content = path.read_bytes()
        found |= {(path.name, what) for canary, what in looked_for.items() if canary in content}
    assert len(files) > 100
    assert found == set()


async def test_the_stored_files_know_nobody_in_the_open(office: Office, walked: dict[str, str]) -> None:
    """Certificates and copies of one's data lie sealed; photographs are pictures."""
    looked_for = {c.encode(): what for c, what in walked.items() if len(c.encode()) >= 9}
    files = files_of(office.data / "files")
    found = {(p.parent.name, what) for p in files for canary, what in looked_for.items() if canary in p.read_bytes()}
    assert {p.relative_to(office.data / "files").parts[0] for p in files} >= {"exports", "certificates", "materials"}
    assert found == set()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_refusals_do_not_repeat_what_was_sent(
    town: Town, office: Office, canaries: dict[str, str], language: str
) -> None:
    citizen = await named_citizen(town, 3)
    name, phone, number = "司徒金丝雀", "13900001234", "110105194912310021"
    sent = [name, phone, number, "金丝雀密码甲乙丙"]
    tries: list[tuple[str, str, Any]] = [
        ("POST", "/me/real-name", {"name": name, "id_number": number}),
        ("POST", "/me/real-name", {"name": name + "1", "id_number": number + "9", "phone": phone}),
        ("POST", "/auth/staff/sign-in", {"username": name, "password": sent[3]}),
        ("POST", "/auth/one-tap", {"platform": "wechat", "login_code": name, "phone_code": phone}),
        ("POST", "/auth/refresh", {"refresh_token": phone + number}),
        ("POST", "/applications", {"item": name, "region": number, "answers": {phone: name}}),
        ("POST", "/consultations", {"item": name, "region": phone}),
        ("PATCH", "/me", {"locale": name, phone: number}),
        ("GET", f"/bills/lookup?payment_code={phone}", None),
        ("GET", f"/catalogue/items/{number}", None),
        ("GET", f"/bills/{phone}", None),
    ]
    for method, path, body in tries:
        headers = {"authorization": f"Bearer {citizen.token}", "accept-language": language}
        answer = await town.http.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert 400 <= answer.status_code < 500, (path, answer.text)
        assert sightings(answer.text, sent) == set(), (path, answer.text)
    assert sightings((office.data / "server.log").read_text(), sent) == set()
