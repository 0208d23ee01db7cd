"""Looking through the audit log: who sees what of it, with which names, and that looking leaves a row."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth import sessions
from auth.auditing import acts, routes
from auth.models import Department, StaffMember
from auth.tokens import access_token, authenticator
from kit import audit, clock, db
from kit.web import install_authenticator
from tests.materials.app import application, client
from tests.materials.people import verified_citizen

pytestmark = pytest.mark.anyio
CASE = "application:5b1f0f5e-0000-4000-8000-000000000001"


@dataclass
class Log:
    auditor: httpx2.AsyncClient
    admin: httpx2.AsyncClient
    supervisor: httpx2.AsyncClient
    clerk: UUID
    agent: UUID
    principal: UUID

    async def listed(self, who: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
        answer = await who.get("/api/v1/audit", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


async def member(name: str, *roles: str) -> UUID:
    made = await StaffMember.create(
        id=uuid4(), username=f"ga.{name}", name=name, department_id="GA", roles=list(roles), created_at=clock.now()
    )
    return made.id


async def opened(app: Any, staff: UUID, *roles: str) -> httpx2.AsyncClient:
    held = await sessions.open_session(kind="staff", person=staff, device="desk")
    token = access_token(person=staff, kind="staff", roles=frozenset(roles), session=held.session.id)
    return client(app, token.text)


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    await Department.create(code="GA", name={"zh": "公安"}, region_code="440105000000", credit_code="")
    clerk = await member("陈立群", "clerk")
    agent, principal = await verified_citizen(), await verified_citizen("欧阳晴", id_number="440105198806129627", phone="13800138001")  # fmt: skip
    await audit.record(actor=f"staff:{clerk}", action="case.read", subject=CASE, purpose="case HZ1")
    await audit.record(
        actor=f"citizen:{agent.id}", action="case.submitted", subject=CASE, on_behalf_of=f"citizen:{principal.id}"
    )
    await audit.record(actor="system", action="role.granted", subject=f"staff:{clerk}", role="supervisor")
    app = application(routes.ROUTES)
    install_authenticator(authenticator)
    people = {role: await opened(app, await member(role, role), role) for role in ("auditor", "admin", "supervisor")}
    try:
        yield Log(**people, clerk=clerk, agent=agent.id, principal=principal.id)
    finally:
        for http in people.values():
            await http.aclose()


async def test_an_auditor_reads_everything_with_the_names_of_both(log: Log) -> None:
    items = await log.listed(log.auditor)
    assert [i["action"] for i in items] == ["role.granted", "case.submitted", "case.read"]
    granted, submitted, read = items
    assert granted["subject"] == {"kind": "staff", "id": str(log.clerk), "name": "陈立群"}
    assert granted["actor"] == {"kind": "", "id": "system", "name": None}
    assert read["actor"]["name"] == "陈立群"
    assert read["on_behalf_of"] is None
    assert submitted["on_behalf_of"] == {"kind": "citizen", "id": str(log.principal), "name": "欧*晴"}
    assert "*" in submitted["actor"]["name"], "a citizen is masked, whoever looks"


async def test_looking_is_in_the_log_before_anything_is_shown(log: Log) -> None:
    await log.listed(log.auditor, action="case.", subject=CASE)
    row = (await db.fetch("SELECT * FROM kit_audit ORDER BY seq DESC LIMIT 1"))[0]
    assert (row["action"], row["subject"]) == ("audit.read", "audit")
    assert json.loads(row["detail"]) == {"purpose": "audit", "listed": 2, "asked": {"action": "case.", "subject": CASE}}
    assert (await log.auditor.get("/api/v1/audit/1")).status_code == 200
    row = (await db.fetch("SELECT * FROM kit_audit ORDER BY seq DESC LIMIT 1"))[0]
    assert (row["action"], row["subject"]) == ("audit.read", "audit:1")


async def test_an_administrator_reads_of_rights_only_and_the_rest_is_not_there(log: Log) -> None:
    assert [i["action"] for i in await log.listed(log.admin)] == ["role.granted"]
    assert [i["action"] for i in await log.listed(log.admin, action="case")] == []
    hidden, absent = [(await log.admin.get(f"/api/v1/audit/{seq}")) for seq in (1, 999_999)]
    assert hidden.status_code == absent.status_code == 404
    assert {k: v for k, v in hidden.json().items() if k != "request_id"} == {
        k: v for k, v in absent.json().items() if k != "request_id"
    }
    assert (await log.admin.get("/api/v1/audit/3")).json()["action"] == "role.granted"
    assert (await log.admin.get("/api/v1/audit.csv")).status_code == 403
    assert (await log.supervisor.get("/api/v1/audit")).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "ga.陈立群"}, None),
        ({"action": "case."}, [2, 1]),
        ({"action": "case.read"}, [1]),
        ({"action": "%"}, None),
        ({"subject": CASE}, [2, 1]),
        ({"actor": "system"}, [3]),
        ({"from": "2000-01-01T00:00:00+08:00"}, [3, 2, 1]),
        ({"until": "2000-01-01T00:00:00+08:00"}, []),
        ({"from": "yesterday"}, None),
        ({"limit": "1000000"}, None),
        ({"limit": "0"}, None),
        ({"cursor": "1 OR 1=1"}, None),
        ({"sort": "digest"}, None),
        ({"detail": "x"}, None),
    ],
)
async def test_what_is_asked_narrows_and_nothing_else_is_understood(
    log: Log, query: dict[str, str], found: list[int] | None
) -> None:
    answer = await log.auditor.get("/api/v1/audit", params=query)
    if found is None:
        assert answer.status_code == 422
        assert await db.fetch_value("SELECT count(*) FROM kit_audit") == 3, "nothing was looked at"
    else:
        assert [i["seq"] for i in answer.json()["items"]] == found


async def test_a_user_name_stands_for_its_member(log: Log) -> None:
    await StaffMember.filter(id=log.clerk).update(username="ga.chen")
    assert [i["seq"] for i in await log.listed(log.auditor, actor="ga.chen")] == [1]
    assert [i["seq"] for i in await log.listed(log.auditor, actor=f"staff:{log.clerk}")] == [1]


async def test_pages_follow_one_another_without_gap_or_repeat(log: Log) -> None:
    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": "1", "until": clock.now().isoformat()} | ({"cursor": cursor} if cursor else {})
        answer = (await log.auditor.get("/api/v1/audit", params=query)).json()
        seen += [i["seq"] for i in answer["items"]]
        cursor = answer["next_cursor"]
    assert seen[-2:] == [2, 1] or seen == [3, 2, 1]
    assert len(set(seen)) == 3


async def test_the_chain_is_proved_by_a_button_and_the_result_is_shown(log: Log) -> None:
    assert (await log.auditor.get("/api/v1/audit")).json()["proof"] is None
    told = (await log.auditor.post("/api/v1/audit/proof", json={})).json()
    assert (told["verified_to"], told["broken_at"]) == (4, None), "three acts and the look"
    assert (await log.auditor.get("/api/v1/audit")).json()["proof"]["verified_to"] == 4
    assert (await log.admin.post("/api/v1/audit/proof", json={})).status_code == 403


async def test_a_changed_row_is_named_by_the_proof(log: Log) -> None:
    await db.execute("ALTER TABLE kit_audit DISABLE TRIGGER kit_audit_append_only")
    await db.execute("UPDATE kit_audit SET subject = 'application:another' WHERE seq = 2")
    await db.execute("ALTER TABLE kit_audit ENABLE TRIGGER kit_audit_append_only")
    told = (await log.auditor.post("/api/v1/audit/proof", json={})).json()
    assert (told["verified_to"], told["broken_at"], told["why"]) == (1, 2, "a row was changed")


async def test_a_file_holds_no_formula_and_needs_fresh_proof(log: Log) -> None:
    for nasty in ('=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1"):
        await audit.record(actor="system", action="role.changed", subject=nasty)
    answer = await log.auditor.get("/api/v1/audit.csv", params={"action": "role.changed"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 5
    for row in rows:
        assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    last = (await db.fetch("SELECT action FROM kit_audit ORDER BY seq DESC LIMIT 1"))[0]
    assert last["action"] == "audit.exported"
    await db.execute("UPDATE auth_session SET created_at = created_at - interval '6 minutes', proved_at = NULL")
    late = await log.auditor.get("/api/v1/audit.csv")
    assert (late.status_code, late.json()["code"]) == (403, "fresh_sign_in_required")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_what_a_spreadsheet_would_reckon_is_told_as_text(cell: str) -> None:
    assert acts.as_text(cell) == f"'{cell}"
    assert acts.as_text("x" + cell) == "x" + cell
