"""Firms: claimed by their representative, operated by operators, taken over with notice."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from auth.acting.models import LegalPerson, Mandate
from auth.citizens import open_id_number, open_name
from auth.documents import is_credit_code
from auth.models import Citizen, PlatformIdentity
from kit import clock, db
from mobileapi.notify.models import Notice
from payments.bills import NewBill, NewLine, issue
from payments.models import Bill, Order
from tests.acting.conftest import Town, citizen_of, today_plus
from tests.acting.wishes import acted
from tests.applications.office import DISTRICT, ITEM, guide, key
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
NAME, CODE, MISFIT = "海珠青禾科技有限公司", "91350100M000100Y43", "91350211M0000XUF46"


def registered(registry: SandboxServer, person: Citizen, *, code: str = CODE, **more: Any) -> None:
    registry.control(
        "/companies",
        {"credit_code": code, "name": NAME, "representative": open_name(person), "id_number": open_id_number(person)}
        | more,
    )


async def claimed(town: Town, person: Citizen, *, code: str = CODE, **more: Any) -> Any:
    http = await town.citizen(person)
    return await http.post("/api/v1/me/firms", json={"name": NAME, "credit_code": code, "region": DISTRICT} | more)


async def operator(town: Town, firm: str, *, who: Citizen, phone: str, **changes: Any) -> dict[str, Any]:
    boss = await town.citizen(town.people.mother)
    wish = {"on_behalf_of": firm, "phone": phone, "doings": ["read", "file", "pay"], "valid_to": today_plus(700)}
    asked = await boss.post("/api/v1/me/operators", json=wish | changes)
    assert asked.status_code == 201, asked.text
    answer = await acted(await town.citizen(who), asked.json(), "accept")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def firm_of(town: Town, registry: SandboxServer) -> str:
    registered(registry, town.people.mother)
    answer = await claimed(town, town.people.mother)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["principal"]["id"])


async def test_representative_by_the_registry_has_the_firm_at_once(town: Town, registry: SandboxServer) -> None:
    firm = await firm_of(town, registry)
    row = await LegalPerson.get(account_id=firm)
    assert (row.credit_code, row.name) == (CODE, NAME)
    assert not await PlatformIdentity.filter(citizen_id=firm).exists()
    again = await claimed(town, town.people.mother)
    assert (again.status_code, again.json()["state"]) == (201, "active")
    assert await Mandate.all().count() == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": "revoked"}, "closed"),
        ({"name": "别的公司"}, "name_differs"),
        ({"representative": "别人"}, "representative_differs"),
        (None, "unknown"),
    ],
)
async def test_whoever_the_registry_does_not_name_gets_nothing(
    town: Town, registry: SandboxServer, changes: dict[str, str] | None, why: str
) -> None:
    code = "911101066976941872" if changes is None else CODE
    if changes is not None:
        registered(registry, town.people.mother, **changes)
    answer = await claimed(town, town.people.mother, code=code)
    assert (answer.status_code, answer.json()["code"], answer.json()["why"]) == (422, "registry_disagrees", why)
    assert await Mandate.all().count() == await LegalPerson.all().count() == 0


@pytest.mark.parametrize("code", ["91350100M000100Y4I", "9135010XM000100Y43", "9135010 M000100Y43"])
async def test_code_that_cannot_exist_is_not_asked_about(town: Town, registry: SandboxServer, code: str) -> None:
    answer = await claimed(town, town.people.mother, code=code)
    assert (answer.status_code, answer.json()["code"]) == (422, "credit_code_invalid")


async def test_issued_code_whose_check_symbol_fails_is_confirmed_by_a_clerk(
    town: Town, registry: SandboxServer
) -> None:
    from tests.applications.office import upload

    assert not is_credit_code(MISFIT)
    registered(registry, town.people.mother, code=MISFIT)
    bare = await claimed(town, town.people.mother, code=MISFIT)
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "evidence")
    photo = await upload(await town.citizen(town.people.mother))
    asked = (await claimed(town, town.people.mother, code=MISFIT, evidence=[photo], consent=True)).json()
    assert (asked["state"], asked["warnings"]) == ("waiting", ["check_symbol"])
    desk = await town.staff(town.examiner)
    url = f"/api/v1/desk/mandates/{asked['id']}"
    seen = (await desk.get(url)).json()
    assert seen["checks"][0]["known"] == "differs"
    assert [e["id"] for e in seen["evidence"]] == [photo]
    order = {"version": seen["version"], "reason": "与执照一致"}
    unconfirmed = await desk.post(f"{url}/approve", json=order)
    assert (unconfirmed.status_code, await LegalPerson.all().count()) == (422, 0)
    done = await desk.post(f"{url}/approve", json=order | {"code_confirmed": True})
    assert done.json()["state"] == "active"
    assert (await LegalPerson.get(credit_code=MISFIT)).code_confirmed_by == f"staff:{town.examiner}"


async def test_new_representative_waits_and_the_former_one_is_told(
    town: Town, registry: SandboxServer, drain: Any
) -> None:
    firm = await firm_of(town, registry)
    registered(registry, town.people.child)
    asked = (await claimed(town, town.people.child)).json()
    assert asked["state"] == "waiting"
    await drain()
    told = await Notice.filter(citizen=town.people.mother.id, kind="mandate.takeover").count()
    assert told == 1
    early = (await claimed(town, town.people.child)).json()
    assert early["state"] == "waiting"
    registry.control("/clock", {"offset_s": 3 * 86400 + 60, "signatures": True})
    with clock.moved(timedelta(days=3, minutes=1)):
        done = await claimed(town, town.people.child)
        assert done.json()["state"] == "active", done.text
    registry.control("/clock", {"offset_s": 0})
    agents = {m.agent_id: m.state for m in await Mandate.filter(principal_id=firm, kind="representative")}  # type: ignore[attr-defined]
    assert agents == {town.people.mother.id: "revoked", town.people.child.id: "active"}


async def test_contested_takeover_is_judged_by_a_clerk(town: Town, registry: SandboxServer) -> None:
    firm = await firm_of(town, registry)
    registered(registry, town.people.child)
    asked = (await claimed(town, town.people.child)).json()
    mother = await town.citizen(town.people.mother)
    contested = await acted(mother, asked, "refuse", reason="我仍是法定代表人")
    assert contested.json()["state"] == "waiting"
    desk = await town.staff(town.examiner)
    url = f"/api/v1/desk/mandates/{asked['id']}"
    seen = (await desk.get(url)).json()
    assert "contested" in seen["flags"]
    done = await desk.post(f"{url}/refuse", json={"version": seen["version"], "reason": "登记正在变更"})
    assert done.json()["state"] == "refused"
    active = await Mandate.get(principal_id=firm, kind="representative", state="active")
    assert active.agent_id == town.people.mother.id  # type: ignore[attr-defined]


async def test_two_citizens_never_own_one_firm(town: Town, registry: SandboxServer) -> None:
    import anyio

    registered(registry, town.people.mother)
    states: list[str] = []

    async def claim(person: Citizen) -> None:
        answer = await claimed(town, person)
        states.append(answer.json().get("state") or answer.json()["code"])

    async with anyio.create_task_group() as group:
        for person in (town.people.mother, town.people.mother, town.people.child):
            group.start_soon(claim, person)
    assert sorted(states) == ["active", "active", "registry_disagrees"]
    assert await Mandate.filter(kind="representative", state="active").count() == 1


async def company_bill(code: str) -> Bill:
    words: dict[str, str | None] = {"zh": "排污费", "en": "Discharge fee"}
    await issue(
        NewBill(
            payment_code="44010026000000000017", kind="fee", title=words, department="GA", income_item_code="103",
            income_item_name=words, legal_basis=words, payer_name=NAME, due_on=clock.today() + timedelta(days=9),
            lines=[NewLine(words, 12300, words, words)], payer_id_number=code,
        ),
        by="system",
    )  # fmt: skip
    return await Bill.get(payment_code="44010026000000000017")


async def test_operator_files_and_pays_for_the_firm_until_revoked(town: Town, registry: SandboxServer) -> None:
    from mobileapi.catalogue.imports import take_item

    async with db.transaction():
        await take_item(guide(audience=["organisation"]))
    firm = await firm_of(town, registry)
    mandate = await operator(town, firm, who=town.people.child, phone="13800000002")
    http = await town.citizen(town.people.child)
    body = {"item": ITEM, "region": DISTRICT, "answers": {"lost_how": "lost"}, "on_behalf_of": firm}
    case = await http.post("/api/v1/applications", json=body)
    assert case.status_code == 201, case.text
    assert case.json()["on_behalf_of"] == {"id": firm, "kind": "legal_person", "name": NAME}
    bill = await company_bill(CODE)
    shown = (await http.get(f"/api/v1/bills?on_behalf_of={firm}")).json()["items"]
    assert [b["id"] for b in shown] == [str(bill.id)]
    assert (await http.get(f"/api/v1/bills/{bill.id}")).status_code == 200
    assert (await (await town.citizen(town.people.stranger)).get(f"/api/v1/bills/{bill.id}")).status_code == 404
    boss = await town.citizen(town.people.mother)
    assert (await acted(boss, mandate, "revoke")).json()["state"] == "revoked"
    refused = [
        await http.get(f"/api/v1/bills/{bill.id}"),
        await http.get(f"/api/v1/applications/{case.json()['id']}"),
        await http.post(
            "/api/v1/orders", headers=key(),
            json={"bills": [str(bill.id)], "channel": "wechat", "scene": "miniapp", "on_behalf_of": firm},
        ),
    ]  # fmt: skip
    assert [(r.status_code, r.json()["code"]) for r in refused] == [(404, "not_found")] * 3
    assert await Order.all().count() == 0


async def test_firm_is_no_person_and_a_person_no_firm(town: Town, registry: SandboxServer) -> None:
    firm = await firm_of(town, registry)
    boss = await town.citizen(town.people.mother)
    body = {"item": ITEM, "region": DISTRICT, "answers": {"lost_how": "lost"}, "on_behalf_of": firm}
    answer = await boss.post("/api/v1/applications", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_for_this_applicant")


async def test_invitation_tells_nobody_but_the_phone(town: Town, registry: SandboxServer) -> None:
    firm = await firm_of(town, registry)
    boss = await town.citizen(town.people.mother)
    wish = {"on_behalf_of": firm, "phone": "13800000002", "doings": ["read"], "valid_to": today_plus(30)}
    known = (await boss.post("/api/v1/me/operators", json=wish)).json()
    unknown = (await boss.post("/api/v1/me/operators", json=wish | {"phone": "13912345678"})).json()
    alike = {"state", "doings", "actions", "kind", "warnings"}
    assert {k: known[k] for k in alike} == {k: unknown[k] for k in alike}
    assert known["agent"] == {"id": None, "kind": "citizen", "name": "138****0002", "credit_code": None}
    assert (await acted(await town.citizen(town.people.stranger), known, "accept")).status_code == 404
    (seen,) = (await (await town.citizen(town.people.child)).get("/api/v1/me/principals")).json()["items"]
    assert (seen["principal"]["name"], seen["actions"]) == (NAME, ["accept", "refuse"])


async def test_manager_invites_and_ends_operators_but_neither_managers_nor_the_representative(
    town: Town, registry: SandboxServer
) -> None:
    firm = await firm_of(town, registry)
    manager = await operator(town, firm, who=town.people.child, phone="13800000002", manages=True)
    second = await citizen_of(("周建", "440105198505179778", "13800000004"))
    http = await town.citizen(town.people.child)
    wish = {"on_behalf_of": firm, "phone": "13800000004", "doings": ["read"], "valid_to": today_plus(30)}
    assert (await http.post("/api/v1/me/operators", json=wish | {"manages": True})).status_code == 422
    invited = (await http.post("/api/v1/me/operators", json=wish)).json()
    assert (await acted(await town.citizen(second), invited, "accept")).status_code == 200
    boss = await Mandate.get(kind="representative")
    assert (await acted(http, {"id": str(boss.id)}, "revoke")).status_code == 404
    assert (await acted(http, invited, "revoke")).status_code == 200
    assert (await (await town.citizen(second)).get(f"/api/v1/me/agents?on_behalf_of={firm}")).status_code == 404
    assert (await acted(http, manager, "resign")).status_code == 200
    states = {str(m.id): m.state for m in await Mandate.all()}
    assert (states[manager["id"]], states[invited["id"]], states[str(boss.id)]) == ("resigned", "revoked", "active")


@pytest.mark.parametrize("days", [-1, 731])
async def test_operator_is_invited_for_two_years_at_most(town: Town, registry: SandboxServer, days: int) -> None:
    firm = await firm_of(town, registry)
    boss = await town.citizen(town.people.mother)
    wish = {"on_behalf_of": firm, "phone": "13800000002", "doings": ["read"], "valid_to": today_plus(days)}
    assert (await boss.post("/api/v1/me/operators", json=wish)).json()["errors"][0]["field"] == "valid_to"
    assert await Mandate.filter(kind="operator").count() == 0


async def test_answer_of_another_registry_is_not_believed(town: Town, registry: SandboxServer) -> None:
    from pydantic import SecretStr

    from kit import config
    from mobileapi.settings import OfficeSettings

    registered(registry, town.people.mother)
    wrong = hashlib.sha256(b"another key").hexdigest()
    config.install(config.current(OfficeSettings).model_copy(update={"registry_secret": SecretStr(wrong)}))
    answer = await claimed(town, town.people.mother)
    assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")
    assert await Mandate.all().count() == 0
