"""Cards of the catalogue: a guide, at a paragraph when one is named, and the list of one's own materials."""

from collections.abc import Sequence

from chat.cards import Asked
from kit import db
from kit.errors import InvalidRequest
from mobileapi.catalogue.checklist import refuse_strange_answers
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.paragraphs import heading_of
from mobileapi.catalogue.quoting import paragraph_of
from mobileapi.consulting.faces import Face, Maker, anybody, everybodys

IN_FORCE = """
SELECT i.code, v.version, v.guide FROM catalogue_item i JOIN catalogue_item_version v
  ON v.item_id = i.code AND v.version = i.version WHERE i.code = ANY ($1)
"""


async def guides_in_force(codes: Sequence[str]) -> dict[str, tuple[int, Guide]]:
    """The guides of today, in one statement; what is not offered any more is left out."""
    rows = await db.fetch(IN_FORCE, list(set(codes)))
    return {row["code"]: (row["version"], Guide.model_validate_json(row["guide"])) for row in rows}


async def items(asked: Sequence[Asked]) -> list[Face | None]:
    found = await guides_in_force([one.ref for one in asked])
    return [_item(one, *found[one.ref]) if one.ref in found else None for one in asked]


def _item(asked: Asked, version: int, guide: Guide) -> Face | None:
    if asked.at is None:
        return Face(guide.name, version=version)
    heading, quoted = heading_of(guide, asked.at), paragraph_of(guide, asked.at)
    if heading is None:
        return None
    return Face(guide.name, version=version, paragraph=heading, quote=quoted.words if quoted else None)


async def checklists(asked: Sequence[Asked]) -> list[Face | None]:
    found = await guides_in_force([one.ref for one in asked])
    return [_checklist(one, *found[one.ref]) if one.ref in found else None for one in asked]


def _checklist(asked: Asked, version: int, guide: Guide) -> Face | None:
    try:
        refuse_strange_answers(guide, asked.answers or {})
    except InvalidRequest:
        return None
    return Face(guide.name, version=version)


ITEM = Maker(items, everybodys, anybody)
CHECKLIST = Maker(checklists, everybodys, anybody)
