"""
How far a route or a frame reaches: whose things a role may get at through it, in the words of the office.

Every row of the tables of routes and frames says it for each of its roles; one that does not cannot be declared. The
words promise; `auth/rights.py` decides about the single thing, and the access matrix proves that both say the same.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

Reach = Literal["public", "holder", "self", "own", "desk", "department", "region", "privileges", "all"]

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "public": "anybody, signed in or not; it tells nothing of any person",
        "holder": "whoever holds the code, link, secret or signature that the request carries; nothing can be listed",
        "self": "the caller's own account, sessions and seat; no other thing can be named",
        "own": "what is the caller's, or is of somebody the caller has a mandate for",
        "desk": "what is on the caller's desk: held by them, theirs by duty (item × region), or their department's",
        "department": "what their department has in their region, in anybody's hands, and what is on their own desk",
        "region": "what lies in the caller's region and in the regions within it",
        "privileges": "acts about rights, accounts and keys, of the whole office",
        "all": "the whole office",
    }
)
assert set(WORDS) == set(get_args(Reach))
UNSIGNED = frozenset({"public", "holder"})
ANYONE = "anyone"  # stands in the place of a role where nobody needs to sign in


def reach_by_role(
    roles: Iterable[str], reach: Reach | Mapping[str, Reach] | None, *, public: bool, where: str
) -> Mapping[str, Reach]:
    """
    Role → word, for a row of a table of routes or frames. `reach` is one word for all roles, or a word for each.

    Fails with AssertionError when a row does not say how far it reaches: it then cannot be declared at all.
    """
    if public:
        word = reach or "public"
        assert isinstance(word, str), f"{where} has one reach for everybody"
        assert word in UNSIGNED, f"{where} needs no sign-in, so it reaches public or holder"
        return MappingProxyType({ANYONE: word})
    named = frozenset(roles)
    assert reach is not None, f"{where} must say how far it reaches: reach= one of {', '.join(WORDS)} (kit/reach.py)"
    told = dict.fromkeys(sorted(named), reach) if isinstance(reach, str) else dict(reach)
    assert set(told) == named, f"{where} must say the reach of each of its roles: {', '.join(sorted(named))}"
    for word in told.values():
        assert word in WORDS.keys() - UNSIGNED, f"{where} reaches {word!r}, which is none of {', '.join(WORDS)}"
    return MappingProxyType(told)
