"""By which way sessions were opened, so that closing a way ends them."""

from uuid import UUID

from auth import sessions
from auth.joining.models import SessionWay
from auth.models import PlatformIdentity
from kit import db

OPENED_BY = """
SELECT s.id FROM auth_session s LEFT JOIN joining_session_way w ON w.session = s.id
WHERE s.kind = 'citizen' AND s.person = $1 AND s.ended_at IS NULL AND {way}
"""
# Sessions a phone let in by scan are told by the ticket: what let them in, was opened this way itself.
LET_IN = "SELECT c.session FROM auth_scan c WHERE c.citizen_session = $1 AND c.session IS NOT NULL"


async def came_by_tap(session: UUID, *, platform: str, app_id: str, open_id: str) -> None:
    """Notes the identity that opened the session, in the open transaction."""
    identity = await PlatformIdentity.get(platform=platform, app_id=app_id, open_id=open_id)
    await SessionWay.create(session=session, identity=identity.id, way="one_tap")


async def came_by_sms(session: UUID) -> None:
    await SessionWay.create(session=session, identity=None, way="sms")


async def end_opened_by_identity(person: UUID, identity: UUID, *, reason: str, actor: str) -> int:
    """Ends the sessions an identity opened, those of which nobody knows the way, and what they let in."""
    rows = await db.fetch(OPENED_BY.format(way="(w.identity = $2 OR w.session IS NULL)"), person, identity)
    return await _end([row["id"] for row in rows], reason=reason, actor=actor)


async def end_opened_by_sms(person: UUID, *, reason: str, actor: str) -> int:
    """Ends the sessions a code to the account's number opened, and what they let in."""
    rows = await db.fetch(OPENED_BY.format(way="w.way = 'sms'"), person)
    return await _end([row["id"] for row in rows], reason=reason, actor=actor)


async def _end(opened: list[UUID], *, reason: str, actor: str) -> int:
    ended = 0
    for session in opened:
        await sessions.end_session(session, reason=reason, actor=actor)
        let_in = [row["session"] for row in await db.fetch(LET_IN, session)]
        ended += 1 + await _end(let_in, reason=reason, actor=actor)
    return ended
