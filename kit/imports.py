"""Validated imports: what was taken, what was the same already, and which rows are at fault and why."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from kit import db


@dataclass(frozen=True)
class Problem:
    """One row at fault."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}"


@dataclass
class ImportReport:
    kind: str
    imported: int = 0
    unchanged: int = 0
    dry_run: bool = False
    problems: list[Problem] = field(default_factory=list)

    def summary(self) -> str:
        done = "would be imported" if self.dry_run else "imported"
        return f"{self.kind}: {self.imported} {done}, {self.unchanged} unchanged, {len(self.problems)} at fault"


class NothingToImport(Exception):
    """The file has no list of the kind that is imported; the sentence names both."""


class RowAtFault(Exception):
    """Raised by a taker for a row that cannot be taken; its text is the reason."""


@dataclass(frozen=True)
class Row:
    file: str
    line: int
    values: dict[str, Any]


Taker = Callable[[Any], Awaitable[bool]]


class _Nothing(Exception):
    """Undoes the transaction of a dry run."""


async def take_rows(
    kind: str, rows: Iterator[Row], *, shape: type[BaseModel], take: Taker, dry_run: bool, keep_going: bool
) -> ImportReport:
    """Validates and takes each row. Without `keep_going` one row at fault means that nothing is taken.

    `take` returns whether the row changed anything and may raise RowAtFault.
    """
    report = ImportReport(kind, dry_run=dry_run)
    try:
        async with db.transaction():
            for row in rows:
                await _take_one(report, row, shape=shape, take=take)
            if dry_run or (report.problems and not keep_going):
                raise _Nothing
    except _Nothing:
        if not dry_run:
            report.imported = 0
    return report


async def _take_one(report: ImportReport, row: Row, *, shape: type[BaseModel], take: Taker) -> None:
    try:
        changed = await take(shape.model_validate(row.values))
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False, include_url=False)
        )
        report.problems.append(Problem(row.file, row.line, reasons))
    except RowAtFault as fault:
        report.problems.append(Problem(row.file, row.line, str(fault)))
    else:
        report.imported += changed
        report.unchanged += not changed


def rows_of(path: Path, key: str, *, needed: bool = True) -> Iterator[Row]:
    """
    Rows of a CSV file, of a YAML file's list `key`, or of every such file in a folder; each knows its line.

    Raises NothingToImport where there is no such list, unless it need not be there: for a folder, in none of its files.
    """
    try:
        if path.is_dir():
            yield from _folder_rows(path, key)
        elif path.suffix == ".csv":
            yield from _csv_rows(path)
        else:
            yield from _yaml_rows(path, key)
    except NothingToImport:
        if needed:
            raise


def _csv_rows(path: Path) -> Iterator[Row]:
    lines = path.read_text("utf-8-sig").split("\n")
    skipped = next((n for n, line in enumerate(lines) if line and not line.startswith("#")), 0)
    reader = csv.DictReader(io.StringIO("\n".join(lines[skipped:])))
    for values in reader:
        yield Row(path.name, skipped + reader.line_num, {k: v for k, v in values.items() if k is not None})


def _folder_rows(folder: Path, key: str) -> Iterator[Row]:
    found = False
    for file in sorted(folder.glob("*.yaml")):
        with suppress(NothingToImport):  # themes lie beside items
            yield from _yaml_rows(file, key)
            found = True
    if not found:
        raise NothingToImport(f"no file in {folder.name} has a list `{key}`")


def _yaml_rows(path: Path, key: str) -> Iterator[Row]:
    root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    lists = [node for name, node in pairs if name.value == key and isinstance(node, yaml.SequenceNode)]
    if not lists:
        raise NothingToImport(f"{path.name} has no list `{key}`")
    for item in lists[0].value:
        values = yaml.SafeLoader("").construct_document(item)
        yield Row(path.name, item.start_mark.line + 1, values if isinstance(values, dict) else {"value": values})
