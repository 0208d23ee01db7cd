"""How often an everyday question finds its item, beside plain search by the same words in the same run.

    python -m bench.matching

Questions by which the weights were chosen and questions kept back are told apart; the time is a ratio to search.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from kit import config, db
from kit.crypto import with_demo_keys
from mobileapi.catalogue import search
from mobileapi.catalogue.imports import import_items
from mobileapi.catalogue.shelf import matcher, shelf
from mobileapi.settings import OfficeSettings, tables
from tests.catalogue.questions import Labelled, questions
from tests.database import copy_of, private_postgres

ITEMS = Path(__file__).resolve().parents[1] / "mobileapi" / "demo" / "items"
Asked = Callable[[str], Awaitable[list[str]]]


async def by_matching(question: str) -> list[str]:
    return [match.code for match in (await matcher()).best(question)]


async def by_search(question: str) -> list[str]:
    held = await shelf()
    found = await search.find(question, phrases=held.phrases, synonyms=held.synonyms)
    return [one.code for one in found[:3]]


async def judged(asked: list[Labelled], ask: Asked) -> tuple[float, float, float]:
    """The shares found first and among the first three, and seconds a question."""
    await ask(asked[0].text)
    began = time.perf_counter()
    found = [(await ask(question.text), question.code) for question in asked]
    seconds = (time.perf_counter() - began) / len(asked)
    return (
        sum(codes[:1] == [code] for codes, code in found) / len(asked),
        sum(code in codes for codes, code in found) / len(asked),
        seconds,
    )


async def compare(template: str) -> None:
    async with copy_of(template) as url:
        await db.open_database(tables(url))
        await import_items(ITEMS)
        for name, unseen in (("used for tuning", False), ("never used", True)):
            asked = questions(unseen=unseen)
            first, three, seconds = await judged(asked, by_matching)
            plain_first, plain_three, plain_seconds = await judged(asked, by_search)
            print(
                f"questions {name} ({len(asked)}): first {first:.1%}, among three {three:.1%}; "
                f"plain search {plain_first:.1%}, {plain_three:.1%}; time {seconds / plain_seconds:.2f} × search"
            )
        await db.close_database()


if __name__ == "__main__":
    with private_postgres() as template, TemporaryDirectory() as folder:
        config.install(with_demo_keys(OfficeSettings(_env_file=None, data_dir=Path(folder), env="demo")))
        asyncio.run(compare(template))
