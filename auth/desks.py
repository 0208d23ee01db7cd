"""
What lies on a desk of the office itself, and not of an item: who a person is, whom they act for, what is kept of them.

Which departments have the desk, a setting says: `HANDHELD_NAME_DEPARTMENTS`, `HANDHELD_MANDATE_DEPARTMENTS`,
`HANDHELD_DATA_DESK`, each with codes and commas between them. Whose things of it somebody gets at, auth/rights.py.
"""

from auth.callers import WITHIN, path_of, who_is
from auth.rights import Columns, Thing, Values, may
from kit.errors import NotFound
from kit.web import Actor


def departments(setting: str) -> frozenset[str]:
    return frozenset(code.strip() for code in setting.split(",")) - {""}


async def is_let(actor: Actor, noun: str, *, desks: frozenset[str], region: str = "") -> bool:
    """Whether a thing of these departments is within the actor's reach. Without a region it lies where its desk is."""
    return may(await who_is(actor), Thing(noun, desks=desks, path=await path_of(region)))


async def let(actor: Actor, noun: str, *, desks: frozenset[str], region: str = "") -> None:
    """Raises NotFound where `is_let` says no."""
    if not await is_let(actor, noun, desks=desks, region=region):
        raise NotFound


def columns(region: str, *, desks: str) -> Columns:
    """Where a table keeps it: `region` is its column, `desks` an expression of text[]."""
    return Columns(
        desks=desks, without_region=f"{region} = ''", lies_in=lambda code: f"{region} IN {WITHIN.format(code=code)}"
    )


def desks_now(setting: str, *, values: Values) -> str:
    """The departments of a setting as an expression of text[]."""
    return values.add(sorted(departments(setting))) + "::text[]"
