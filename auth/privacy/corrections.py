"""
Corrections (art. 46): somebody says what is wrong and what would be right; the data desk judges it within working days.

An approved name or ID number is not written in by hand: the wrong one is taken back, and the person verifies again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from auth.attestation.models import FaceCheck, RealNameRecord
from auth.desks import departments, is_let
from auth.models import Citizen
from auth.privacy import papers
from auth.privacy.config import PrivacySettings
from auth.privacy.errors import CorrectionDecided, CorrectionWaiting
from auth.privacy.events import CorrectionAsked
from auth.privacy.events import CorrectionDecided as Decided
from auth.privacy.models import CorrectionRequest
from auth.privacy.states import CORRECTION_MOVES, CorrectionState
from kit import audit, clock, crypto, db, events, workdays
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id
from kit.web import Actor

VERIFIED = frozenset({"name", "id_number"})  # what only a real-name verification may write


@dataclass(frozen=True)
class Wish:
    field: str  # name | id_number | other
    wanted: str
    why: str
    photos: Sequence[UUID] = ()


@dataclass(frozen=True)
class Words:
    wanted: str
    why: str
    reason: str


async def ask(actor: Actor, wish: Wish) -> CorrectionRequest:
    """Raises: CorrectionWaiting, NoSuchUpload (of the room of photographs)."""
    calendar, today = await workdays.calendar(), clock.today()
    id_ = new_id()
    request = CorrectionRequest(
        id=id_, citizen=actor.id, field=wish.field, papers=[str(p) for p in wish.photos], state=CorrectionState.ASKED,
        wanted_sealed=crypto.seal(wish.wanted, bound_to=f"privacy_correction.wanted:{id_}"),
        why_sealed=crypto.seal(wish.why, bound_to=f"privacy_correction.why:{id_}"), asked_at=clock.now(),
        due_on=calendar.add_workdays(today, current(PrivacySettings).data_correction_workdays),
    )  # fmt: skip
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 23))", f"{actor.id}:{wish.field}")
        if await CorrectionRequest.exists(citizen=actor.id, field=wish.field, state=CorrectionState.ASKED):
            raise CorrectionWaiting
        await request.save(force_create=True)
        await papers.keep(request, owner=actor.name)
        await audit.record(
            actor=actor.name,
            action="correction.asked",
            subject=f"correction:{id_}",
            field=wish.field,
            due=request.due_on,
        )
        await events.publish(CorrectionAsked(citizen=actor.id, correction=id_, due_on=request.due_on))
    return request


async def own_correction(actor: Actor, id_: UUID, *, lock: bool = False) -> CorrectionRequest:
    """Raises NotFound."""
    return await _one(CorrectionRequest.filter(id=id_, citizen=actor.id), lock=lock)


async def _one(query: QuerySet[CorrectionRequest], *, lock: bool) -> CorrectionRequest:
    found = await (query.select_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


async def withdraw(actor: Actor, id_: UUID) -> CorrectionRequest:
    """Takes the request back; again changes nothing. Raises NotFound, CorrectionDecided."""
    async with db.transaction():
        request = await own_correction(actor, id_, lock=True)
        if request.state != CorrectionState.WITHDRAWN:
            await _move(request, CorrectionState.WITHDRAWN, actor=actor)
    return request


async def of_citizen(citizen: UUID) -> list[CorrectionRequest]:
    """The latest first."""
    return await CorrectionRequest.filter(citizen=citizen).order_by("-asked_at").limit(50)


async def desk_correction(actor: Actor, id_: UUID, *, lock: bool = False) -> CorrectionRequest:
    """A request, for staff of the data desk. Raises NotFound for everybody else."""
    if not await is_data_desk(actor):
        raise NotFound
    return await _one(CorrectionRequest.filter(id=id_), lock=lock)


async def is_data_desk(actor: Actor) -> bool:
    """A correction has no region: it is the whole desk's."""
    return await is_let(actor, "correction", desks=departments(current(PrivacySettings).data_desk))


async def on_desk(
    actor: Actor, *, state: str, limit: int, after: tuple[date, datetime, UUID] | None
) -> list[CorrectionRequest]:
    """
    What waits, the earliest due first; what was decided, by the same order; behind the one that was due, asked and
    named so in `after`. Nothing for other departments.
    """
    if not await is_data_desk(actor):
        return []
    query = CorrectionRequest.filter(state=state)
    if after is not None:
        due, asked, id_ = after
        later = Q(asked_at__gt=asked) | Q(asked_at=asked, id__gt=id_)
        query = query.filter(Q(due_on__gt=due) | (Q(due_on=due) & later))
    return await query.order_by("due_on", "asked_at", "id").limit(limit)


async def decide(actor: Actor, id_: UUID, *, approve: bool, reason: str) -> CorrectionRequest:
    """
    Approves or refuses, with words for the person (art. 50). The same decision again changes nothing.

    Raises: NotFound, CorrectionDecided.
    """
    to = CorrectionState.APPROVED if approve else CorrectionState.REFUSED
    async with db.transaction():
        request = await desk_correction(actor, id_, lock=True)
        if request.state == to:
            return request
        request.reason_sealed = crypto.seal(reason, bound_to=f"privacy_correction.reason:{request.id}")
        request.decided_by = actor.id
        await _move(request, to, actor=actor)
        again = approve and request.field in VERIFIED and await _taken_back(request.citizen)
        told = Decided(citizen=request.citizen, correction=request.id, approved=approve, verify_again=again)
        await events.publish(told)
    return request


async def _taken_back(citizen: UUID) -> bool:
    """The name and number go, and with them what they proved; whether there were any."""
    person = await Citizen.select_for_update().get(id=citizen)
    had = person.name_sealed is not None or person.id_number_sealed is not None
    person.name_sealed = person.id_number_sealed = person.id_number_index = None
    person.assurance = "phone" if person.phone_sealed else "platform"
    await person.save(update_fields=["name_sealed", "id_number_sealed", "id_number_index", "assurance"])
    await RealNameRecord.filter(citizen=citizen).delete()
    await FaceCheck.filter(citizen=citizen).delete()  # the face was that of the name that is gone
    return had


async def _move(request: CorrectionRequest, to: CorrectionState, *, actor: Actor) -> None:
    if to not in CORRECTION_MOVES[CorrectionState(request.state)]:
        raise CorrectionDecided
    request.state, request.decided_at = to, clock.now()
    await request.save()
    await audit.record(
        actor=actor.name, action=f"correction.{to}", subject=f"correction:{request.id}", field=request.field
    )
    await papers.release(request)


def opened(request: CorrectionRequest) -> Words:
    """What was written, in the clear; the caller writes the audit row when a member of staff reads it."""
    parts = {"wanted": request.wanted_sealed, "why": request.why_sealed, "reason": request.reason_sealed}
    told = {
        name: crypto.unseal(sealed, bound_to=f"privacy_correction.{name}:{request.id}") if sealed else ""
        for name, sealed in parts.items()
    }
    return Words(**told)
