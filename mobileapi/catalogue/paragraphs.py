"""
The paragraphs of a guide, by name: `materials`, `materials.photo`, `faq.2`. Numbers begin at 1.

The names of chapters are those the citizen's guide page scrolls to.
"""

from collections.abc import Callable, Sequence

from kit.texts import Text, text
from mobileapi.catalogue.guide import Guide

CHAPTERS: dict[str, Text] = {
    "conditions": text("办理条件", "Conditions"),
    "materials": text("申请材料", "Materials"),
    "steps": text("办理流程", "Steps"),
    "cost": text("时限和费用", "Time and cost"),
    "places": text("办理地点", "Where to go"),
    "result": text("办理结果", "What you get"),
    "law": text("办理依据", "Legal basis"),
    "faq": text("常见问题", "Questions and answers"),
    "contact": text("咨询与监督", "Contact"),
}

_NUMBERED: dict[str, Callable[[Guide], Sequence[Text]]] = {
    "conditions": lambda guide: guide.conditions,
    "steps": lambda guide: [step.name for step in guide.steps],
    "places": lambda guide: [place.name for place in guide.places],
    "law": lambda guide: [_article(basis.law, basis.article) for basis in guide.legal_basis],
    "faq": lambda guide: [one.q for one in guide.faq],
}


def heading_of(guide: Guide, at: str) -> Text | None:
    """What stands over the paragraph; None when the guide has no such paragraph."""
    chapter, _, part = at.partition(".")
    if chapter not in CHAPTERS:
        return None
    if not part:
        return CHAPTERS[chapter]
    if chapter == "materials":
        material = guide.material(part)
        return material.name if material else None
    parts = _NUMBERED[chapter](guide) if chapter in _NUMBERED else ()
    place = int(part) if part.isascii() and part.isdigit() and len(part) < 4 else 0
    return parts[place - 1] if 1 <= place <= len(parts) else None


def _article(law: Text, article: Text) -> Text:
    return text(f"《{law.zh}》{article.zh}", f"{law.en or law.zh}, {article.en or article.zh}")
