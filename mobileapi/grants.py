"""
What the role the program runs as may do, when it is not the role that owns the tables (separation of duties, MLPS
level 3).

`handheld migrate --app-role NAME` runs as the owner and grants NAME everything it needs and no more: rows may be read
and written, but of what only grows (audit, ledger, histories) nothing can be changed, removed or emptied, and no guard
can be switched off, because that takes the owner.
"""

import re

import asyncpg

from kit import db
from kit.config import BadConfiguration

# Every table with the guard of kit/migrations/0002_guards.py, and what that guard itself keeps.
GROW_ONLY = """
SELECT DISTINCT t.tgrelid::regclass::text AS name FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'kit_append_only' AND NOT t.tgisinternal ORDER BY 1
"""
KEPT_BY_GUARDS = ("kit_audit_top",)


async def grant(url: str, role: str) -> list[str]:
    """
    Grants and withdraws, in one transaction; the tables of which `role` may not change a row.

    Raises: BadConfiguration when there is no such role, it is the owner, or a superuser.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise BadConfiguration("the application role's name takes lower-case letters, digits and _")
    connection = await asyncpg.connect(**db.credentials(url))
    try:
        async with connection.transaction():
            await _refuse_powerful(connection, role)
            guarded = [row["name"] for row in await connection.fetch(GROW_ONLY)]
            for statement in statements(role, guarded=guarded):
                await connection.execute(statement)
    finally:
        await connection.close()
    return [*guarded, *KEPT_BY_GUARDS]


async def _refuse_powerful(connection: asyncpg.Connection, role: str) -> None:
    found = await connection.fetchrow(
        "SELECT rolsuper, rolname = current_user AS owns FROM pg_roles WHERE rolname = $1", role
    )
    if found is None:
        raise BadConfiguration(f"there is no role {role}; make it with: CREATE ROLE {role} LOGIN PASSWORD '…'")
    if found["rolsuper"] or found["owns"]:
        raise BadConfiguration(f"{role} owns the tables or is a superuser; the application needs a role of its own")


def statements(role: str, *, guarded: list[str]) -> list[str]:
    """What is run, in order."""
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE CREATE ON SCHEMA public FROM {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON {name} FROM {role}" for name in guarded),
        *(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {name} FROM {role}" for name in KEPT_BY_GUARDS),
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON tortoise_migrations FROM {role}",
    ]
