"""OpenAPI 3.1 out of the route table, and a page that shows it without anything from elsewhere."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kit.web import JSON, Endpoint

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable; listed in docs/errors.md"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def describe(versioned: Sequence[Endpoint], outside: Sequence[Endpoint], *, prefix: str, server: str) -> dict[str, Any]:
    """The document. `prefix` stands before the paths of `versioned`."""
    everything = [(prefix + spec.path, spec) for spec in versioned] + [(spec.path, spec) for spec in outside]
    schemas, refs = _schemas([spec for _, spec in everything])
    paths: dict[str, dict[str, Any]] = {}
    for path, spec in everything:
        plain = re.sub(r":\w+}", "}", path)
        paths.setdefault(plain, {})[spec.method.lower()] = _operation(plain, spec, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handheld Office",
            "version": "1",
            "description": "掌上办: the backend of a mobile government mini-app",
        },
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas | {"Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


Refs = dict[type[BaseModel], dict[str, Any]]


def _schemas(specs: Sequence[Endpoint]) -> tuple[dict[str, Any], Refs]:
    """All models once, and where each stands: two of one name get longer names."""
    given = [(model, "validation") for s in specs for model in (s.body, s.query) if model]
    given += [(model, "serialization") for s in specs for model in s.answers]
    found, document = models_json_schema(given, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    definitions: dict[str, Any] = document.get("$defs", {})
    return definitions, {model: schema for (model, _), schema in found.items()}  # type: ignore[misc]


def _operation(path: str, spec: Endpoint, refs: Refs) -> dict[str, Any]:
    summary = (spec.handler.__doc__ or spec.handler.__name__.replace("_", " ").capitalize()).strip().split("\n")[0]
    operation: dict[str, Any] = {
        "operationId": spec.name.replace(".routes.", ".").replace(".", "_"),
        "tags": [spec.handler.__module__.removesuffix(".routes").rsplit(".", 1)[-1]],
        "summary": summary,
        "parameters": _parameters(path, spec),
        "responses": _responses(spec, refs),
        "x-roles": sorted(spec.roles) or ["anyone"],
        "x-reach": dict(spec.reach),
    }
    if spec.body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": refs[spec.body]}}}
    if spec.file:
        form = {
            "type": "object", "required": [spec.file],
            "properties": {spec.file: {"type": "string", "contentMediaType": "application/octet-stream"}},
        }  # fmt: skip
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if not spec.public:
        operation["security"] = [{"token": []}]
    return operation


def _parameters(path: str, spec: Endpoint) -> list[dict[str, Any]]:
    """Of the path (`id` is a UUID), the query and the headers."""
    uuid = {"type": "string", "format": "uuid"}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": uuid if name == "id" else {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    for parameter in parameters:
        if parameter["name"] in spec.examples:
            parameter["example"] = spec.examples[parameter["name"]]
    parameters += _query_parameters(spec.query) if spec.query else []
    if spec.idempotent:
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        needed = spec.idempotent is True
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": needed, "schema": key})
    text = {"type": "string"}
    return parameters + [{"name": name, "in": "header", "required": False, "schema": text} for name in spec.headers]


def _responses(spec: Endpoint, refs: Refs) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "done"}
    if spec.answers:
        models = [refs[model] for model in spec.answers]
        answer["content"] = {spec.media: {"schema": models[0] if len(models) == 1 else {"anyOf": models}}}
    elif spec.media != JSON:
        answer["content"] = {spec.media: {}}
    empty = "content" not in answer and spec.status == 200 and spec.method != "GET"
    responses: dict[str, Any] = {str(204 if empty else spec.status): answer}
    if "If-None-Match" in spec.headers:
        responses["304"] = {"description": "the reader has it already"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {**responses, "default": {"description": "refused", "content": problem}}


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": {k: v for k, v in part.items() if k != "title"},
        }
        for name, part in schema.get("properties", {}).items()
    ]


CSS = """
:root { font: 15px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; color: #1a1f29; background: #f4f6fa; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h2 { margin: 2rem 0 .5rem; text-transform: capitalize; }
details { background: #fff; border: 1px solid #d9dee7; border-radius: 8px; margin: .4rem 0; padding: .5rem .9rem; }
summary { cursor: pointer; } summary code { font-weight: 600; }
.method { display: inline-block; width: 4.2rem; color: #0b5fcc; font-weight: 700; }
.who { color: #5b6472; float: right; } pre { overflow: auto; background: #f4f6fa; padding: .7rem; border-radius: 6px; }
:focus-visible { outline: 3px solid #1a1f29; outline-offset: 2px; }
"""


def page(document: dict[str, Any]) -> str:
    """The document as HTML without scripts."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_block(method, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(blocks)}" for tag, blocks in sorted(by_tag.items()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Handheld Office API</title><link rel="stylesheet" href="/docs.css"></head><body><main>'
        '<h1>Handheld Office API</h1><p>The same as <a href="/openapi.json">openapi.json</a>; '
        f'the socket is described in <a href="/asyncapi.json">asyncapi.json</a>.</p>{sections}</main></body></html>'
    )


def _block(method: str, path: str, operation: dict[str, Any]) -> str:
    names = [f"{p['name']} ({p['in']}{', required' if p['required'] else ''})" for p in operation["parameters"]]
    answers = [f"{status} {_model_of(answer)}".strip() for status, answer in operation["responses"].items()]
    lines = [
        f"parameters: {', '.join(names) or 'none'}",
        f"body: {_model_of(operation.get('requestBody', {})) or 'none'}",
        f"answers: {', '.join(answers)}",
    ]
    return (
        f'<details><summary><span class="method">{method.upper()}</span><code>{escape(path)}</code>'
        f'<span class="who">{escape(", ".join(operation["x-roles"]))}</span></summary>'
        f"<p>{escape(operation['summary'])}</p><pre>{escape(chr(10).join(lines))}</pre></details>"
    )


def _model_of(holder: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(holder.get("content", {}).values()), {})
    return str(content.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]
