"""`/openapi.json` leaves no caller guessing: what goes in, what comes out, how it refuses."""

from typing import Any

import pytest

from kit import openapi
from mobileapi.app import API, endpoints, outside_endpoints
from mobileapi.settings import OfficeSettings


@pytest.fixture
def document(settings: OfficeSettings) -> dict[str, Any]:
    return openapi.describe(endpoints(), outside_endpoints(), prefix=API, server="")


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def test_every_answer_but_an_empty_one_names_its_media_type(document: dict[str, Any]) -> None:
    silent = [
        name
        for name, told in operations(document)
        for status, answer in told["responses"].items()
        if status not in {"204", "304"} and not answer.get("content")
    ]
    assert silent == []


def test_every_operation_says_how_it_refuses(document: dict[str, Any]) -> None:
    for name, told in operations(document):
        content = told["responses"]["default"]["content"]
        assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [r for inner in part.values() for r in references(inner)]
        return [r for inner in part for r in references(inner)] if isinstance(part, list) else []

    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= named


def test_ids_are_uuids_and_other_path_parameters_show_an_example(document: dict[str, Any]) -> None:
    for name, told in operations(document):
        for parameter in told["parameters"]:
            if parameter["in"] == "path" and parameter["name"] == "id":
                assert parameter["schema"] == {"type": "string", "format": "uuid"}, name
            elif parameter["in"] == "path":
                assert parameter["example"], name


def test_photographs_profiles_and_guides_are_described_as_they_are(document: dict[str, Any]) -> None:
    paths = document["paths"]
    form = paths["/api/v1/uploads"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    profile = paths["/api/v1/me"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shown = {ref["$ref"].rsplit("/", 1)[1] for ref in profile["anyOf"]}
    assert shown == {"CitizenProfile", "StaffProfile"}
    guide = paths["/api/v1/catalogue/items/{code}"]["get"]
    assert "304" in guide["responses"]
    assert [p["name"] for p in guide["parameters"]] == ["code", "If-None-Match"]
