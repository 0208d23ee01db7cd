"""
The privacy notice: a text file a version and language, known by its hash (art. 17).

A version is the day it comes into force. A new file is a new version, and what was agreed to under an earlier one is
asked for again (art. 14).
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from kit import clock
from kit.errors import NotFound

FOLDER = Path(__file__).parent / "notices"


@dataclass(frozen=True)
class Notice:
    version: str  # the day it comes into force
    zh: str
    en: str
    digest: str  # SHA-256 of both texts

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@cache
def versions() -> tuple[Notice, ...]:
    """Every version, the oldest first."""
    return tuple(read(file.name.removesuffix(".zh.md"), FOLDER) for file in sorted(FOLDER.glob("*.zh.md")))


def read(version: str, folder: Path) -> Notice:
    zh, en = ((folder / f"{version}.{language}.md").read_bytes() for language in ("zh", "en"))
    return Notice(version, zh.decode(), en.decode(), hashlib.sha256(zh + b"\0" + en).hexdigest())


def present(day: date | None = None, *, among: tuple[Notice, ...] | None = None) -> Notice:
    """The version in force on an office day; before the first, the first."""
    known = among or versions()
    today = (day or clock.today()).isoformat()
    return next((n for n in reversed(known) if n.version <= today), known[0])


def notice(version: str | None) -> Notice:
    """The named version, or the present one. Raises NotFound."""
    if version is None:
        return present()
    found = next((n for n in versions() if n.version == version), None)
    if found is None:
        raise NotFound
    return found
