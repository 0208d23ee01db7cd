"""Who may get at what, as a table; and that lists are made by the same rules as single things are judged."""

import random
from dataclasses import replace
from uuid import UUID

import pytest

from auth.rights import RULES, Columns, Thing, Values, Who, condition, may
from kit import db

pytestmark = pytest.mark.anyio

ME, OTHER = UUID(int=1), UUID(int=2)
CITY, DISTRICT, STREET, NEXT_DOOR = "440100000000", "440105000000", "440105001000", "440106000000"
IN_STREET = (STREET, DISTRICT, CITY)
ITEM, ANOTHER = "000109101001", "000131101001"

citizen = Who(ME, "citizen", frozenset({"citizen"}), principals=frozenset({ME}))
clerk = Who(ME, "staff", frozenset({"clerk"}), department="GA", below=frozenset({"GA"}), region=DISTRICT)
owner = replace(clerk, department="RS", below=frozenset({"RS"}), duties=frozenset({(ITEM, DISTRICT)}))
chief = replace(clerk, roles=frozenset({"supervisor"}), below=frozenset({"GA", "GA-HJ"}))
case = Thing("case", citizens=frozenset({OTHER}), department="GA", item=ITEM, path=IN_STREET)
talk = replace(case, noun="conversation")

TABLE: list[tuple[str, Who, Thing, bool]] = [
    ("a citizen's own", citizen, Thing("application", citizens=frozenset({ME})), True),
    ("somebody else's", citizen, Thing("application", citizens=frozenset({OTHER})), False),
    ("of who gave a mandate", replace(citizen, principals=frozenset({ME, OTHER})),
     Thing("application", citizens=frozenset({OTHER})), True),
    ("a citizen at the desk", citizen, replace(case, citizens=frozenset({ME})), False),
    ("a clerk of the department", clerk, case, True),
    ("a clerk of another department", replace(clerk, department="RS"), case, False),
    ("a clerk without a department", replace(clerk, department=""), replace(case, department=""), False),
    ("a clerk of the district next door", replace(clerk, region=NEXT_DOOR), case, False),
    ("a clerk of the city above", replace(clerk, region=CITY), case, True),
    ("a clerk of the street it lies in", replace(clerk, region=STREET), case, True),
    ("a clerk of the street, about the district", replace(clerk, region=STREET),
     replace(case, path=(DISTRICT, CITY)), False),
    ("by duty for the item", owner, case, True),
    ("by duty for another item", owner, replace(case, item=ANOTHER), False),
    ("by duty in the district next door", replace(owner, duties=frozenset({(ITEM, NEXT_DOOR)})), case, False),
    ("by duty of the city", replace(owner, duties=frozenset({(ITEM, CITY)})), case, True),
    ("by duty of one street, about the other", replace(owner, duties=frozenset({(ITEM, STREET)})),
     replace(case, path=("440105002000", DISTRICT, CITY)), False),
    ("in their hands", replace(clerk, department="RS"), replace(case, holders=frozenset({ME})), True),
    ("in somebody else's hands", replace(clerk, department="RS"), replace(case, holders=frozenset({OTHER})), False),
    ("a clerk, of a unit below", replace(clerk, below=frozenset({"GA", "GA-HJ"})),
     replace(case, department="GA-HJ"), False),
    ("a supervisor, of a unit below", chief, replace(case, department="GA-HJ"), True),
    ("a supervisor, next door", replace(chief, region=NEXT_DOOR), case, False),
    ("finance at the desk", replace(clerk, roles=frozenset({"finance"})), case, False),
    ("an auditor at the desk", replace(clerk, roles=frozenset({"auditor"})), case, False),
    ("an admin at the desk", replace(clerk, roles=frozenset({"admin"})), case, False),
    ("without any role", replace(clerk, roles=frozenset()), replace(case, holders=frozenset({ME})), False),
    ("a talk that waits, of the department", clerk, replace(talk, waiting=True), True),
    ("a talk a colleague has", clerk, replace(talk, holders=frozenset({OTHER})), False),
    ("a talk that waits, by duty", owner, replace(talk, waiting=True), True),
    ("a talk a colleague has, by duty", owner, talk, False),
    ("a talk a clerk has, for the supervisor", chief, replace(talk, holders=frozenset({OTHER})), True),
    ("a talk of nobody's yet", owner, Thing("conversation", waiting=True), True),
    ("a talk of nobody's that lies next door", owner, Thing("conversation", waiting=True, path=(NEXT_DOOR, CITY)), False),
    ("to act on a talk that only waits", clerk, replace(talk, noun="conversation in hand", waiting=True), False),
    ("a name on the department's desk", clerk, Thing("name claim", desks=frozenset({"GA", "RS"})), True),
    ("a name on another department's desk", clerk, Thing("name claim", desks=frozenset({"RS"})), False),
    ("a name on nobody's desk", replace(clerk, department=""), Thing("name claim", desks=frozenset({""})), False),
    ("a name on their desk, next door", replace(clerk, region=NEXT_DOOR),
     Thing("name claim", desks=frozenset({"GA"}), path=IN_STREET), False),
    ("a name on a desk of a unit below", chief, Thing("name claim", desks=frozenset({"GA-HJ"})), False),
    ("a mandate on their desk, in a street", clerk, Thing("mandate", desks=frozenset({"GA"}), path=IN_STREET), True),
    ("a correction on their desk, an auditor", replace(clerk, roles=frozenset({"auditor"})),
     Thing("correction", desks=frozenset({"GA"})), False),
    ("an agent of the department", chief, Thing("village agent", department="GA", path=IN_STREET), True),
    ("an agent of the department, next door", replace(chief, region=NEXT_DOOR),
     Thing("village agent", department="GA", path=IN_STREET), False),
    ("an agent of the department, a clerk", clerk, Thing("village agent", department="GA", path=IN_STREET), False),
    ("a day of the books, finance", replace(clerk, roles=frozenset({"finance"})), Thing("reconciliation"), True),
    ("a day of the books, auditor", replace(clerk, roles=frozenset({"auditor"})), Thing("reconciliation"), True),
    ("a day of the books, supervisor", chief, Thing("reconciliation"), False),
    ("a deed, auditor", replace(clerk, roles=frozenset({"auditor"})), Thing("audit row", topic="case.read"), True),
    ("a privilege, admin", replace(clerk, roles=frozenset({"admin"})), Thing("audit row", topic="role.granted"), True),
    ("a deed, admin", replace(clerk, roles=frozenset({"admin"})), Thing("audit row", topic="case.read"), False),
    ("a deed, supervisor", chief, Thing("audit row", topic="case.read"), False),
    ("a noun nobody wrote a rule for", chief, replace(case, noun="letter"), False),
]  # fmt: skip


@pytest.mark.parametrize(("who", "thing", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table_of_rights(who: Who, thing: Thing, expected: bool) -> None:
    assert may(who, thing) is expected


def test_every_rule_lets_somebody_in_whom_nothing_else_would() -> None:
    used = {(r.noun, r.role, r.ground) for r in RULES}
    assert len(used) == len(RULES), "a rule is written twice"


ROW = Columns(
    citizens=("t.citizen",), holders=("t.holder",), department="t.department", desks="t.desks",
    item="t.item", lies_in=lambda region: f"{region} = ANY (t.path)", without_region="t.path = '{}'", waiting="t.waiting",
    topic="t.topic",
)  # fmt: skip
FIELDS = "n int, citizen uuid, holder uuid, department text, item text, path text[], waiting bool, topic text"


def some_thing(chance: random.Random, noun: str) -> Thing:
    return Thing(
        noun,
        citizens=frozenset({chance.choice([ME, OTHER])}),
        holders=frozenset({chance.choice([ME, OTHER])}),
        department=chance.choice(["GA", "GA-HJ", "RS", None]),
        desks=frozenset(chance.choice([(), ("GA",), ("RS",), ("GA", "RS"), ("GA-HJ", "SW")])),
        item=chance.choice([ITEM, ANOTHER, None]),
        path=chance.choice([(), IN_STREET, (DISTRICT, CITY), (NEXT_DOOR, CITY), (CITY,)]),
        waiting=chance.random() < 0.5,
        topic=chance.choice(["case.read", "role.granted", "session.ended"]),
    )


async def test_lists_are_filtered_as_single_things_are_judged(database: str) -> None:
    chance = random.Random(20261121)
    people = [row[1] for row in TABLE] + [replace(clerk, roles=frozenset({"clerk", "supervisor", "finance"}))]
    nouns = sorted({r.noun for r in RULES})
    seen = set()
    for who in people:
        for noun in nouns:
            things = [some_thing(chance, noun) for _ in range(40)]
            values = Values()
            rows = values.add([next(iter(t.citizens)) for t in things])
            holders = values.add([next(iter(t.holders)) for t in things])
            departments, items = values.add([t.department for t in things]), values.add([t.item for t in things])
            paths = values.add(["{" + ",".join(t.path) + "}" for t in things])
            desks = values.add(["{" + ",".join(sorted(t.desks)) + "}" for t in things])
            waiting, topics = values.add([t.waiting for t in things]), values.add([t.topic for t in things])
            let_in = condition(who, noun, ROW, values=values)
            found = await db.fetch(
                "SELECT n FROM (SELECT row_number() OVER () - 1 AS n, c AS citizen, h AS holder, d AS department, "
                "i AS item, k::text[] AS desks, p::text[] AS path, w AS waiting, s AS topic FROM unnest("
                f"{rows}::uuid[], {holders}::uuid[], {departments}::text[], {items}::text[], {desks}::text[], {paths}::text[], "
                f"{waiting}::bool[], {topics}::text[]) AS u (c, h, d, i, k, p, w, s)) AS t WHERE {let_in}",
                *values.given,
            )
            expected = {n for n, thing in enumerate(things) if may(who, thing)}
            assert {row["n"] for row in found} == expected, (who, noun)
            seen |= {(noun, n in expected) for n in range(len(things))}
    assert seen == {(noun, let) for noun in nouns for let in (True, False)}, "each noun was let in and was not"
