"""What an answer relies on: chapters of the guide, and the digest by which a change of them is noticed. Pure."""

import hashlib
import json
from collections.abc import Sequence

from mobileapi.catalogue.guide import Guide

# Chapter → the parts of a guide that stand in it.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "conditions": ("conditions",),
    "materials": ("materials", "questions"),
    "steps": ("steps",),
    "cost": ("statutory_limit", "promised_limit", "fee"),
    "places": ("places",),
    "result": ("result",),
    "law": ("legal_basis",),
    "faq": ("faq",),
    "contact": ("channels", "remedies"),
}


def digest_of(guide: Guide, chapters: Sequence[str]) -> str:
    """Another one when one of these chapters says something else."""
    whole = guide.model_dump(mode="json")
    cited = {part: whole[part] for chapter in sorted(set(chapters)) for part in CHAPTERS[chapter]}
    return hashlib.sha256(json.dumps(cited, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def published_of(guide: Guide) -> list[str]:
    """Telephones and places that the office itself publishes; they are nobody's."""
    told = [guide.channels.consult, guide.channels.complaint, "12345"]
    for place in guide.places:
        told += [place.phone, place.address.zh, place.name.zh]
    return [one for one in told if one]
