"""Everyday questions and the item each is about: five an item, as people would write them to an office.

The first two of each item were looked at while the weights were chosen; the other three never were.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

FILE = Path(__file__).with_name("questions.tsv")
LOOKED_AT = 2


@dataclass(frozen=True)
class Labelled:
    code: str
    text: str


def questions(*, unseen: bool) -> list[Labelled]:
    """Those kept back, or those the weights were chosen by."""
    read = [Labelled(*line.split("\t")) for line in FILE.read_text("utf-8").splitlines()]
    by_item = [list(group) for _, group in groupby(read, key=lambda q: q.code)]
    return [q for group in by_item for q in (group[LOOKED_AT:] if unseen else group[:LOOKED_AT])]
