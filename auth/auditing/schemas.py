"""Requests and answers of looking through the audit log."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field

from kit.web import Shape, View

WORD = r"^[A-Za-z0-9_.:@-]+$"


class Wanted(Shape):
    """What is looked for. `actor`: `staff:UUID`, a user name, or `system`; `action`: the beginning of its name."""

    actor: str | None = Field(None, max_length=80, pattern=WORD)
    action: str | None = Field(None, max_length=80, pattern=WORD)
    subject: str | None = Field(None, max_length=120, pattern=WORD)
    since: AwareDatetime | None = Field(None, alias="from", description="this moment or later")
    until: AwareDatetime | None = Field(None, description="before this moment")


class ActQuery(Wanted):
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


class Nothing(Shape):
    """An empty object."""


class PartyView(View):
    """Who or what: `kind` as in `staff:UUID`. Names of staff in full, of citizens masked, else none."""

    kind: str
    id: str
    name: str | None = None


class ActView(View):
    """One act. `on_behalf_of`: for whom, when it was not for oneself."""

    seq: int
    at: datetime
    actor: PartyView
    on_behalf_of: PartyView | None
    action: str
    subject: PartyView
    detail: dict[str, Any]
    request_id: str
    digest: str


class ProofView(View):
    """The chain was walked from its first row: so many hold; `broken` names the first that does not, and why."""

    verified_to: int
    at: datetime
    broken_at: int | None = None
    why: str = ""


class ActList(View):
    items: list[ActView]
    next_cursor: str | None
    proof: ProofView | None
