"""Items and their guides, version by version."""

from collections.abc import Iterable

from auth import duties
from kit.errors import NotFound
from kit.texts import Text
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.models import ItemVersion, ServiceItem


async def current_guide(code: str) -> tuple[int, Guide]:
    """The version in force and its guide. Raises NotFound."""
    item = await ServiceItem.get_or_none(code=code)
    if item is None:
        raise NotFound
    return item.version, await guide_of_version(code, item.version)


async def guide_of_version(code: str, version: int) -> Guide:
    """The guide as published under that number; a case reads the one it was filed under. Raises NotFound."""
    row = await ItemVersion.get_or_none(item_id=code, version=version)
    if row is None:
        raise NotFound
    return Guide.model_validate(row.guide)


async def names_of(codes: Iterable[str]) -> dict[str, Text]:
    """Names of the items that exist among `codes`."""
    rows = await ServiceItem.filter(code__in=list(codes)).values("code", "name")
    return {row["code"]: Text.model_validate(row["name"]) for row in rows}


async def everything_to_answer_for() -> list[duties.Item]:
    """Every item with its department and regions, by code: what duties are shared out of."""
    rows = await ServiceItem.all().order_by("code").values("code", "name", "department_code", "regions")
    return [
        duties.Item(r["code"], Text.model_validate(r["name"]), r["department_code"], tuple(r["regions"])) for r in rows
    ]
