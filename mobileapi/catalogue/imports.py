"""
Items, themes and synonyms out of the operator's files. The same guide again makes no new version.

A folder, or a file, of YAML with `items`; `themes.yaml` and `synonyms.txt` are taken along when they lie in the folder
or beside it.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from kit import audit, clock, events
from kit.ids import new_id
from kit.imports import ImportReport, Row, RowAtFault, rows_of, take_rows
from kit.texts import Text
from mobileapi.catalogue import search, shelf, words
from mobileapi.catalogue.events import GuidePublished
from mobileapi.catalogue.guide import Guide, TimeLimit
from mobileapi.catalogue.models import ItemVersion, ServiceItem, SynonymGroup, Theme

# A guide must name every material; words that leave the door open are forbidden in it.
VAGUE = ("其他材料", "有关材料", "相关材料", "其它材料", "等材料", "规定的材料")
INDEXED_AS = 1  # raise it when the search vector is made otherwise: unchanged items are then indexed afresh


class ThemeRow(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: str = Field(pattern=r"^[a-z_]{2,40}$")
    name: Text
    position: int = 0


class CatalogueFileRow(BaseModel):
    """One entry of the catalogue's files: a theme, a line of synonyms, or an item."""

    theme: ThemeRow | None = None
    synonyms: list[str] | None = None
    item: Guide | None = None


async def import_items(path: Path, *, dry_run: bool = False, keep_going: bool = False) -> ImportReport:
    """Imports the items of `path`, and the themes and synonyms that come with them."""
    seen: set[str] = set()

    async def take(row: CatalogueFileRow) -> bool:
        if row.theme is not None:
            return await _take_theme(row.theme)
        if row.synonyms is not None:
            return await _take_synonyms(row.synonyms)
        assert row.item is not None, "the reader of the files gives one of the three"
        if row.item.code in seen:
            raise RowAtFault(f"the item {row.item.code} was given before")
        seen.add(row.item.code)
        return await take_item(row.item)

    report = await take_rows(
        "items", _rows(path), shape=CatalogueFileRow, take=take, dry_run=dry_run, keep_going=keep_going
    )
    shelf.look_again()
    return report


def _rows(path: Path) -> Iterator[Row]:
    folder = path if path.is_dir() else path.parent
    for name, read in (("themes.yaml", _themes), ("synonyms.txt", _synonyms)):
        file = next((f for f in (folder / name, folder.parent / name) if f.is_file()), None)
        yield from read(file) if file and path.is_dir() else ()
    for row in rows_of(path, "items"):
        yield Row(row.file, row.line, {"item": row.values})


def _themes(file: Path) -> Iterator[Row]:
    for position, row in enumerate(rows_of(file, "themes")):
        yield Row(row.file, row.line, {"theme": {"position": position} | row.values})


def _synonyms(file: Path) -> Iterator[Row]:
    for line, group in enumerate(file.read_text("utf-8").splitlines(), 1):
        same = [word.strip() for word in group.split(",") if word.strip()]
        if same and not group.startswith("#"):
            yield Row(file.name, line, {"synonyms": same})


async def _take_theme(row: ThemeRow) -> bool:
    wanted: dict[str, Any] = {"name": row.name.model_dump(), "position": row.position}
    theme = await Theme.get_or_none(code=row.code)
    if theme is None:
        await Theme.create(code=row.code, **wanted)
        return True
    if (theme.name, theme.position) == (wanted["name"], wanted["position"]):
        return False
    await Theme.filter(code=row.code).update(**wanted)
    return True


async def _take_synonyms(group: list[str]) -> bool:
    """A group is known by its first word: the line of a file replaces the group that began the same."""
    if len(group) < 2:
        raise RowAtFault("a group of synonyms has at least two words")
    words.teach(group)
    for known in await SynonymGroup.all():
        if known.words == group:
            return False
        if known.words[0] == group[0]:
            await SynonymGroup.filter(id=known.id).update(words=group)
            return True
    await SynonymGroup.create(words=group)
    return True


async def take_item(guide: Guide) -> bool:
    """Publishes the guide as the item's next version, unless it says what the current one says."""
    _refuse_vague_words(guide)
    _refuse_impossible_limits(guide)
    await _refuse_unknown_themes(guide)
    content = guide.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    current = await ServiceItem.select_for_update().get_or_none(code=guide.code)
    if current is not None and await ItemVersion.exists(item_id=guide.code, version=current.version, digest=digest):
        if current.summary.get("indexed_as") != INDEXED_AS:
            await _show(guide, version=current.version)
        return False
    version = current.version + 1 if current else 1
    await _show(guide, version=version)
    await ItemVersion.create(
        id=new_id(), item_id=guide.code, version=version, guide=content, digest=digest, effective_from=clock.now()
    )
    await audit.record(actor="system", action="item.published", subject=f"item:{guide.code}", version=version)
    if current is not None:
        await events.publish(GuidePublished(guide.code, version))
    return True


async def _show(guide: Guide, *, version: int) -> None:
    """Puts the version forward: in lists, in filters, in the search."""
    wanted: dict[str, Any] = {
        "name": guide.name.model_dump(), "department_code": guide.department, "themes": guide.themes,
        "regions": guide.regions, "summary": _summary(guide), "version": version, "updated_at": clock.now(),
    }  # fmt: skip
    await ServiceItem.update_or_create(code=guide.code, defaults=wanted)
    await search.index(guide)


def _summary(guide: Guide) -> dict[str, Any]:
    names = {"case_type", "online", "promised_limit", "visits", "assurance", "aliases"}
    fee = {"charged": guide.fee.charged, "amount_fen": guide.fee.amount_fen}
    return guide.model_dump(mode="json", include=names) | {"fee": fee, "indexed_as": INDEXED_AS}


def _refuse_vague_words(guide: Guide) -> None:
    named = [(f"material {m.code}", t) for m in guide.materials for t in (m.name, m.reason, m.note) if t is not None]
    for place, sentence in [*named, *(("conditions", condition) for condition in guide.conditions)]:
        for word in VAGUE:
            if word in sentence.zh:
                raise RowAtFault(f"{place}: the word {word} leaves open what is asked; name it")


def _refuse_impossible_limits(guide: Guide) -> None:
    """A promise may shorten the legal limit and never lengthen it, and its steps fit into it."""
    promised, statutory = guide.promised_limit, guide.statutory_limit
    if promised.unit == statutory.unit and promised.days > statutory.days:
        raise RowAtFault("promised_limit: longer than the statutory limit")
    counted = sum(step.working_days for step in guide.steps if step.counted)
    if promised.unit == "working_days" and counted > _days(promised):
        raise RowAtFault(f"steps: they take {counted} working days, {promised.days} are promised")


def _days(limit: TimeLimit) -> int:
    return max(limit.days, 1)  # 0 days: done while one waits, which is within a day


async def _refuse_unknown_themes(guide: Guide) -> None:
    known: set[Any] = set(await Theme.filter(code__in=guide.themes).values_list("code", flat=True))
    for theme in guide.themes:
        if theme not in known:
            raise RowAtFault(f"the theme {theme} is not known")
