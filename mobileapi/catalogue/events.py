"""What happened in the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GuidePublished:
    """A newer version of an item's guide is in force; the first one is not told of."""

    item: str
    version: int
