"""
The published answers as this process holds them, thrown away with the edition of the catalogue: publishing one gives
the catalogue a new edition, as a new guide does (mobileapi/catalogue/shelf.py).
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from kit import db
from kit.texts import Text
from mobileapi.answers.finding import Finder, Published
from mobileapi.answers.guides import digest_of
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.search import get_ready
from mobileapi.catalogue.shelf import Printed, shelf

PUBLISHED = """
SELECT a.id, a.item_code, a.question, a.answer, a.guide_version, a.cited_digest, a.cites, a.reviewed_at,
  i.version AS current, CASE WHEN i.version <> a.guide_version THEN v.guide END AS guide
FROM answers_answer a JOIN catalogue_item i ON i.code = a.item_code
JOIN catalogue_item_version v ON v.item_id = i.code AND v.version = i.version
WHERE a.state = 'published' ORDER BY a.reviewed_at DESC, a.id
"""


@dataclass
class Answers:
    edition: int
    all: list[Published]
    finder: Finder
    printed: dict[str, Printed] = field(default_factory=dict)

    def of_item(self, code: str) -> list[Published]:
        return [one for one in self.all if one.item == code]


_held: list[Answers] = []


async def answers() -> Answers:
    """As old as the shelf of the catalogue: two seconds at most."""
    held = await shelf()
    if not _held or _held[0].edition != held.edition:
        await get_ready()
        published = await read()
        fresh = [one for one in published if not one.stale]
        _held[:] = [Answers(held.edition, published, Finder(fresh, held.synonyms))]
    return _held[0]


async def read() -> list[Published]:
    return [_published(row) for row in await db.fetch(PUBLISHED)]


def _published(row: Any) -> Published:
    stale = row["guide"] is not None and row["cited_digest"] != digest_of(
        Guide.model_validate_json(row["guide"]), json.loads(row["cites"])
    )
    return Published(
        row["id"], row["item_code"], row["question"], row["answer"], row["guide_version"], stale, row["reviewed_at"]
    )


async def past_answers() -> dict[str, list[tuple[str, str]]]:
    """Item → questions and answers the matcher may learn from; none whose guide has changed."""
    learned: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in await read():
        if not one.stale:
            learned[one.item].append((one.question, one.answer))
    return dict(learned)


def clear() -> None:
    """Throws the answers away; another database may have been opened."""
    _held.clear()


async def item_name(code: str) -> Text | None:
    summary = (await shelf()).summaries.get(code)
    return summary.name if summary else None


def print_once(held: Answers, key: str, body: bytes) -> Printed:
    """The bytes of an answer with their tag; kept until the edition changes, for a thousand questions at most."""
    if len(held.printed) > 1000:
        held.printed.clear()
    held.printed[key] = Printed(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return held.printed[key]
