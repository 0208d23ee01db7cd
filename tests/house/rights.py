"""docs/rights.md: who may call what, and how far it reaches, from the tables of routes, frames and rules."""

from auth.rights import GROUNDS, PRIVILEGES, RULES
from chat.frames import RIGHTS
from kit.reach import ANYONE, WORDS
from tests.house.answers import everything

ROLES = (ANYONE, "citizen", "clerk", "supervisor", "finance", "auditor", "admin")


def rights_page() -> str:
    lines = [
        "# Rights",
        "",
        "Generated from the code by `make docs`. What no row allows is denied. A role says who may call; the reach says whose",
        "things; whether a single thing is within it is decided by the rules at the end, in `auth/rights.py` alone. `make",
        "matrix` asks every route and every frame as twelve callers and counts the deviations.",
        "",
        "## Reach",
        "",
        "| word | means |",
        "|---|---|",
        *(f"| {word} | {meaning} |" for word, meaning in WORDS.items()),
        "",
        "## Routes",
        "",
        *_table(
            [(f"`{s.method} {s.path}`", dict(s.reach)) for s in sorted(everything(), key=lambda s: (s.path, s.method))]
        ),
        "",
        "## Frames of the socket",
        "",
        *_table([(f"`{frame.__name__}`", dict(right.reach)) for frame, right in RIGHTS.items()]),
        "",
        "## Rules",
        "",
        "A role gets at a thing when one of its grounds holds; each is asked again of the database at every call.",
        "",
        "| thing | role | ground | only while nobody has it in hand |",
        "|---|---|---|---|",
        *(
            f"| {r.noun} | {r.role} | {r.ground}: {GROUNDS[r.ground].words} | {'yes' if r.only_waiting else ''} |"
            for r in RULES
        ),
        "",
        f"Acts that tell of rights, accounts and keys begin with: {', '.join(f'`{p}`' for p in PRIVILEGES)}.",
        "",
    ]
    return "\n".join(lines)


def _table(rows: list[tuple[str, dict[str, str]]]) -> list[str]:
    head = ["| |" + "|".join(f" {role} " for role in ROLES) + "|", "|---" * (len(ROLES) + 1) + "|"]
    return head + [f"| {what} |" + "|".join(f" {reach.get(role, '')} " for role in ROLES) + "|" for what, reach in rows]
