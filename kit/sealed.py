"""
The register of what is sealed, and its renewal with another key while the office works.

The register is read off the models, so nothing can be forgotten: every binary column `<what>_sealed` is bound to
`<table>.<what>:<primary key>`. A model says what differs: `sealed = {column: (columns its binding is made of)}`, and
`sealed_files = {what: name in the store}` for files sealed as `<table>.<what>:<primary key>`.

Renewing is safe at any time and may be stopped and begun again: rows are taken in batches under their locks, those in
somebody's hands are come back to, and what carries the present key already is not touched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tortoise import Tortoise
from tortoise.fields import BinaryField
from tortoise.models import MetaInfo, Model

from kit import crypto, db, storage

HEAD = 66  # bytes: version, length, key id
ROUNDS = 20  # a row may be locked while we pass; after so many passes over a column we wait for it


@dataclass(frozen=True)
class SealedColumn:
    table: str
    column: str
    place: str  # `table.what`, the head of the binding
    primary: str
    key: tuple[str, ...]  # the columns whose values, joined by colons, end the binding

    def bound_to(self, row: Mapping[str, Any]) -> str:
        return f"{self.place}:{':'.join(str(row[name]) for name in self.key)}"


@dataclass(frozen=True)
class SealedFiles:
    table: str
    place: str
    primary: str
    name: str  # in the store, with the primary key in its braces

    def bound_to(self, key: object) -> str:
        return f"{self.place}:{key}"


@dataclass(frozen=True)
class InUse:
    """How many values of a place carry a key."""

    place: str
    cipher: str
    key_id: str
    values: int


@dataclass
class Resealed:
    done: int = 0
    unreadable: list[str] = field(default_factory=list)  # places whose values did not open; they stay as they are


def columns() -> list[SealedColumn]:
    """Every sealed column of every package, by place."""
    found = [_column(model, name, key) for model in _models() for name, key in _declared(model).items()]
    return sorted(found, key=lambda c: c.place)


def files() -> list[SealedFiles]:
    found = []
    for model in _models():
        for what, name in getattr(model, "sealed_files", {}).items():
            table = _meta(model).db_table
            found.append(SealedFiles(table, f"{table}.{what}", _meta(model).db_pk_column, name))
    return sorted(found, key=lambda f: f.place)


def _models() -> list[type[Model]]:
    assert Tortoise.apps is not None, "the register is read off the models, which are known once the database is open"
    return [model for app in Tortoise.apps.values() for model in app.values()]


def _meta(model: type[Model]) -> MetaInfo:
    return model._meta  # noqa: SLF001 - Tortoise has no other way to ask a model for its table


def _declared(model: type[Model]) -> dict[str, tuple[str, ...]]:
    """Column → what its binding is made of."""
    primary: tuple[str, ...] = (_meta(model).db_pk_column,)
    fields = _meta(model).fields_map.items()
    named = [name for name, kind in fields if isinstance(kind, BinaryField) and name.endswith("_sealed")]
    return dict.fromkeys(named, primary) | dict(getattr(model, "sealed", {}))


def _column(model: type[Model], name: str, key: tuple[str, ...]) -> SealedColumn:
    table, primary = _meta(model).db_table, _meta(model).db_pk_column
    return SealedColumn(table, name, place=f"{table}.{name.removesuffix('_sealed')}", primary=primary, key=key)


async def status() -> list[InUse]:
    """Which keys and ciphers are in use where; one reading of every sealed column and file."""
    found: dict[tuple[str, str, str], int] = {}
    for column in columns():
        for head, values in await _heads(column):
            found[column.place, *crypto.told(head)] = values
    for kind in files():
        for row in await db.fetch(f'SELECT "{kind.primary}" AS key FROM {kind.table}'):  # noqa: S608 - names of models
            beginning = await _head_of_file(kind, row["key"])
            if beginning is not None:
                where = (kind.place, *crypto.told(beginning))
                found[where] = found.get(where, 0) + 1
    return [InUse(*where, values) for where, values in sorted(found.items())]


async def _heads(column: SealedColumn) -> list[tuple[bytes, int]]:
    sealed = f'"{column.column}"'
    rows = await db.fetch(
        f"SELECT substring({sealed} FROM 1 FOR 2 + get_byte({sealed}, 1)) AS head, count(*) AS values "  # noqa: S608
        f"FROM {column.table} WHERE length({sealed}) > 1 GROUP BY 1"
    )
    return [(bytes(row["head"]), row["values"]) for row in rows]


async def _head_of_file(kind: SealedFiles, key: object) -> bytes | None:
    try:
        return crypto.head_of(await storage.beginning(kind.name.format(key), size=HEAD))
    except storage.FileMissing:
        return None


async def reseal(*, batch: int = 500, tell: Callable[[str, int], None] | None = None) -> Resealed:
    """Renews every value that does not carry the present key and cipher. `tell(place, how many so far)` each batch."""
    result = Resealed()
    for column in columns():
        await _reseal_column(column, result, batch=batch, tell=tell)
    for kind in files():
        await _reseal_files(kind, result, batch=batch, tell=tell)
    return result


async def _reseal_column(
    column: SealedColumn, result: Resealed, *, batch: int, tell: Callable[[str, int], None] | None
) -> None:
    skipped: set[str] = set()  # what does not open is met once
    for passage in range(ROUNDS + 1):
        after, done = None, 0
        while rows := await _renewed(column, result, after=after, batch=batch, wait=passage == ROUNDS, skip=skipped):
            after, done = rows[-1]["primary"], done + len(rows)
            if tell is not None:
                tell(column.place, result.done)
        if not await _left(column, skipped):
            return


async def _renewed(
    column: SealedColumn, result: Resealed, *, after: Any, batch: int, wait: bool, skip: set[str]
) -> list[Any]:
    """One batch in one transaction; the rows it went over, in the order of their keys."""
    async with db.transaction():
        rows = await db.fetch(_batch_of(column, after=after, wait=wait), *_values(after, batch))
        for row in rows:
            place = column.bound_to(row)
            try:
                plain = crypto.unseal_bytes(row["sealed"], bound_to=place)
            except crypto.CannotUnseal:
                if place not in skip:
                    skip.add(place)
                    result.unreadable.append(column.place)
                continue
            await db.execute(
                f'UPDATE {column.table} SET "{column.column}" = $1 WHERE "{column.primary}" = $2',  # noqa: S608
                crypto.seal_bytes(plain, bound_to=place), row["primary"],
            )  # fmt: skip
            result.done += 1
    return list(rows)


def _values(after: Any, batch: int) -> tuple[Any, ...]:
    return (crypto.head_now(), batch) if after is None else (crypto.head_now(), batch, after)


def _batch_of(column: SealedColumn, *, after: Any, wait: bool) -> str:
    keys = ", ".join(f'"{name}"' for name in column.key)
    beyond = "" if after is None else f'AND "{column.primary}" > $3 '
    return (
        f'SELECT "{column.primary}" AS primary, {keys}, "{column.column}" AS sealed FROM {column.table} '  # noqa: S608
        f'WHERE substring("{column.column}" FROM 1 FOR length($1::bytea)) <> $1::bytea {beyond}'
        f'ORDER BY "{column.primary}" LIMIT $2 FOR NO KEY UPDATE {"" if wait else "SKIP LOCKED"}'
    )


async def _left(column: SealedColumn, skipped: set[str]) -> bool:
    """Whether rows were locked as we passed, or written by a process that seals with the former key still."""
    left = await db.fetch_value(
        f"SELECT count(*) FROM {column.table} "  # noqa: S608
        f'WHERE substring("{column.column}" FROM 1 FOR length($1::bytea)) <> $1::bytea',
        crypto.head_now(),
    )
    return int(left) > len(skipped)


async def _reseal_files(
    kind: SealedFiles, result: Resealed, *, batch: int, tell: Callable[[str, int], None] | None
) -> None:
    for row in await db.fetch(f'SELECT "{kind.primary}" AS key FROM {kind.table} ORDER BY 1'):  # noqa: S608
        async with db.transaction():  # a row in somebody's hands is having its file written
            await db.execute(
                f'SELECT 1 FROM {kind.table} WHERE "{kind.primary}" = $1 FOR NO KEY UPDATE',  # noqa: S608
                row["key"],
            )
            result.done += await _renew_file(kind, row["key"], result)
        if tell is not None and result.done % batch == 0:
            tell(kind.place, result.done)


async def _renew_file(kind: SealedFiles, key: object, result: Resealed) -> int:
    name, place = kind.name.format(key), kind.bound_to(key)
    try:
        sealed = await storage.get(name)
        if crypto.head_of(sealed) == crypto.head_now():
            return 0
        await storage.put(name, crypto.seal_bytes(crypto.unseal_bytes(sealed, bound_to=place), bound_to=place))
    except storage.FileMissing:
        return 0
    except crypto.CannotUnseal:
        result.unreadable.append(kind.place)
        return 0
    return 1


async def missing_keys() -> dict[str, int]:
    """Keys that values need and the ring does not have → how many values."""
    known, missing = set(crypto.key_ids()), dict[str, int]()
    for use in await status():
        if use.key_id not in known:
            missing[use.key_id] = missing.get(use.key_id, 0) + use.values
    return missing
