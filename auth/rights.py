"""
Who may get at what: the one place where it is decided.

A role gets at a thing by one of its grounds, as the table says: it is theirs, they hold it, they have a duty for its
item in its region, it is their department's. What no row allows is denied. A staff member's region is their
department's; whatever lies in it is within reach, whatever lies beside it is not.

`may` judges one thing; `condition` says the same as SQL, for lists. Both are made from the same rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

Sql = Callable[[str], str]  # a parameter, or an expression of the thing, to a condition


@dataclass(frozen=True)
class Who:
    """
    Who asks, as the database knows them now (auth/callers.py). `principals`: the citizens they are or act for.
    `below`: their department and those under it. `duties`: (item, region) they answer for today.
    """

    id: UUID
    kind: str  # citizen | staff
    roles: frozenset[str]
    principals: frozenset[UUID] = frozenset()
    department: str = ""
    below: frozenset[str] = frozenset()
    region: str = ""
    duties: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Thing:
    """
    What is asked for. `citizens`: whose it is. `holders`: staff in whose hands it is. `desks`: departments that judge
    it. `path`: its region and those above it; empty when it has none, and then it lies where its department is.
    `waiting`: nobody has it in hand yet.
    """

    noun: str
    citizens: frozenset[UUID] = frozenset()
    holders: frozenset[UUID] = frozenset()
    department: str | None = None
    desks: frozenset[str] = frozenset()
    item: str | None = None
    path: tuple[str, ...] = ()
    waiting: bool = False
    topic: str = ""


@dataclass
class Values:
    """Parameters of a statement, in order."""

    given: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> str:
        self.given.append(value)
        return f"${len(self.given)}"


@dataclass(frozen=True)
class Columns:
    """Where a noun keeps what its rules ask about. Conditions and expressions over the noun's row."""

    citizens: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    department: str = "NULL::text"
    desks: str = "'{}'::text[]"
    item: str = "NULL::text"
    lies_in: Sql = lambda _: "false"  # region code → condition
    without_region: str = "true"
    waiting: str = "false"
    topic: str = "''"


@dataclass(frozen=True)
class Ground:
    """One reason to be let at a thing: in words, as a judgement, as SQL."""

    words: str
    holds: Callable[[Who, Thing], bool]
    sql: Callable[[Who, Columns, Values], str]


def _in_region(who: Who, thing: Thing) -> bool:
    return not thing.path or who.region in thing.path


def _in_region_sql(who: Who, row: Columns, values: Values) -> str:
    return f"({row.without_region} OR {row.lies_in(values.add(who.region) + '::text')})"


def _one_of(expressions: tuple[str, ...], people: Iterator[UUID], values: Values) -> str:
    given = values.add(list(people)) + "::uuid[]"
    return "(" + (" OR ".join(f"{e} = ANY ({given})" for e in expressions) or "false") + ")"


def _duty(who: Who, thing: Thing) -> bool:
    return any(item == thing.item and region in thing.path for item, region in who.duties)


def _duty_sql(who: Who, row: Columns, values: Values) -> str:
    duties = sorted(who.duties)
    items, regions = values.add([d[0] for d in duties]), values.add([d[1] for d in duties])
    return (
        f"EXISTS (SELECT 1 FROM unnest({items}::text[], {regions}::text[]) AS duty (item, region) "  # noqa: S608 - ours
        f"WHERE duty.item = {row.item} AND {row.lies_in('duty.region')})"
    )


def _department_sql(codes: Callable[[Who], frozenset[str]]) -> Callable[[Who, Columns, Values], str]:
    return lambda who, row, values: (
        f"({row.department} = ANY ({values.add(sorted(codes(who)))}::text[]) AND {_in_region_sql(who, row, values)})"
    )


def _own(who: Who) -> frozenset[str]:
    return frozenset({who.department} - {""})


# How the names of acts about rights, accounts and keys begin; what citizens do with theirs is not among them.
PRIVILEGES = (
    "staff.", "role.", "duty.", "head.", "unit.", "shift.", "roster.", "leave.", "agent.", "signing_key.", "audit.",
    "reading.",
)  # fmt: skip


GROUNDS: Mapping[str, Ground] = MappingProxyType(
    {
        "own": Ground(
            "it is theirs, or of somebody who gave them a mandate",
            lambda who, thing: bool(who.principals & thing.citizens),
            lambda who, row, values: _one_of(row.citizens, iter(sorted(who.principals)), values),
        ),
        "held": Ground(
            "it is in their hands",
            lambda who, thing: who.id in thing.holders,
            lambda who, row, values: _one_of(row.holders, iter([who.id]), values),
        ),
        "duty": Ground("they have a duty for its item in its region", _duty, _duty_sql),
        "department": Ground(
            "their department handles it, in their region",
            lambda who, thing: thing.department in _own(who) and _in_region(who, thing),
            _department_sql(_own),
        ),
        "departments below": Ground(
            "their department, or one under it, handles it, in their region",
            lambda who, thing: thing.department in who.below and _in_region(who, thing),
            _department_sql(lambda who: who.below),
        ),
        "desk": Ground(
            "it lies on a desk of their department, in their region",
            lambda who, thing: bool(_own(who) & thing.desks) and _in_region(who, thing),
            lambda who, row, values: (
                f"({row.desks} && {values.add(sorted(_own(who)))}::text[] AND {_in_region_sql(who, row, values)})"
            ),
        ),
        "no department": Ground(
            "no department handles it yet, and it lies in their region",
            lambda who, thing: thing.department is None and _in_region(who, thing),
            lambda who, row, values: f"({row.department} IS NULL AND {_in_region_sql(who, row, values)})",
        ),
        "office": Ground("it is the office's", lambda who, thing: True, lambda who, row, values: "true"),  # noqa: ARG005
        "privilege": Ground(
            "it tells of rights, accounts and keys",
            lambda who, thing: thing.topic.startswith(PRIVILEGES),  # noqa: ARG005
            lambda who, row, values: (  # noqa: ARG005
                f"{row.topic} LIKE ANY ({values.add([p + '%' for p in PRIVILEGES])}::text[])"
            ),
        ),
    }
)


@dataclass(frozen=True)
class Rule:
    """A role gets at a noun on a ground; `only_waiting`: as long as nobody has the thing in hand."""

    noun: str
    role: str
    ground: str
    only_waiting: bool = False


RULES: tuple[Rule, ...] = (
    Rule("application", "citizen", "own"),
    Rule("case", "clerk", "held"),
    Rule("case", "clerk", "duty"),
    Rule("case", "clerk", "department"),
    Rule("case", "supervisor", "held"),
    Rule("case", "supervisor", "duty"),
    Rule("case", "supervisor", "departments below"),
    Rule("conversation", "citizen", "own"),
    Rule("conversation", "clerk", "held"),
    Rule("conversation", "clerk", "duty", only_waiting=True),
    Rule("conversation", "clerk", "department", only_waiting=True),
    Rule("conversation", "clerk", "no department", only_waiting=True),
    Rule("conversation", "supervisor", "held"),
    Rule("conversation", "supervisor", "duty", only_waiting=True),
    Rule("conversation", "supervisor", "departments below"),
    Rule("conversation", "supervisor", "no department"),
    Rule("conversation in hand", "clerk", "held"),
    Rule("conversation in hand", "supervisor", "held"),
    Rule("conversation in hand", "supervisor", "departments below"),
    Rule("conversation in hand", "supervisor", "no department"),
    Rule("answer", "clerk", "held"),
    Rule("answer", "clerk", "duty"),
    Rule("answer", "clerk", "department"),
    Rule("answer", "supervisor", "held"),
    Rule("answer", "supervisor", "duty"),
    Rule("answer", "supervisor", "departments below"),
    Rule("rectification", "citizen", "own"),
    Rule("rectification", "supervisor", "held"),
    Rule("rectification", "supervisor", "departments below"),
    Rule("rectification", "supervisor", "no department"),
    Rule("rectification", "supervisor", "desk"),
    Rule("rating figures", "supervisor", "departments below"),
    Rule("rating figures", "auditor", "office"),
    Rule("rating figures", "admin", "office"),
    Rule("reply", "clerk", "held"),
    Rule("reply", "clerk", "department"),
    Rule("reply", "supervisor", "held"),
    Rule("reply", "supervisor", "departments below"),
    Rule("reply in charge", "clerk", "held"),
    Rule("reply in charge", "supervisor", "held"),
    Rule("reply in charge", "supervisor", "departments below"),
    Rule("name claim", "clerk", "desk"),
    Rule("name claim", "supervisor", "desk"),
    Rule("mandate", "clerk", "desk"),
    Rule("mandate", "supervisor", "desk"),
    Rule("correction", "clerk", "desk"),
    Rule("correction", "supervisor", "desk"),
    Rule("village agent", "supervisor", "department"),
    Rule("bill", "citizen", "own"),
    Rule("bill", "clerk", "department"),
    Rule("bill", "supervisor", "departments below"),
    Rule("bill", "finance", "departments below"),
    Rule("order", "citizen", "own"),
    Rule("receipt", "citizen", "own"),
    Rule("certificate", "citizen", "own"),
    Rule("booking", "citizen", "own"),
    Rule("work order", "citizen", "own"),
    Rule("work order", "clerk", "held"),
    Rule("work order", "clerk", "duty"),
    Rule("work order", "clerk", "department"),
    Rule("work order", "supervisor", "held"),
    Rule("work order", "supervisor", "duty"),
    Rule("work order", "supervisor", "departments below"),
    Rule("work order about a person", "citizen", "own"),
    Rule("work order about a person", "clerk", "held"),
    Rule("work order about a person", "supervisor", "held"),
    Rule("work order about a person", "supervisor", "departments below"),
    Rule("booking place", "clerk", "department"),
    Rule("booking place", "supervisor", "departments below"),
    Rule("reconciliation", "finance", "office"),
    Rule("reconciliation", "auditor", "office"),
    Rule("till", "clerk", "held"),
    Rule("till", "supervisor", "departments below"),
    Rule("till", "finance", "office"),
    Rule("till", "auditor", "office"),
    Rule("refund", "finance", "office"),
    Rule("refund", "auditor", "office"),
    Rule("money", "finance", "office"),
    Rule("money", "auditor", "office"),
    Rule("audit row", "auditor", "office"),
    Rule("audit row", "admin", "privilege"),
)
assert all(rule.ground in GROUNDS for rule in RULES)


def may(who: Who, thing: Thing) -> bool:
    """Whether one of the person's roles has a ground that holds for the thing. Pure; what no row allows is denied."""
    return any(
        GROUNDS[rule.ground].holds(who, thing) and (thing.waiting or not rule.only_waiting)
        for rule in rules_of(who, thing.noun)
    )


def condition(who: Who, noun: str, row: Columns, *, values: Values) -> str:
    """The same as SQL over the noun's rows: true where `may` is. Parameters are added to `values`."""
    parts = [
        f"({GROUNDS[rule.ground].sql(who, row, values)}{f' AND {row.waiting}' if rule.only_waiting else ''})"
        for rule in rules_of(who, noun)
    ]
    return f"({' OR '.join(parts)})" if parts else "false"


def rules_of(who: Who, noun: str) -> list[Rule]:
    """The rows that speak of the noun and one of the person's roles, each ground once."""
    found = {(r.ground, r.only_waiting): r for r in RULES if r.noun == noun and r.role in who.roles}
    return list(found.values())
