"""
Whether somebody may act for somebody else, asked of the database at every call; nothing is kept between calls.

Inside a transaction the mandate's row is share-locked until it ends: whoever revokes waits for the act, or the act
finds the mandate revoked. There is nothing between the look and the write.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from auth.acting.models import LegalPerson
from auth.callers import who_is
from auth.citizens import citizen, masked_name, masked_phone
from auth.models import Citizen
from auth.rights import Who
from kit import clock, db
from kit.errors import NotFound
from kit.web import Actor

Doing = Literal["read", "file", "pay", "consult"]
DOINGS: tuple[Doing, ...] = ("read", "file", "pay", "consult")

# `doings` of a row always hold "read". A village agent acts while the appointment stands.
NO_ITEM = ""  # of a matter that belongs to no item: a mandate for certain items does not reach it
STANDS = """
SELECT m.id, m.kind, m.relation, m.doings, m.items, m.manages, m.valid_to
FROM acting_mandate m
JOIN auth_citizen a ON a.id = m.agent_id AND a.disabled_at IS NULL
JOIN auth_citizen p ON p.id = m.principal_id AND p.disabled_at IS NULL
WHERE m.agent_id = $1 AND m.principal_id = $2 AND m.state = 'active'
  AND m.valid_from <= $3 AND (m.valid_to IS NULL OR m.valid_to >= $3)
  AND ($4::text IS NULL OR m.doings ? $4) AND ($5::text IS NULL OR m.items IS NULL OR m.items ? $5)
  AND (NOT $6::boolean OR m.manages)
  AND (m.appointment_id IS NULL OR EXISTS (
    SELECT 1 FROM acting_appointment t WHERE t.id = m.appointment_id AND t.state = 'active' AND t.valid_to >= $3
      AND ($5::text IS NULL OR t.items ? $5)))
ORDER BY m.items IS NOT NULL, m.asked_at
LIMIT 1
FOR SHARE OF m
"""


@dataclass(frozen=True)
class Standing:
    """The mandate acted under. `items` none: every item."""

    id: UUID
    kind: str
    relation: str
    doings: frozenset[str]
    items: frozenset[str] | None
    manages: bool
    valid_to: date | None

    def covers(self, item: str | None) -> bool:
        return item is None or self.items is None or item in self.items


@dataclass(frozen=True)
class Principal:
    """
    Whose matter it is. `id` is what requests name in `on_behalf_of`, and the account that owns the rows, of a firm too;
    `citizen_id` is the same for a person and empty for a firm. `name` is as others may read it.
    """

    kind: Literal["citizen", "legal_person"]
    id: UUID
    citizen_id: UUID | None
    name: str
    mandate: Standing


async def standing_for(actor: Actor, principal: UUID, *, doing: Doing, item: str | None = None) -> Principal:
    """
    The represented, when the actor may do this for them today; `item` the service item it is about, NO_ITEM of a
    matter that is no item's, None to ask about any item.

    Raises: NotFound. No mandate, another scope, ended, revoked, unknown: all alike.
    """
    return await _found(actor, principal, doing=doing, item=item, managing=False)


async def acting_as(actor: Actor, owner: UUID, *, doing: Doing, item: str | None = None) -> Who:
    """
    The caller as auth/rights.py judges them; `owner` is among their principals when a mandate lets them do this.

    Raises: NotFound for an owner they do not act for.
    """
    who = await who_is(actor)
    if actor.kind != "citizen" or owner in who.principals:
        return who
    await standing_for(actor, owner, doing=doing, item=item)
    return replace(who, principals=who.principals | {owner})


async def managing_for(actor: Actor, principal: UUID) -> Principal:
    """The represented, when the actor may invite and end their operators. Raises NotFound."""
    return await _found(actor, principal, doing=None, item=None, managing=True)


async def _found(actor: Actor, principal: UUID, *, doing: str | None, item: str | None, managing: bool) -> Principal:
    if actor.kind != "citizen" or principal == actor.id:
        raise NotFound
    rows = await db.fetch(STANDS, actor.id, principal, clock.today(), doing, item, managing)
    if not rows:
        raise NotFound
    row = rows[0]
    standing = Standing(
        row["id"], row["kind"], row["relation"], frozenset(_listed(row["doings"])),
        frozenset(_listed(row["items"])) if row["items"] not in {None, "null"} else None, row["manages"],
        row["valid_to"],
    )  # fmt: skip
    return await principal_of(principal, standing)


def _listed(column: str) -> list[str]:
    told: list[str] = json.loads(column)
    return told


MAY_ACT_FOR = """
SELECT DISTINCT m.principal_id FROM acting_mandate m JOIN auth_citizen p ON p.id = m.principal_id
WHERE m.agent_id = $1 AND m.state = 'active' AND m.valid_from <= $2 AND (m.valid_to IS NULL OR m.valid_to >= $2)
  AND m.doings ? $3 AND p.disabled_at IS NULL AND ($4::text IS NULL OR m.items IS NULL OR m.items ? $4)
  AND (m.appointment_id IS NULL OR EXISTS (
    SELECT 1 FROM acting_appointment t WHERE t.id = m.appointment_id AND t.state = 'active' AND t.valid_to >= $2
      AND ($4::text IS NULL OR t.items ? $4)))
"""


async def principals_of(actor: Actor, *, doing: Doing, item: str | None = None) -> list[UUID]:
    """Everybody the actor may do this for today. What is then done is judged by `standing_for`."""
    return [row["principal_id"] for row in await db.fetch(MAY_ACT_FOR, actor.id, clock.today(), doing, item)]


async def principal_of(account: UUID, standing: Standing) -> Principal:
    firm = await LegalPerson.get_or_none(account_id=account)
    if firm is not None:
        return Principal("legal_person", account, None, firm.name, standing)
    return Principal("citizen", account, account, shown(await citizen(account)), standing)


def shown(person: Citizen) -> str:
    """张*, or the phone as far as others may see it."""
    return masked_name(person) or masked_phone(person) or ""
