"""The generated pages of docs/: errors, states, settings, rights and fields, written from the code they describe.

`python -m tests.house.pages` writes them anew; a test compares.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from kit import config
from kit.config import needed_in_production
from kit.errors import HouseError
from mobileapi.settings import OfficeSettings
from tests.house.answers import fields_page
from tests.house.privacy_page import privacy_page
from tests.house.rights import rights_page

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kit", "auth", "chat", "payments", "mobileapi")


def modules() -> Iterator[ModuleType]:
    """Every module of the server."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def errors() -> list[type[HouseError]]:
    """Every error a caller can meet, by code."""
    list(modules())
    found: set[type[HouseError]] = {HouseError}
    waiting = [HouseError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.split(".")[0] in PACKAGES and kind not in found:
                found.add(kind)
                waiting.append(kind)
    return sorted(found, key=lambda e: (e.code, e.__module__))


def errors_page() -> str:
    lines = [
        "# Errors",
        "",
        "Generated from the code by `make docs`. Every answer that refuses is `application/problem+json` (RFC 9457) with one",
        "of these codes; the chat socket uses the same codes in its `error` frames. `detail` is in Chinese unless",
        "`Accept-Language` asks for English. Where `retry` is yes, the same request may succeed a little later.",
        "",
        "| code | status | retry | 中文 | English | defined in |",
        "|---|---|---|---|---|---|",
    ]
    seen: set[str] = set()
    for kind in errors():
        if kind.code not in seen:
            seen.add(kind.code)
            file = kind.__module__.replace(".", "/") + ".py"
            lines.append(
                f"| `{kind.code}` | {kind.status} | {'yes' if kind.retry else ''} | {kind.title.zh} | {kind.title.en or ''} | `{file}` |"
            )
    return "\n".join(lines) + "\n"


def graphs() -> list[tuple[str, str, dict[Any, Any]]]:
    """(module, name, moves) of every state graph: the module-level mappings called MOVES or …_MOVES in states.py files."""
    found = []
    for module in modules():
        if module.__name__.endswith(".states"):
            for name, value in sorted(vars(module).items()):
                if (name == "MOVES" or name.endswith("_MOVES")) and isinstance(value, dict):
                    found.append((module.__name__, name, value))
    return found


def edges(moves: dict[Any, Any]) -> list[tuple[str, str]]:
    """The graph's edges, whatever a package hangs on them: {from: {to…}} or {(from, event): to} or {from: {event: to}}."""
    found: set[tuple[str, str]] = set()
    for start, ends in moves.items():
        source = start[0] if isinstance(start, tuple) else start
        if isinstance(ends, StrEnum):
            found.add((str(source), str(ends)))
        else:
            found |= {(str(source), str(end)) for end in (ends.values() if isinstance(ends, dict) else ends)}
    return sorted(found)


def states_page() -> str:
    lines = [
        "# States",
        "",
        "Generated from the code by `make docs`. A move that is not drawn is refused, and nothing is written.",
        "",
    ]
    for module, name, moves in graphs():
        lines += [f"## {module.removesuffix('.states')} · {name}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    {start} --> {end}" for start, end in edges(moves)]
        lines += ["```", ""]
    return "\n".join(lines)


def settings_page() -> str:
    needed = needed_in_production(OfficeSettings)
    lines = [
        "# Settings",
        "",
        "Generated from the code by `make docs`. Read once from the environment or `.env`. With `HANDHELD_ENV=production` the",
        "program refuses to start while a setting marked *needed* is missing, and names it.",
        "",
        "| setting | default | production | meaning |",
        "|---|---|---|---|",
    ]
    for name, info in sorted(OfficeSettings.model_fields.items()):
        default = "" if info.is_required() or "Secret" in str(info.annotation) else info.default
        shown = "" if default is None or default == "" else f"`{default}`"
        lines.append(
            f"| `HANDHELD_{name.upper()}` | {shown} | {'needed' if name in needed else ''} | {info.description or ''} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {
    "errors.md": errors_page, "states.md": states_page, "settings.md": settings_page, "rights.md": rights_page,
    "fields.md": fields_page, "privacy.md": privacy_page,
}  # fmt: skip

if __name__ == "__main__":
    config.install(OfficeSettings(_env_file=None, env="demo"))
    for file, page in PAGES.items():
        (ROOT / "docs" / file).write_text(page())
        print(f"docs/{file}")
