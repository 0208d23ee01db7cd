"""
The ways to prove again who one is, in a session that is open already. A proof names the fields it needs and judges
them; it lets nobody in, opens no session and makes no account.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from auth import sessions, staff, throttle
from auth.attestation import faces
from auth.attestation.errors import FaceFailed, FaceNotDone
from auth.citizens import citizen, phone_index
from auth.config import AuthSettings
from auth.devices import Device
from auth.errors import StepUpRefused
from auth.models import PlatformIdentity
from auth.platforms import platform
from auth.sms import codes
from auth.sms.errors import SmsCodeWrong
from auth.step_up import usual
from kit import audit, db
from kit.config import current
from kit.errors import HouseError, InvalidRequest, NotFound, NotSignedIn
from kit.web import Actor

Given = Mapping[str, str]


@dataclass(frozen=True)
class Proof:
    """Whose it is (citizen or staff), the fields it needs, and how they are judged: by raising, or not."""

    kind: str
    needs: frozenset[str]
    judge: Callable[[Actor, Given, Device], Awaitable[None]]


async def step_up(actor: Actor, given: Given, *, device: Device) -> datetime:
    """
    The session's person proved again, with exactly the fields of one proof, who they are; when.

    Raises: InvalidRequest when no proof takes these fields; StepUpRefused; TooMany; what the platform raises.
    """
    limit = current(AuthSettings).step_ups_per_minute
    await throttle.let_pass("step_up", source=actor.name, per_minute=limit)
    way = next((w for w, p in PROOFS.items() if p.kind == actor.kind and p.needs == set(given)), None)
    if way is None:
        raise InvalidRequest
    try:
        await PROOFS[way].judge(actor, given, device)
    except NotSignedIn as wrong:  # a 401 would say that the session is over; it is not
        await _note_refused(actor, way, wrong)
        raise StepUpRefused(wrong) from wrong
    except StepUpRefused as refused:
        await _note_refused(actor, way, refused)
        raise
    session = UUID(actor.session)
    async with db.transaction():
        at = await sessions.prove(session, device=device.mark)
        await audit.record(actor=actor.name, action="session.proved_again", subject=f"session:{session}", way=way)
    return at


async def _note_refused(actor: Actor, way: str, why: HouseError) -> None:
    subject = f"session:{actor.session}"
    await audit.record(actor=actor.name, action="session.proof_refused", subject=subject, way=way, why=why.code)


async def _by_platform(actor: Actor, given: Given, device: Device) -> None:
    """One tap: the code is of an identity that leads to this very account."""
    await throttle.let_pass("one_tap", source=device.address, per_minute=current(AuthSettings).one_taps_per_minute)
    door = platform(given["platform"])
    person = await door.identify(given["login_code"])
    own = PlatformIdentity.filter(platform=door.name, app_id=door.app_id, open_id=person.open_id, citizen_id=actor.id)
    if not await own.exists():
        raise StepUpRefused


async def _by_sms(actor: Actor, given: Given, _: Device) -> None:
    """A code that came to the account's own number; one that was sent before the number changed proves nothing."""
    try:
        proof = await codes.prove(given["flow"], given["code"], purpose=codes.Purpose.STEP_UP, owner=actor.id)
        async with db.transaction():
            await codes.use(proof)
            person = await citizen(actor.id)
    except SmsCodeWrong as wrong:
        raise StepUpRefused(wrong) from wrong
    if person.phone_index != phone_index(proof.phone):
        raise StepUpRefused


async def _by_face(actor: Actor, given: Given, _: Device) -> None:
    """A face that its office says was this person's, checked in this session a moment ago."""
    try:
        await faces.conclude(actor, UUID(given["face"]))
    except (FaceFailed, FaceNotDone, NotFound, ValueError) as wrong:
        raise StepUpRefused(wrong if isinstance(wrong, HouseError) else None) from wrong
    if not await faces.passed_at_most(actor, UUID(given["face"]), ago=usual()):
        raise StepUpRefused


async def _by_password(actor: Actor, given: Given, device: Device) -> None:
    """Password and the authenticator's code, counted like every other try to sign in as this person."""
    limit = current(AuthSettings).staff_sign_ins_per_minute
    await throttle.let_pass("staff_sign_in", source=device.address, per_minute=limit)
    member = await staff.staff_member(actor.id)
    await staff.sign_in(
        username=member.username, password=given["password"], otp=given.get("otp"), source=device.source
    )


PROOFS: dict[str, Proof] = {
    "platform": Proof("citizen", frozenset({"platform", "login_code"}), _by_platform),
    "sms": Proof("citizen", frozenset({"flow", "code"}), _by_sms),
    "face": Proof("citizen", frozenset({"face"}), _by_face),
    "password": Proof("staff", frozenset({"password", "otp"}), _by_password),
}
