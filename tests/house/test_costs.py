"""What is dear to us is dear to who asks: a route that leaves the building or makes something names its cost."""

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from kit.web import Endpoint
from mobileapi import app

OURS = ("kit", "auth", "chat", "payments", "mobileapi")
# Names whose use is dear: a call to an outside party, a process, a page set in type, a slow hash on purpose.
DEAR = {"outside", "create_subprocess_exec", "_typeset", "_hasher"}
# Packages of adapters: their methods are reached through a Protocol, so a call by the method's name counts.
ADAPTERS = ("auth.platforms", "auth.attestation", "auth.sms", "auth.workplaces", "payments.channels")
# Reached by name only: what these names mean at these places is something else.
OTHERS_OF_THE_NAME = {"call", "close", "open", "send", "get", "put", "check", "verify", "read", "write", "query"}


def is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", None) or getattr(thing, "__name__", "")).partition(".")[0] in OURS


def names_of(code: CodeType) -> set[str]:
    """Every name the code mentions, those of functions inside it included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*(names_of(one) for one in inner)) if inner else set(code.co_names)


def reached_from(function: FunctionType) -> Iterator[Callable[..., Any]]:
    """Functions of ours that the function names: by themselves, or as attribute of a module it names."""
    names = names_of(function.__code__)
    for name in names:
        found = function.__globals__.get(name)
        if isinstance(found, ModuleType) and is_ours(found):
            yield from (getattr(found, other) for other in names if inspect.isfunction(getattr(found, other, None)))
        elif inspect.isfunction(found) and is_ours(found):
            yield inspect.unwrap(found)
        elif inspect.isclass(found) and is_ours(found):
            yield from (m for n, m in vars(found).items() if inspect.isfunction(m) and (n in names or n == "__init__"))


def is_dear(function: FunctionType, *, adapters: frozenset[str], seen: set[FunctionType] | None = None) -> bool:
    seen = set() if seen is None else seen
    if function in seen:
        return False
    seen.add(function)
    names = names_of(function.__code__)
    if names & DEAR or names & adapters:
        return True
    return any(is_dear(one, adapters=adapters, seen=seen) for one in reached_from(function) if inspect.isfunction(one))


@cache
def methods_of_adapters() -> frozenset[str]:
    """Names of what adapters offer to wait for, each class that leaves the building taken whole."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(ADAPTERS)]
    classes = {c for m in modules for c in vars(m).values() if inspect.isclass(c) and c.__module__.startswith(ADAPTERS)}
    offered = [n for c in classes if leaves(c) for n, m in vars(c).items() if inspect.iscoroutinefunction(m)]
    return frozenset(n for n in offered if not n.startswith("_")) - OTHERS_OF_THE_NAME


def leaves(kind: type) -> bool:
    methods = [m for m in vars(kind).values() if inspect.isfunction(m)]
    return any(is_dear(m, adapters=frozenset()) for m in methods)


def dear_and_cheap(specs: list[Endpoint]) -> list[str]:
    return [
        f"{spec.method} {spec.path}"
        for spec in specs
        if spec.cost == 1 and is_dear(inspect.unwrap(spec.handler), adapters=methods_of_adapters())
    ]


@pytest.mark.usefixtures("settings")
def test_every_dear_route_names_its_cost() -> None:
    assert dear_and_cheap(app.endpoints() + app.outside_endpoints()) == []
