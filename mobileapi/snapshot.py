"""
The whole schema in one script, for a database that is empty: what all migrations give, one after the other.

To run them all takes a minute on a small machine, for each of them looks at every model there is. `make schema` runs
them once and keeps the statements; the script is used as long as it was made of just the migrations that are here, and
a test compares both ways.
"""

import asyncio
import hashlib
import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor

from kit import db
from mobileapi.settings import APPS, tables

SCRIPT = Path(__file__).with_name("schema.sql")
MARK = "-- of the migrations "


def digest() -> str:
    """Of all migrations that are here, their names and their text."""
    told = hashlib.sha256()
    for label, file in _files():
        told.update(f"{label}/{file.name}\0".encode() + file.read_bytes() + b"\0")
    return told.hexdigest()


def _files() -> Iterator[tuple[str, Path]]:
    for label, models in sorted(APPS.items()):
        package = importlib.import_module(models.rsplit(".", 1)[0] + ".migrations")
        for file in sorted(Path(package.__path__[0]).glob("[0-9]*.py")):
            yield label, file


def usable(kept: Path = SCRIPT) -> str | None:
    """The script; None when there is none, or it was made of other migrations than are here."""
    if not kept.exists():
        return None
    script = kept.read_text()
    return script if script.startswith(f"{MARK}{digest()}\n") else None


async def load(connection: asyncpg.Connection) -> bool:
    """Gives an empty database its schema, all or nothing; False when migrations have to do it."""
    script = usable()
    if script is None:
        return False
    async with connection.transaction():
        await connection.execute(script)
    return True


class _Listening(AsyncpgSchemaEditor):
    heard: list[str]

    async def _run_sql(self, sql: str) -> None:
        self.heard.append(sql)
        await super()._run_sql(sql)


class _Executor(MigrationExecutor):
    """Runs migrations, and keeps what they say."""

    def __init__(self, connection: Any, apps: Any) -> None:
        super().__init__(connection, apps)
        self.heard: list[str] = []

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> AsyncpgSchemaEditor:
        editor = _Listening(self.connection, atomic=atomic, collect_sql=collect_sql)
        editor.heard = self.heard
        return editor


async def made_of(url: str) -> str:
    """Migrates the empty database at `url`; the script that gives the same."""
    config = tables(url)
    await Tortoise.init(config=config, init_connections=False)
    executor = _Executor(get_connection("default"), config["apps"])
    recorded = AsyncpgSchemaEditor(executor.connection)._get_model_sql_data(executor.recorder.model)  # noqa: SLF001 - its name is nowhere else
    executor.heard.append(recorded.table_sql)
    await executor.migrate(direction="forward")
    rows = await db.fetch("SELECT app, name FROM tortoise_migrations ORDER BY id")
    await db.close_database()
    done = ",\n".join(f"  ('{row['app']}', '{row['name']}', now())" for row in rows)
    statements = [f"{sql.strip().rstrip(';')};" for sql in executor.heard]
    return "\n".join(
        [f"{MARK}{digest()}", "-- Written by `make schema`. Changes belong into migrations.", "", *statements,
         f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES\n{done};", ""]
    )  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hho-schema-") as folder:
        Path(folder).chmod(0o755)
        SCRIPT.write_text(asyncio.run(made_of(db.start_embedded(Path(folder)))))
    print(f"{SCRIPT.name}: {SCRIPT.stat().st_size // 1024} KiB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
