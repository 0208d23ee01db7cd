"""The roles people have. What a role may do stands at the routes."""

from collections.abc import Iterable

from auth.errors import UnknownRole

CITIZEN_ROLES = frozenset({"citizen"})
STAFF_ROLES = frozenset({"clerk", "supervisor", "finance", "auditor", "admin"})


def staff_roles(named: Iterable[str]) -> list[str]:
    """The roles, sorted and each once. Raises UnknownRole for one staff cannot have, or for none at all."""
    roles = sorted({role.strip() for role in named})
    if not roles or not set(roles) <= STAFF_ROLES:
        raise UnknownRole
    return roles
