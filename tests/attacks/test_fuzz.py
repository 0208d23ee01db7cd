"""The office's own description, used against it: generated requests for every operation it names.

Nothing may end in a 5xx, and every answer fits the schema the description promises. HANDHELD_FUZZ_EXAMPLES enlarges
the number of requests an operation gets, HANDHELD_FUZZ_SEED makes other ones.
"""

import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.attacks.conftest import Office, named_citizen
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

EXAMPLES = int(os.environ.get("HANDHELD_FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("HANDHELD_FUZZ_SEED", "20261121"))
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]
OTHER_WORDS = {  # answers in words that are not ours: a page for people, and what the channel wants to read
    "/verify/{code}",
    "/callbacks/wechatpay",
    "/callbacks/alipay",
}
LEFT_OUT = {"/api/v1/auth/sign-out"}  # it would end the session the rest is asked with


@pytest.fixture(scope="session")
async def bearers(office: Office, anyio_backend: str) -> dict[str, str]:
    """Role → token."""
    async with Town.visit(office.url) as town:
        people = {
            role: await town.clerk(town.of_role(role))
            for role in ("clerk", "supervisor", "finance", "auditor", "admin")
        }
        return {"citizen": (await named_citizen(town, 0)).token} | {role: p.token for role, p in people.items()}


@pytest.fixture(scope="session")
async def things(office: Office, anyio_backend: str) -> dict[str, str]:
    """Noun → the id of one there is, so that generated requests get past the first door."""
    async with Town.visit(office.url) as town:
        citizen = await named_citizen(town, 0)
        wanted = {"item": CASE_ITEM, "region": "440105000000"}
        draft = await citizen.ask("POST", "/applications", json=wanted, status=201)
        talk = await citizen.ask("POST", "/consultations", json=wanted | {"text": "你好"}, status=201)
        bills = (await citizen.ask("GET", "/bills"))["items"]
        return {"applications": draft["id"], "consultations": talk["id"], "bills": bills[0]["id"]}


def test_generated_requests_meet_no_server_error_and_answers_fit_the_schema(
    office: Office, bearers: dict[str, str], things: dict[str, str]
) -> None:
    described = schemathesis.openapi.from_url(f"{office.url}/openapi.json")
    met: Counter[str] = Counter()
    wrong: list[str] = []
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an operation that is described badly fails here
        if operation.path not in LEFT_OUT:
            noun = operation.path.removeprefix("/api/v1/").partition("/")[0]
            for thing in {None, things.get(noun) if "{id}" in operation.path else None}:
                wrong += fuzzed(operation, office.url, thing, bearers=bearers, met=met)
    print(f"{sum(met.values())} requests of seed {SEED}: {dict(sorted(met.items()))}")
    assert wrong == []
    assert sum(met.values()) > 200


def fuzzed(operation: Any, url: str, thing: str | None, *, bearers: dict[str, str], met: Counter[str]) -> list[str]:
    """What one operation did wrong, about any id or about the id of `thing`; each kind of fault once."""
    checks = [not_a_server_error] if operation.path in OTHER_WORDS else CHECKS
    wrong: dict[str, str] = {}
    allowed = operation.definition.raw["x-roles"]
    token = next((bearers[role] for role in bearers if role in allowed), bearers["citizen"])

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if thing is not None:
            case.path_parameters["id"] = thing
        answer = case.call(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=20)
        met[f"{answer.status_code}"] += 1
        try:
            case.validate_response(answer, checks=checks)
        except FailureGroup as group:
            for failure in group.exceptions:
                wrong.setdefault(type(failure).__name__, f"{operation.label}: {failure} {answer.text[:200]}")

    ask()
    return list(wrong.values())
