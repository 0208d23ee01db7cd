"""
What a text is looked at for before it is sent: the one place for rules about words.

The rules belong to other rooms, which install them. Sends and edits, of both sides, come through here; the check is
pure, so that a repeat of a send is the same message.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """`side`: citizen or clerk."""

    text: str
    side: str


Check = Callable[[Wording], str]
_checks: list[Check] = []


def install(check: Check) -> None:
    """`check(wording)` answers the text as it may be sent, masked where it must be, or raises a HouseError."""
    _checks[:] = [check]


def as_sent(text: str, *, side: str) -> str:
    """Raises what the installed check raises."""
    for check in _checks:
        text = check(Wording(text, side))
    return text
