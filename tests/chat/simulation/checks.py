"""What has to hold, asked of the tables: at every instant, at the end of every tick, and of the whole story."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chat.routing import REASONS
from kit import db
from tests.chat.simulation.town import PATIENCE, Clerk, Town

NOT_WHOLE = """
SELECT id, state FROM chat_conversation c WHERE NOT CASE state
  WHEN 'queued' THEN queued_at IS NOT NULL AND clerk_id IS NULL AND inquiry_due_at IS NULL
  WHEN 'offered' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'assigned' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'inquiry' THEN clerk_id IS NULL AND queued_at IS NULL AND EXISTS (
    SELECT 1 FROM chat_inquiry i WHERE i.conversation_id = c.id AND i.taken_at IS NULL AND i.owner IS NOT NULL)
  ELSE state = 'closed' END
"""
TOO_MANY = """
SELECT p.staff_id, p.capacity, count(c.id) FROM chat_presence p JOIN chat_conversation c
  ON (c.clerk_id = p.staff_id AND c.state IN ('assigned', 'offered')) OR c.returns_to = p.staff_id
GROUP BY p.staff_id HAVING count(c.id) > p.capacity
"""


@dataclass
class Findings:
    """`violations` in words; the rest are the figures of the run."""

    violations: list[str] = field(default_factory=list)
    samples: int = 0
    longest_with_a_free_clerk_s: float = 0.0
    longest_with_a_vanished_clerk_s: float = 0.0
    waits: list[float] = field(default_factory=list)


async def sample(connection: asyncpg.Connection, found: Findings) -> None:
    """Exactly one owner, queue place or date; nobody above their number of places."""
    found.violations += [f"not whole: {dict(row)}" for row in await connection.fetch(NOT_WHOLE)]
    found.violations += [f"above capacity: {dict(row)}" for row in await connection.fetch(TOO_MANY)]
    found.samples += 1


QUEUED = "SELECT id, item_code, tried, queued_at, application FROM chat_conversation WHERE state = 'queued'"
SEATS = """
SELECT p.staff_id, p.status, p.capacity, p.left_at, (SELECT count(*) FROM chat_conversation c
  WHERE (c.clerk_id = p.staff_id AND c.state IN ('assigned', 'offered')) OR c.returns_to = p.staff_id) AS load
FROM chat_presence p
"""


class Watchers:
    """Remembers since when somebody waited although a fitting clerk was free, and for a clerk who had vanished."""

    def __init__(self, town: Town, found: Findings) -> None:
        self.town, self.found = town, found
        self.free_since: dict[UUID, datetime] = {}

    async def look(self, now: datetime) -> None:
        seats = {r["staff_id"]: r for r in await db.fetch(SEATS)}
        free = [c for c in self.town.clerks.values() if self._free(c, seats.get(c.id), now)]
        waiting = await db.fetch(QUEUED)
        for row in waiting:
            if not any(_fits(clerk, row, now) for clerk in free):
                self.free_since.pop(row["id"], None)
                continue
            waited = (now - self.free_since.setdefault(row["id"], now)).total_seconds()
            self.found.longest_with_a_free_clerk_s = max(self.found.longest_with_a_free_clerk_s, waited)
            if waited > 5:
                self.found.violations.append(f"{row['id']} waits for {waited} s while a fitting clerk is free")
        for gone in self.free_since.keys() - {row["id"] for row in waiting}:
            del self.free_since[gone]
        await self._vanished(now)

    def _free(self, clerk: Clerk, seat: Any, now: datetime) -> bool:
        there = clerk.alive and clerk.on_duty(now) and seat is not None and seat["left_at"] is None
        return there and seat["status"] == "online" and seat["load"] < seat["capacity"]

    async def _vanished(self, now: datetime) -> None:
        held = "SELECT id, clerk_id FROM chat_conversation WHERE state = 'offered' OR (state = 'assigned' AND awaiting = 'clerk')"
        for row in await db.fetch(held):
            clerk = self.town.clerks[row["clerk_id"]]
            if clerk.alive:
                continue
            age = (now - clerk.last_alive).total_seconds()
            self.found.longest_with_a_vanished_clerk_s = max(self.found.longest_with_a_vanished_clerk_s, age)
            if age > 60:
                self.found.violations.append(f"{row['id']} is with a clerk who vanished {age} s ago")


def _fits(clerk: Clerk, row: Any, now: datetime) -> bool:
    role, long = clerk.role_for(row["item_code"]), now - row["queued_at"] >= PATIENCE
    if role is None or (str(clerk.id) in json.loads(row["tried"]) and not long):
        return False
    return long or role in {"owner", "backup", "other"}


STORY = """
SELECT x.id, x.conversation_id, x.from_state, x.to_state, x.clerk, x.reason_code, x.note, x.at, c.created_at,
  c.application, c.item_code,
  concat_ws('|', c.item_code, c.department_code, c.region_code) AS matter
FROM chat_conversation_change x JOIN chat_conversation c ON c.id = x.conversation_id ORDER BY x.id
"""
DECLINING = {"declined", "offer ran out", "clerk vanished", "answer overdue", "shift ended"}


async def judge_the_story(town: Town, found: Findings) -> None:
    """Every decision has its reason; of one matter nobody is served before somebody who came earlier and fits as well."""
    waiting: dict[str, dict[UUID, datetime]] = defaultdict(dict)
    tried: dict[UUID, set[UUID]] = defaultdict(set)
    since: dict[UUID, datetime] = {}
    last_clerk: dict[UUID, UUID] = {}
    for row in await db.fetch(STORY):
        id_, here = row["conversation_id"], waiting[row["matter"]]
        if row["reason_code"] not in REASONS:
            found.violations.append(f"no reason: {dict(row)}")
        if row["note"] in DECLINING and id_ in last_clerk:
            tried[id_].add(last_clerk[id_])
        mine = here.pop(id_, None)
        if mine is not None and row["to_state"] in {"offered", "assigned"}:
            found.waits.append((row["at"] - since[id_]).total_seconds())
            role = town.clerks[row["clerk"]].role_for(row["item_code"])
            found.violations += [
                f"{id_} overtook {other} at {role} {row['clerk']}"
                for other, came in here.items()
                if came < row["created_at"] and _served_by(row, since[other], tried[other], role)
            ]
        if row["to_state"] == "queued":
            here[id_] = row["created_at"]
            since[id_] = row["at"]
        if row["clerk"] is not None:
            last_clerk[id_] = row["clerk"]


def _served_by(row: Any, since: datetime, tried: set[UUID], role: str | None) -> bool:
    """Whether the clerk of this decision could have been given to somebody who came earlier and waits `since` then."""
    if row["reason_code"] == "sticky_case" or since >= row["at"]:  # at the same instant: not there when it was decided
        return False
    if row["at"] - since >= PATIENCE:
        return True
    return role in {"owner", "backup", "other"} and row["clerk"] not in tried
