"""
How a member of staff is let in: held back or not, beside their other sessions or in place of them, and told what
happened to their account meanwhile.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from auth import sessions
from auth.credentials import holds, notes
from auth.credentials.config import CredentialSettings
from auth.credentials.devices import browser_of
from auth.credentials.errors import SignedInAlready
from auth.credentials.models import StaffSignIn
from auth.models import StaffMember
from auth.sessions import Opened, Traces
from kit import audit, clock, db
from kit.config import current
from kit.texts import Text

HELD_BACK_LASTS = timedelta(minutes=30)
ELSEWHERE = "signed_in_elsewhere"

LIVING = """
SELECT s.id, i.device_kind, i.device_name, s.created_at
FROM auth_session s JOIN credentials_staff_sign_in i ON i.session_id = s.id
WHERE s.kind = 'staff' AND s.person = $1 AND i.device_kind = $2 AND i.held_back = '' AND s.ended_at IS NULL
  AND s.ends_at > $3
  AND EXISTS (SELECT 1 FROM auth_refresh_token t WHERE t.session_id = s.id AND t.used_at IS NULL AND t.expires_at > $3)
ORDER BY s.created_at
"""


@dataclass(frozen=True)
class Door:
    """
    Where somebody comes in: `mark` and `source` are digests, `agent` what the browser calls itself, `network` where
    the address lies.
    """

    mark: str
    source: str
    agent: str
    network: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A session of the same person on another device."""

    device_kind: str
    device_name: str
    signed_in_at: datetime


@dataclass(frozen=True)
class Entered:
    """`held_back` is what must be done first; `ended` what this sign-in ended; `told` what happened meanwhile."""

    opened: Opened
    held_back: str
    ended: list[Elsewhere] = field(default_factory=list)
    told: list[Text] = field(default_factory=list)


async def enter(
    member: StaffMember, *, way: Literal["password", "dingtalk", "wecom"], second_factor: str, door: Door
) -> Entered:
    """
    Opens the session. Who is held back is let in for half an hour and for nothing else, and ends nobody's session.

    Raises: SignedInAlready where the office refuses a second session of a kind.
    """
    browser = browser_of(door.agent)
    async with db.transaction():
        await db.execute("SELECT 1 FROM auth_staff_member WHERE id = $1 FOR UPDATE", member.id)
        held_back = await holds.first_of_all(member)
        ended = [] if held_back else await _made_room(member, kind=browser.kind)
        opened = await sessions.open_session(
            kind="staff", person=member.id, device=door.mark, source=door.source,
            lasts=HELD_BACK_LASTS if held_back else None, traces=Traces(way, browser.name, door.network),
        )  # fmt: skip
        await StaffSignIn.create(
            session_id=opened.session.id, way=way, second_factor=second_factor, device_kind=browser.kind,
            device_name=browser.name, held_back=held_back,
        )  # fmt: skip
        told = await notes.to_tell(member.id, for_good=not held_back)
        await audit.record(
            actor=f"staff:{member.id}", action="staff.signed_in", subject=f"session:{opened.session.id}", way=way,
            second_factor=second_factor, held_back=held_back,
        )  # fmt: skip
    return Entered(opened, held_back, ended, [said for _, said in told])


async def enter_again(member: StaffMember, *, session: UUID, door: Door, second_factor: str = "") -> Entered:
    """After what held them back was done: a session of its own, in place of the one in which it was done."""
    before = await StaffSignIn.get(session_id=session)
    async with db.transaction():
        await sessions.end_all(kind="staff", person=member.id, reason="let_on", actor=f"staff:{member.id}")
        return await enter(
            member, way=before.way, second_factor=second_factor or before.second_factor, door=door,  # type: ignore[arg-type]
        )  # fmt: skip


async def _made_room(member: StaffMember, *, kind: str) -> list[Elsewhere]:
    rule = current(CredentialSettings).staff_sessions
    if rule == "many":
        return []
    living = await db.fetch(LIVING, member.id, kind, clock.now())
    if living and rule == "refuse":
        raise SignedInAlready(living[-1]["device_name"])
    for row in living:
        await sessions.end_session(row["id"], reason=ELSEWHERE, actor=f"staff:{member.id}")
    return [Elsewhere(row["device_kind"], row["device_name"], row["created_at"]) for row in living]


async def end_others(member: StaffMember, *, but: UUID, reason: str) -> None:
    """In the open transaction: every session of the member but one."""
    query = "SELECT id FROM auth_session WHERE kind = 'staff' AND person = $1 AND id <> $2 AND ended_at IS NULL"
    for row in await db.fetch(query, member.id, but):
        await sessions.end_session(row["id"], reason=reason, actor=f"staff:{member.id}")


async def was_elsewhere(refresh_token: str) -> bool:
    """Whether the session this token is of was ended by a sign-in on another device."""
    query = (
        "SELECT s.end_reason FROM auth_refresh_token t JOIN auth_session s ON s.id = t.session_id WHERE t.digest = $1"
    )
    return bool(await db.fetch_value(query, sessions.digest_of(refresh_token)) == ELSEWHERE)
