"""The house guards itself: routes, states, errors, settings, files named in the docs, and the size of things."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest

from kit.config import BadConfiguration, needed_in_production
from kit.errors import HouseError
from kit.web import Call, get
from mobileapi.settings import OfficeSettings
from tests.house import pages

ROOT = pages.ROOT
SOURCES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    if "/migrations/" not in name and (ROOT / name).is_file()
]
ROLES = {"citizen", "agent", "clerk", "supervisor", "finance", "auditor", "admin", "kiosk"}


def test_every_route_names_its_roles_or_is_marked_public(settings: OfficeSettings) -> None:
    from mobileapi.app import endpoints, outside_endpoints

    everything = endpoints() + outside_endpoints()
    assert len(everything) > 40
    for spec in everything:
        assert spec.public != bool(spec.roles), spec.path
        assert spec.roles <= ROLES, spec.path
        assert set(spec.reach) == (spec.roles or {"anyone"}), f"{spec.path} must say how far each role reaches"


def test_every_frame_of_the_socket_has_a_row_of_roles_and_reach() -> None:
    from chat.frames import READERS, RIGHTS, ClientFrame

    assert set(RIGHTS) == set(get_args(ClientFrame))
    told = {literal for frame in RIGHTS for literal in get_args(frame.model_fields["type"].annotation)}
    assert told == set(READERS)
    for frame, right in RIGHTS.items():
        assert right.roles <= ROLES, frame.__name__
        assert set(right.reach) == (right.roles or {"anyone"}), frame.__name__


def test_a_route_that_does_not_say_its_reach_cannot_be_declared() -> None:
    async def handler(call: Call) -> None: ...

    for missing in ({}, {"reach": "everything"}, {"reach": "public"}, {"reach": {"citizen": "own"}}):
        with pytest.raises(AssertionError, match="GET /cases"):
            get("/cases", handler, roles={"citizen", "clerk"}, **missing)
    for wrong in ({"reach": "own"}, {"reach": "all"}):
        with pytest.raises(AssertionError, match="GET /cases"):
            get("/cases", handler, public=True, **wrong)
    assert get("/cases", handler, roles={"citizen"}, reach="own").reach == {"citizen": "own"}
    assert get("/cases", handler, public=True).reach == {"anyone": "public"}


def test_every_route_that_moves_money_or_files_something_takes_an_idempotency_key(settings: OfficeSettings) -> None:
    from mobileapi.app import endpoints

    moving = re.compile(
        r"^/orders$|^/refunds|/submission$|/withdrawal$|/correction$|^/desk/applications/\{id\}/\{action\}$"
    )
    specs = [s for s in endpoints() if s.method == "POST" and moving.search(s.path)]
    assert len(specs) >= 4
    assert [s.path for s in specs if not s.idempotent] == []


@pytest.mark.parametrize("file", pages.PAGES)
def test_generated_pages_are_fresh(file: str, settings: OfficeSettings) -> None:
    assert (ROOT / "docs" / file).read_text() == pages.PAGES[file](), "run `make docs`"


@pytest.mark.parametrize(("module", "name", "moves"), pages.graphs(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_state_is_reachable_from_the_first(module: str, name: str, moves: dict[Any, Any]) -> None:
    edges = pages.edges(moves)
    states = list(dict.fromkeys([str(s[0] if isinstance(s, tuple) else s) for s in moves]))
    everything = {s for edge in edges for s in edge} | set(states)
    reached, waiting = {states[0]}, [states[0]]
    while waiting:
        here = waiting.pop()
        for start, end in edges:
            if start == here and end not in reached:
                reached.add(end)
                waiting.append(end)
    assert everything - reached == set(), f"{module}.{name}"


def test_error_codes_are_one_class_each() -> None:
    seen: dict[str, type[HouseError]] = {}
    for kind in pages.errors():
        other = seen.setdefault(kind.code, kind)
        assert other.status == kind.status, f"{kind.code} has two statuses"


def test_files_named_in_the_docs_exist() -> None:
    named = re.compile(r"`((?:kit|auth|chat|payments|mobileapi|miniapp_stub|tests|bench|docs)/[\w./-]+\.\w+)`")
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "README.zh-CN.md"]:
        for file in named.findall(page.read_text()):
            assert (ROOT / file).exists(), f"{page.name} names {file}"


def test_flows_walk_through_files_and_functions_that_exist() -> None:
    steps = re.findall(r"^\d+\. `([\w/]+\.py)` · `(\w+)`", (ROOT / "docs" / "flows.md").read_text(), re.MULTILINE)
    assert len(steps) >= 25
    for file, function in steps:
        tree = ast.parse((ROOT / file).read_text())
        names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        assert function in names, f"{file} has no {function}"


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_functions_stay_under_60_lines_and_files_under_400(file: Path) -> None:
    source = file.read_text()
    assert source.count("\n") <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def annotations_of_time(tree: ast.AST) -> list[ast.AST]:
    """Parts of annotations whose name says that it is seconds or an instant, which may be floats."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        name = getattr(node, "arg", None) or getattr(getattr(node, "target", None), "id", "")
        annotation = getattr(node, "annotation", None)
        if annotation is not None and re.search(r"(_s|until|now|at)$", str(name)):
            found += ast.walk(annotation)
    return found


def test_money_never_meets_a_float() -> None:
    for file in [f for f in SOURCES if f.is_relative_to(ROOT / "payments") or f.name == "money.py"]:
        tree = ast.parse(file.read_text())
        seconds = {id(part) for part in annotations_of_time(tree)}
        for node in ast.walk(tree):
            floats = isinstance(node, ast.Name) and node.id == "float" and id(node) not in seconds
            assert not floats, f"{file}:{getattr(node, 'lineno', 0)}"
            assert not isinstance(node, ast.Div), f"{file} divides"


def test_no_task_is_started_outside_a_group() -> None:
    # kit/db.py keeps the one exception: a probe of the database whose driver may hang longer than its caller waits.
    for file in [f for f in SOURCES if f.relative_to(ROOT).parts[0] in pages.PACKAGES and f != ROOT / "kit" / "db.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "asyncio":
                assert node.attr not in {"create_task", "ensure_future"}, f"{file}:{node.lineno}"


def test_production_refuses_to_start_on_defaults_and_names_the_key() -> None:
    for name in needed_in_production(OfficeSettings):
        with pytest.raises(BadConfiguration, match="HANDHELD_"):
            OfficeSettings(_env_file=None, env="production").refuse_bad_production()
        assert name in OfficeSettings.model_fields


def test_locks_name_no_host() -> None:
    for lock in [*ROOT.glob("requirements*.lock"), *ROOT.glob("miniapp_stub/*/package-lock.json")]:
        text = lock.read_text()
        assert '"resolved"' not in text, lock
        if lock.suffix == ".lock":
            assert "://" not in text, lock
