"""Schema: migrations of all packages, one runner at a time, and the job tables.

`python -m mobileapi.tables makemigrations` writes the next migration of every package whose models changed. Packages
refer to each other, so it looks at all of them and takes no label.
"""

import asyncio
import importlib
import pkgutil
import sys
from typing import Any

import asyncpg
from procrastinate.schema import SchemaManager
from tortoise.cli import cli as tortoise_cli
from tortoise.migrations.api import migrate as run_migrations

from kit import db
from mobileapi import snapshot
from mobileapi.settings import APPS, load, tables

MIGRATION_LOCK = 0x48484F02  # advisory lock: of several processes one migrates, the others wait


async def migrate(url: str) -> None:
    """Brings the database at `url` up to date. Safe to call from many processes at once."""
    c = db.credentials(url)
    lock = await asyncpg.connect(**c)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        if await lock.fetchval("SELECT to_regclass('procrastinate_jobs')") is None:
            await lock.execute(SchemaManager.get_schema())
        if await lock.fetchval("SELECT to_regclass('tortoise_migrations')") is None and await snapshot.load(lock):
            return
        if await not_applied(url):
            await run_migrations(config=tables(url), direction="forward")
            await db.close_database()
    finally:
        await lock.close()


async def not_applied(url: str) -> list[str]:
    """Migrations of the program that the database has not seen, as `package.name`."""
    connection = await asyncpg.connect(**db.credentials(url))
    try:
        made = await connection.fetchval("SELECT to_regclass('tortoise_migrations')")
        rows = await connection.fetch("SELECT app, name FROM tortoise_migrations") if made else []
    finally:
        await connection.close()
    known = {f"{label}.{name}" for label, models in APPS.items() for name in _written(models)}
    return sorted(known - {f"{row['app']}.{row['name']}" for row in rows})


def _written(models: str) -> list[str]:
    package = importlib.import_module(models.rsplit(".", 1)[0] + ".migrations")
    return [found.name for found in pkgutil.iter_modules(package.__path__) if found.name[0].isdigit()]


def main(arguments: list[str]) -> None:
    settings = load()
    url = settings.database_url or db.start_embedded(settings.data_dir)
    CONFIG.update(tables(url))
    sys.exit(asyncio.run(tortoise_cli.run_cli_async(["-c", "mobileapi.tables.CONFIG", *arguments])))


CONFIG: dict[str, Any] = {}

if __name__ == "__main__":
    importlib.import_module("mobileapi.tables").main(
        sys.argv[1:]
    )  # the same module Tortoise's command line will import
