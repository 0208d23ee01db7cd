"""
Two accounts of one person become one: what the one holds goes to the other, in one transaction, with a row for each.

The person proves both: this one by a fresh sign-in, the other by a code it shows, or by a code sent to its number and,
when it is verified, the last four characters of its document. Each room moves its own things by a verb of its own, put
in by the application; a row that points to the merged account when all are through means that somebody forgot, and
undoes it all.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from auth import sessions, throttle
from auth.citizens import open_id_number, open_name, open_phone, phone_index, reaches, seal_phone
from auth.errors import AccountDisabled
from auth.joining import last_four as last_four_of
from auth.joining.config import JoiningSettings
from auth.joining.errors import MergeCodeWrong, MergeConflict, MergeWithItself
from auth.joining.events import AccountsMerged
from auth.joining.models import Merge, MergeCode, MergedThing, PhoneMove
from auth.joining.states import MoveState
from auth.linking import pointing_to
from auth.models import Citizen, PlatformIdentity
from auth.sms import codes
from auth.sms.codes import Proof, Purpose
from auth.sms.errors import SmsCodeWrong
from auth.step_up import require_fresh
from kit import audit, clock, crypto, db, events
from kit.config import current
from kit.ids import new_id, readable_code
from kit.web import Actor

CODE_LENGTH = 8  # of 31 characters: 39 bits, for two minutes and a few tries

Ids = Callable[[UUID], Awaitable[list[str]]]
Give = Callable[[UUID, UUID], Awaitable[list[str]]]
Clash = Callable[[UUID, UUID], Awaitable[list[str]]]


async def _no_clash(giver: UUID, taker: UUID) -> list[str]:  # noqa: ARG001 - the shape of a clash
    return []


@dataclass(frozen=True)
class Mover:
    """What a room holds of a citizen: which ids, how they go along, and which of them cannot."""

    what: str
    ids: Ids
    move: Give
    clashes: Clash = _no_clash
    tables: tuple[str, ...] = ()  # whose rows point to the account, and go along


_movers: list[Mover] = []


def install_movers(movers: Sequence[Mover]) -> None:
    _movers[:] = list(movers)


@dataclass(frozen=True)
class Other:
    """The other account, and by what it was proved; nothing is used up yet."""

    citizen: UUID
    by: str
    code_digest: str = ""
    sms: Proof | None = None


@dataclass
class Plan:
    merged: UUID
    moves: dict[str, int] = field(default_factory=dict)
    conflicts: list[dict[str, str]] = field(default_factory=list)


async def show_code(actor: Actor) -> tuple[str, int]:
    """A code for the other account to type, and its life in seconds. Raises FreshSignInRequired."""
    await require_fresh(actor)
    code, seconds = readable_code(CODE_LENGTH), current(JoiningSettings).merge_code_seconds
    await MergeCode.create(
        digest=_digest(code), citizen=actor.id, session=UUID(actor.session),
        expires_at=clock.now() + timedelta(seconds=seconds),
    )  # fmt: skip
    return code, seconds


def _digest(code: str) -> str:
    return crypto.blind_index(code.upper(), purpose="joining.merge_code")


async def by_code(actor: Actor, code: str) -> Other:
    """The account that shows the code. Raises FreshSignInRequired, TooMany, MergeCodeWrong, MergeWithItself."""
    await require_fresh(actor)
    tries = current(JoiningSettings).merge_tries_per_minute
    await throttle.let_pass("merge_code", source=str(actor.id), per_minute=tries)
    found = await MergeCode.get_or_none(digest=_digest(code), used_at=None, expires_at__gt=clock.now())
    if found is None or not await sessions.is_open(str(found.session)):
        raise MergeCodeWrong
    return _not_itself(actor, Other(found.citizen, "merge_code", code_digest=found.digest))


async def by_sms(actor: Actor, *, flow: str, code: str, last_four: str | None) -> Other:
    """
    The account of the number behind the flow.

    Raises: FreshSignInRequired, SmsCodeWrong also when the number is nobody's, LastFourNeeded, BindingProofWrong,
    TooMany, MergeWithItself.
    """
    await require_fresh(actor)
    proof = await codes.prove(flow, code, purpose=Purpose.MERGE, owner=actor.id)
    person = await Citizen.get_or_none(phone_index=phone_index(proof.phone), disabled_at=None)
    if person is None:
        raise SmsCodeWrong
    await last_four_of.judge(person, last_four)
    return _not_itself(actor, Other(person.id, "sms", sms=proof))


def _not_itself(actor: Actor, other: Other) -> Other:
    if other.citizen == actor.id:
        raise MergeWithItself
    return other


async def plan(actor: Actor, other: Other) -> Plan:
    """What would go along, and what stands in the way; nothing is changed."""
    taker, giver = await Citizen.get(id=actor.id), await Citizen.get(id=other.citizen)
    return await _planned(taker, giver)


async def _planned(taker: Citizen, giver: Citizen) -> Plan:
    made = Plan(giver.id)
    for mover in _movers:
        found = await mover.ids(giver.id)
        if found:
            made.moves[mover.what] = len(found)
        made.conflicts += [{"what": mover.what, "id": id_} for id_ in await mover.clashes(giver.id, taker.id)]
    made.conflicts += await _own_clashes(taker, giver)
    going = {table for mover in _movers for table in mover.tables}
    made.conflicts += [{"what": table, "id": ""} for table in await pointing_to(giver.id) if table not in going]
    made.moves["identities"] = await PlatformIdentity.filter(citizen_id=giver.id).count()
    if giver.phone_index is not None:
        made.moves["phone" if taker.phone_index is None else "phone_given_up"] = 1
    return made


async def _own_clashes(taker: Citizen, giver: Citizen) -> list[dict[str, str]]:
    """Two names are two people. Two identities of one platform are told apart by nobody: one is unbound first."""
    clashes = []
    if taker.id_number_index is not None and giver.id_number_index is not None:
        clashes.append({"what": "real_name", "id": ""})
    theirs = await PlatformIdentity.filter(citizen_id=giver.id).values_list("platform", flat=True)
    both = await PlatformIdentity.filter(citizen_id=taker.id, platform__in=list(theirs)).values_list(
        "platform", flat=True
    )
    return clashes + [{"what": "identity", "id": str(platform)} for platform in sorted(set(map(str, both)))]


async def merge(actor: Actor, other: Other) -> Plan:
    """
    Joins the other account to the actor's, in one transaction; what was planned is what is told.

    Raises: MergeConflict with everything in the way, MergeCodeWrong and SmsCodeWrong when the proof was used meanwhile,
    AccountDisabled.
    """
    async with db.transaction():
        rows = await Citizen.select_for_update().filter(id__in={actor.id, other.citizen}).order_by("id")
        locked = {person.id: person for person in rows}
        taker, giver = locked[actor.id], locked[other.citizen]
        if taker.disabled_at is not None or giver.disabled_at is not None:
            raise AccountDisabled
        await _use(other)
        made = await _planned(taker, giver)
        if made.conflicts:
            raise MergeConflict([dict(conflict) for conflict in made.conflicts])
        things = await _moved(taker, giver)
        await _close(taker, giver)
        await _traced(taker, giver, by=other.by, things=things, actor=actor)
    sessions.forget_states()
    return made


async def _use(other: Other) -> None:
    if other.sms is not None:
        await codes.use(other.sms)
        return
    used = await MergeCode.filter(digest=other.code_digest, used_at=None).update(used_at=clock.now())
    if not used:
        raise MergeCodeWrong


async def _moved(taker: Citizen, giver: Citizen) -> list[tuple[str, str]]:
    things = []
    for mover in _movers:
        things += [(mover.what, id_) for id_ in await mover.move(giver.id, taker.id)]
    identities = await PlatformIdentity.filter(citizen_id=giver.id)
    await PlatformIdentity.filter(citizen_id=giver.id).update(citizen_id=taker.id)
    return things + [("identity", str(one.id)) for one in identities]


async def _close(taker: Citizen, giver: Citizen) -> None:
    """Number and name go along where the kept account has none; then nothing may point to the closed one."""
    phone, name, number, index = open_phone(giver), open_name(giver), open_id_number(giver), giver.id_number_index
    await Citizen.filter(id=giver.id).update(
        phone_sealed=None, phone_index=None, name_sealed=None, id_number_sealed=None, id_number_index=None,
        assurance="platform", disabled_at=clock.now(),
    )  # fmt: skip
    if phone is not None and taker.phone_index is None:
        seal_phone(taker, phone)
        taker.assurance = taker.assurance if reaches(taker.assurance, "phone") else "phone"
    if name is not None and number is not None and taker.id_number_index is None:
        taker.name_sealed = crypto.seal(name, bound_to=f"auth_citizen.name:{taker.id}")
        taker.id_number_sealed = crypto.seal(number, bound_to=f"auth_citizen.id_number:{taker.id}")
        taker.id_number_index, taker.assurance = index, "real_name"
        await db.execute("UPDATE attestation_real_name SET citizen = $2 WHERE citizen = $1", giver.id, taker.id)
    await _move_undoing(taker, giver)
    await taker.save(
        update_fields=["phone_sealed", "phone_index", "name_sealed", "id_number_sealed", "id_number_index", "assurance"]
    )
    left = await pointing_to(giver.id)
    if left:
        raise MergeConflict([{"what": table, "id": ""} for table in left])


async def _move_undoing(taker: Citizen, giver: Citizen) -> None:
    """Whoever may take back a number that came to the merged account, may take it from the kept one."""
    came = PhoneMove.filter(taker=giver.id, state=MoveState.MOVED, undo_until__gt=clock.now())
    await came.exclude(holder=taker.id).update(taker=taker.id)


async def _traced(taker: Citizen, giver: Citizen, *, by: str, things: list[tuple[str, str]], actor: Actor) -> None:
    made = await Merge.create(id=new_id(), kept=taker.id, merged=giver.id, proof=by, at=clock.now())
    for what, thing in things:
        await MergedThing.create(merge_id=made.id, what=what, thing=thing)
    await sessions.end_all(kind="citizen", person=giver.id, reason="merged", actor=actor.name)
    for side in (taker.id, giver.id):
        await audit.record(
            actor=actor.name,
            action="citizen.merged",
            subject=f"citizen:{side}",
            merge=made.id,
            things=len(things),
            by=by,
        )
    await events.publish(AccountsMerged(kept=taker.id, merged=giver.id, things=len(things)))
