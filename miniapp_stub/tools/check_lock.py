"""Check that a package-lock.json can be installed from any registry, on any machine.

Two faults were met for real. A registry that lacks a native package for some platform makes npm write a lock which
``npm ci`` then refuses ("Missing: @rollup/rollup-... from lock file"). And without ``omit-lockfile-registry-resolved``
npm writes the host it happened to ask into every entry.

Usage: ``check_lock.py [LOCK ...]``; without arguments, the locks of both face packages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FACES = Path(__file__).resolve().parent.parent
LOCKS = [FACES / "citizen" / "package-lock.json", FACES / "web" / "package-lock.json"]


def missing_optionals(lock: dict[str, Any]) -> list[str]:
    """``owner -> dependency`` for each optional dependency which a package names and the lock does not hold."""
    packages: dict[str, Any] = lock.get("packages", {})
    held = {place.rpartition("node_modules/")[2] for place in packages if place}
    return [
        f"{place or 'the package itself'} -> {name}"
        for place, package in packages.items()
        for name in package.get("optionalDependencies", {})
        if name not in held
    ]


def faults(path: Path) -> list[str]:
    """What is wrong with one lock, as sentences; an empty list when nothing is."""
    text = path.read_text("utf-8")
    found = [
        f"{path.name} misses {one}; pin a version whose platforms are complete"
        for one in missing_optionals(json.loads(text))
    ]
    if '"resolved"' in text:
        found.append(f"{path.name} names the registry it came from; keep omit-lockfile-registry-resolved in .npmrc")
    return found


def main(arguments: list[str]) -> int:
    """Exit 0 when every lock is sound, 1 otherwise; a sentence per fault goes to standard error."""
    locks = [Path(one) for one in arguments] or [one for one in LOCKS if one.is_file()]
    found = [f"{lock.parent.name}/{fault}" for lock in locks for fault in faults(lock)]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
