"""A copy of everything about oneself (art. 45): asked for freshly signed in, gathered by a job, fetched once a link."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.citizens import citizen
from auth.privacy import jobs
from auth.privacy.config import PrivacySettings
from auth.privacy.errors import ExportNotReady
from auth.privacy.events import ExportReady
from auth.privacy.exporting import bundle
from auth.privacy.models import Export
from auth.privacy.states import EXPORT_MOVES, ExportState
from auth.step_up import require_fresh
from kit import audit, clock, crypto, db, events, storage
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from kit.jobs import defer
from kit.web import Actor


@dataclass(frozen=True)
class Ticket:
    text: str
    ends_at: datetime


async def ask(actor: Actor) -> Export:
    """
    Begins an export of the actor's data; one that is under way is the answer again.

    Raises: FreshSignInRequired.
    """
    await require_fresh(actor)
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 22))", str(actor.id))
        waiting = await Export.get_or_none(citizen=actor.id, state=ExportState.ASKED)
        if waiting is not None:
            return waiting
        made = await Export.create(id=new_id(), citizen=actor.id, state=ExportState.ASKED, asked_at=clock.now())
        await defer(jobs.gather_export, export=str(made.id))
        await audit.record(actor=actor.name, action="export.asked", subject=f"citizen:{actor.id}", export=made.id)
    return made


async def gather(export: UUID) -> None:
    """Makes the file. Safe to repeat: an export that is ready, or was given up, stays as it is."""
    found = await Export.get_or_none(id=export, state=ExportState.ASKED)
    if found is None:
        return
    content = await bundle(await citizen(found.citizen))
    await storage.put(name_of(found), crypto.seal_bytes(content, bound_to=_place(found)))
    now = clock.now()
    async with db.transaction():
        locked = await Export.select_for_update().get(id=export)
        if ExportState.READY not in EXPORT_MOVES[ExportState(locked.state)]:
            return
        locked.state, locked.ready_at, locked.size = ExportState.READY, now, len(content)
        locked.ends_at = now + timedelta(hours=current(PrivacySettings).export_hours)
        await locked.save()
        await events.publish(ExportReady(citizen=locked.citizen, export=locked.id))


def name_of(export: Export) -> str:
    return f"exports/{export.id}"


def _place(export: Export) -> str:
    return f"privacy_export.file:{export.id}"


async def own_export(actor: Actor, export: UUID, *, lock: bool = False) -> Export:
    """Raises NotFound."""
    query = Export.filter(id=export, citizen=actor.id)
    found = await (query.select_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


async def of_citizen(citizen: UUID) -> list[Export]:
    """The latest first."""
    return await Export.filter(citizen=citizen).order_by("-asked_at").limit(20)


async def link(actor: Actor, export: UUID) -> Ticket:
    """
    A ticket that opens the file once, within the minutes of the setting; an earlier one is void.

    Raises: NotFound, FreshSignInRequired, ExportNotReady.
    """
    await own_export(actor, export)
    await require_fresh(actor)
    async with db.transaction():
        found = await own_export(actor, export, lock=True)
        if found.state != ExportState.READY or found.ends_at is None or found.ends_at <= clock.now():
            raise ExportNotReady
        life = timedelta(minutes=current(PrivacySettings).export_link_minutes)
        ticket = Ticket(secrets.token_urlsafe(32), min(found.ends_at, clock.now() + life))
        found.ticket_digest, found.ticket_ends_at = _digest(ticket.text), ticket.ends_at
        await found.save(update_fields=["ticket_digest", "ticket_ends_at"])
        await audit.record(actor=actor.name, action="export.linked", subject=f"citizen:{actor.id}", export=export)
    return ticket


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


async def fetch(actor: Actor, export: UUID, *, ticket: str) -> bytes:
    """
    The zip, for the person it is about and a ticket that was not used. Raises NotFound for everything else.

    The ticket is used up first: of fifty fetches at once one gets the file.
    """
    used = (
        "UPDATE privacy_export SET ticket_digest = NULL, ticket_ends_at = NULL, fetched = fetched + 1 "
        "WHERE id = $1 AND citizen = $2 AND state = $3 AND ticket_digest = $4 AND ticket_ends_at > $5"
    )
    async with db.transaction():
        if not await db.execute(used, export, actor.id, ExportState.READY, _digest(ticket), clock.now()):
            raise NotFound
        await audit.record(actor=actor.name, action="export.fetched", subject=f"citizen:{actor.id}", export=export)
    found = await Export.get(id=export)
    try:
        return crypto.unseal_bytes(await storage.get(name_of(found)), bound_to=_place(found))
    except storage.FileMissing:
        raise NotFound from None


async def purge() -> int:
    """Deletes the files of exports that are over; how many."""
    over = await Export.filter(state=ExportState.READY, ends_at__lte=clock.now())
    for export in over:
        await storage.delete(name_of(export))
        await Export.filter(id=export.id).update(state=ExportState.ENDED, ticket_digest=None, ticket_ends_at=None)
    return len(over)
