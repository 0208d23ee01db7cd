"""The schema an empty database is given is what the migrations give."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kit import db
from mobileapi import snapshot
from mobileapi.tables import not_applied
from tests.database import empty_database

pytestmark = pytest.mark.anyio

STRUCTURE = {
    "columns": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, "
    "pg_get_expr(d.adbin, d.adrelid) AS given, c.relkind::text, c.reloptions FROM pg_class c "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
    "WHERE c.relnamespace = 'public'::regnamespace",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions": "SELECT p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) FROM pg_proc p "
    "WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "sequences": "SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'",
    "migrations": "SELECT app, name FROM tortoise_migrations",
}  # fmt: skip


async def structure(url: str) -> dict[str, set[Any]]:
    connection = await asyncpg.connect(**db.credentials(url))
    try:
        return {what: {str(tuple(row)) for row in await connection.fetch(sql)} for what, sql in STRUCTURE.items()}
    finally:
        await connection.close()


def test_the_script_was_written_after_the_last_change_of_a_migration() -> None:
    assert snapshot.usable() is not None, "run `make schema` and commit mobileapi/schema.sql"


def test_a_script_of_other_migrations_is_not_used(tmp_path: Path) -> None:
    mark, _, rest = snapshot.SCRIPT.read_text().partition("\n")
    other = tmp_path / "schema.sql"
    assert snapshot.usable(other) is None
    other.write_text(f"{mark[:-1]}{'0' if mark[-1] != '0' else '1'}\n{rest}")
    assert snapshot.usable(other) is None
    other.write_text(f"{mark}\n{rest}")
    assert snapshot.usable(other) is not None


async def test_the_script_and_the_migrations_build_the_same(template_url: str) -> None:
    """The template of all tests was built by the script."""
    assert await not_applied(template_url) == []
    async with empty_database(template_url) as slow:
        await snapshot.made_of(slow)
        one, other = await asyncio.gather(structure(template_url), structure(slow))
    for what in STRUCTURE:
        of_the_jobs = {row for row in one[what] if "procrastinate" in row}
        assert one[what] - of_the_jobs == other[what], what
        assert other[what], what
