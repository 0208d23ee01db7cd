"""What each role is told: the field paths of every answer, from the shapes, as docs/fields.md keeps them frozen."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kit.web import Endpoint

STAFF = {"clerk", "supervisor", "finance", "auditor", "admin"}


def everything() -> list[Endpoint]:
    from mobileapi.app import endpoints

    return endpoints()


def shapes_for(spec: Endpoint, role: str) -> list[type[BaseModel]]:
    """The shapes a role may be answered with: of /me the citizen's or the staff's, else all that are declared."""
    named = [s for s in spec.answers if not re.match("Citizen|Staff", s.__name__) or len(spec.answers) == 1]
    mine = "Staff" if role in STAFF else "Citizen"
    return named or [s for s in spec.answers if s.__name__.startswith(mine)]


@cache
def paths_of(shape: type[BaseModel]) -> frozenset[str]:
    """`items[].id`, `subject.item.code`; `.*` stands for names that are data."""
    _, document = models_json_schema([(shape, "serialization")])
    definitions = document.get("$defs", {})
    return frozenset(_walk(definitions.get(shape.__name__, document), definitions, ()))


def _walk(schema: dict[str, Any], defs: dict[str, Any], seen: tuple[str, ...], at: str = "") -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name not in seen:
            yield from _walk(defs[name], defs, (*seen, name), at)
        return
    for part in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        yield from _walk(part, defs, seen, at)
    if schema.get("type") == "array" and "items" in schema:
        yield from _walk(schema["items"], defs, seen, f"{at}[]")
    elif schema.get("type") == "object" or "properties" in schema:
        for name, part in schema.get("properties", {}).items():
            below = f"{at}.{name}" if at else name
            yield below
            yield from _walk(part, defs, seen, below)
        more = schema.get("additionalProperties")
        if more or (more is None and not schema.get("properties")):
            yield f"{at}.*"
            if isinstance(more, dict):
                yield from _walk(more, defs, seen, f"{at}.*")


def told(value: Any, at: str = "") -> Iterator[str]:
    """The field paths of a real answer."""
    if isinstance(value, dict):
        for name, part in value.items():
            below = f"{at}.{name}" if at else name
            yield below
            yield from told(part, below)
    elif isinstance(value, list):
        for part in value:
            yield from told(part, f"{at}[]")


def allowed(path: str, shapes: frozenset[str]) -> bool:
    """Whether a path is one of the shape's, or lies where names are data."""
    if path in shapes:
        return True
    return any(
        re.fullmatch(re.escape(s).replace(r"\*", r"[^.]+") + r"(\..*|\[\].*)?", path) for s in shapes if "*" in s
    )


def strange(met: list[tuple[str, str, Any]]) -> list[str]:
    """Fields of real answers that no shape of the route names, by route and caller."""
    specs = {f"{s.method} {s.path}": s for s in everything()}
    found = set()
    for route, caller, body in met:
        shapes = frozenset(path for shape in specs[route].answers for path in paths_of(shape))
        found |= {f"{route} · {caller}: {path}" for path in told(body) if not allowed(path, shapes)}
    return sorted(found)


# Where a value may stand in the clear: a citizen's own form, and what was unmasked for a reason that is in the log.
IN_THE_CLEAR = re.compile(
    r"^(GET|PATCH|PUT|POST) /applications|^POST /desk/(applications|consultations)/\{id\}/unmask$"
    r"|^POST /consultations/\{id\}/messages/\{number\}/unmask$"
)


def unmasked(met: list[tuple[str, str, Any]], canaries: set[str]) -> list[str]:
    """Answers in which a known person's ID number or phone stands in the clear."""
    found = []
    for route, caller, body in met:
        text = json.dumps(body, ensure_ascii=False)
        if not IN_THE_CLEAR.match(route):
            found += [f"{route} · {caller} tells {value[:3]}…" for value in sorted(canaries) if value in text]
    return found


def fields_page() -> str:
    lines = [
        "# Fields",
        "",
        "Generated from the code by `make docs`: which fields each answer holds, and who may be given it. A field that comes",
        "or goes shows here as a difference to be looked at. ID numbers and phones are masked in all of them, but in a",
        "citizen's own form and where a clerk unmasks one value for a stated reason; the access matrix looks for known people",
        "in every answer.",
        "",
    ]
    users: dict[type[BaseModel], dict[str, set[str]]] = {}
    for spec in everything():
        for role in sorted(spec.roles) or ["anyone"]:
            for shape in shapes_for(spec, role):
                users.setdefault(shape, {}).setdefault(f"{spec.method} {spec.path}", set()).add(role)
    for shape in sorted(users, key=lambda s: (s.__name__, s.__module__)):
        lines += [f"## {shape.__name__} · {shape.__module__}", ""]
        for route, roles in sorted(users[shape].items()):
            lines.append(f"- `{route}`: {', '.join(sorted(roles))}")
        lines += ["", "```", *sorted(paths_of(shape)), "```", ""]
    return "\n".join(lines)
