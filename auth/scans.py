"""
Scan to sign in, and 一扫绑定: a device shows a ticket as a QR code, a signed-in phone judges it, and what comes of it
goes to the holder of a second secret that was never in the code.

Whoever photographs the code can scan it, no more: tokens are handed out once, to the secret, under the lock of the row.
"""

import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from auth import linking, sessions, throttle
from auth.citizens import citizen
from auth.config import AuthSettings
from auth.devices import Device
from auth.errors import ScanAlreadyUsed, ScanExpired
from auth.models import Citizen, Scan, Session
from auth.sessions import Opened, digest_of
from auth.states import MOVES, ScanPurpose, ScanState, state_at
from auth.step_up import require_fresh
from kit import audit, clock, crypto, db
from kit.config import current
from kit.errors import HouseError, NotFound
from kit.web import Actor


@dataclass(frozen=True)
class Shown:
    """A fresh ticket, for the code; and its secret, for the asking device alone. 256 random bits each."""

    ticket: str
    secret: str
    expires_in: int  # seconds


@dataclass(frozen=True)
class Collected:
    """What the asking device is told; `opened` with `person` once, when it is signed in."""

    state: ScanState
    expires_in: int
    opened: Opened | None = None
    person: Citizen | None = None


def state_of(scan: Scan) -> ScanState:
    return state_at(scan.state, expires_at=scan.expires_at, now=clock.now())


def expires_in(scan: Scan) -> int:
    return max(0, math.ceil((scan.expires_at - clock.now()).total_seconds()))


def address_of(scan: Scan) -> str:
    return crypto.unseal(scan.address_sealed, bound_to=_place(scan.ticket_digest))


def _place(digest: str) -> str:
    return f"auth_scan.address:{digest}"


async def show(*, purpose: ScanPurpose, label: str, address: str, asker: Actor | None = None) -> Shown:
    """
    A ticket for a device at `address` that calls itself `label`. To bind, `asker` is the account that is to be bound.

    Raises: TooMany; FreshSignInRequired, AssuranceTooLow when the asker cannot be bound.
    """
    settings = current(AuthSettings)
    await throttle.let_pass("scan", source=address, per_minute=settings.scans_per_minute)
    account = None
    if purpose is ScanPurpose.BIND:
        assert asker is not None
        await _refuse_stale(asker)
        account = linking.refuse_unprovable(await citizen(asker.id)).id
    ticket, secret, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), clock.now()
    digest = digest_of(ticket)
    await Scan.create(
        ticket_digest=digest, secret_digest=digest_of(secret), purpose=purpose, state=ScanState.NEW,
        device_label=label, address_sealed=crypto.seal(address, bound_to=_place(digest)), account=account,
        account_session=UUID(asker.session) if asker and account else None, created_at=now,
        expires_at=now + timedelta(seconds=settings.scan_seconds),
    )  # fmt: skip
    return Shown(ticket, secret, settings.scan_seconds)


async def shown(ticket: str, *, address: str) -> None:
    """The ticket may be drawn: it is there and nobody has scanned it. Raises NotFound, TooMany."""
    await _look(address)
    scan = await Scan.get_or_none(ticket_digest=digest_of(ticket))
    if scan is None or state_of(scan) is not ScanState.NEW:
        raise await _missed(address)


async def collect(ticket: str, secret: str, *, device: Device) -> Collected:
    """
    Where the ticket stands, for the device that asked; its session, the first time after the phone confirmed.

    Raises: NotFound when the ticket or its secret is not right, which look alike; TooMany.
    """
    await _look(device.address)
    digest = digest_of(ticket)
    scan = await Scan.get_or_none(ticket_digest=digest)
    known = scan.secret_digest if scan else "0" * 64
    if not hmac.compare_digest(known, digest_of(secret)) or scan is None:
        raise await _missed(device.address)
    if state_of(scan) is not ScanState.CONFIRMED:
        return Collected(state_of(scan), expires_in(scan))
    async with db.transaction():
        return await _consumed(await Scan.select_for_update().get(ticket_digest=digest), device=device)


async def _consumed(scan: Scan, *, device: Device) -> Collected:
    """The winner of the row's lock gets the session; it is told `confirmed`, everybody later `consumed`."""
    state, left = state_of(scan), expires_in(scan)
    if state is not ScanState.CONFIRMED:
        return Collected(state, left)
    assert scan.citizen is not None
    assert scan.citizen_session is not None
    actor = f"citizen:{scan.citizen}"
    if scan.purpose == ScanPurpose.BIND:
        await _move(scan, ScanState.CONSUMED, actor=f"citizen:{scan.account}", consumed_at=clock.now())
        return Collected(state, left)
    if not await sessions.is_open(str(scan.citizen_session)):
        await _move(scan, ScanState.REFUSED, actor="system", consumed_at=None)
        return Collected(ScanState.REFUSED, left)
    lasts = timedelta(hours=current(AuthSettings).scan_session_hours)
    phone = await Session.get(id=scan.citizen_session)
    opened = await sessions.open_session(
        kind="citizen", person=scan.citizen, device=device.mark, label=scan.device_label, lasts=lasts,
        traces=device.traces("scan"), proved_at=phone.proved_at or phone.created_at,  # nobody proved anything here
    )  # fmt: skip
    await _move(scan, ScanState.CONSUMED, actor=actor, consumed_at=clock.now(), session=opened.session.id)
    await audit.record(actor=actor, action="citizen.signed_in_by_scan", subject=f"session:{opened.session.id}")
    return Collected(state, left, opened, await citizen(scan.citizen))


async def scan_by(actor: Actor, ticket: str, *, address: str) -> Scan:
    """
    The phone has read the code: the ticket is this citizen's to judge. Reading it again shows it again.

    Raises: NotFound, ScanExpired, ScanAlreadyUsed, TooMany.
    """
    async with db.transaction():
        scan = await _locked(ticket)
        if scan is not None:
            return await _scanned(scan, actor)
    raise await _missed(address)


async def _scanned(scan: Scan, actor: Actor) -> Scan:
    state = state_of(scan)
    if state is ScanState.EXPIRED:
        raise ScanExpired
    if state is ScanState.NEW:
        await _move(scan, ScanState.SCANNED, actor=actor.name, citizen=actor.id, scanned_at=clock.now())
    elif state is not ScanState.SCANNED or scan.citizen != actor.id:
        raise ScanAlreadyUsed
    return scan


async def confirm(actor: Actor, ticket: str, *, address: str, last_four: str | None = None) -> Scan:
    """
    The person says yes. To bind, `last_four` are the last four characters of the account's ID or phone number, and
    the phone's identity is linked here; a try that must not succeed refuses the ticket.

    Raises: NotFound, ScanExpired, ScanAlreadyUsed, FreshSignInRequired, TooMany; InvalidRequest without `last_four`;
    BindingProofWrong, AccountBoundElsewhere.
    """
    refusal: HouseError | None = None
    async with db.transaction():
        scan = await _own(actor, ticket)
        if scan is not None:
            await _refuse_stale(actor)
            refusal = await _confirmed(scan, actor, last_four=last_four)
    if scan is None:
        raise await _missed(address)
    if refusal is not None:  # after the ticket's end is committed
        raise refusal
    return scan


async def _confirmed(scan: Scan, actor: Actor, *, last_four: str | None) -> HouseError | None:
    if scan.purpose == ScanPurpose.BIND:
        try:
            await _bind(scan, actor, last_four=last_four)
        except linking.REFUSALS as refused:
            await _move(scan, ScanState.REFUSED, actor=actor.name, decided_at=clock.now())
            subject = f"citizen:{scan.account}"
            await audit.record(actor=actor.name, action="citizen.binding_refused", subject=subject, why=refused.code)
            return refused
    session = UUID(actor.session)
    await _move(scan, ScanState.CONFIRMED, actor=actor.name, decided_at=clock.now(), citizen_session=session)
    return None


async def _bind(scan: Scan, actor: Actor, *, last_four: str | None) -> None:
    assert scan.account is not None
    if not await sessions.is_open(str(scan.account_session)):  # who asked has left
        raise ScanExpired
    await linking.link(scan.account, phone_account=actor.id, last_four=last_four)


async def refuse(actor: Actor, ticket: str, *, address: str) -> None:
    """The person says no, which ends the ticket. Raises NotFound, ScanExpired, ScanAlreadyUsed, TooMany."""
    async with db.transaction():
        scan = await _own(actor, ticket)
        if scan is not None:
            await _move(scan, ScanState.REFUSED, actor=actor.name, decided_at=clock.now())
            return
    raise await _missed(address)


async def _own(actor: Actor, ticket: str) -> Scan | None:
    """The locked ticket this citizen scanned and has not judged; None when it is somebody else's or not there."""
    scan = await _locked(ticket)
    if scan is None or scan.citizen != actor.id:
        return None
    state = state_of(scan)
    if state is ScanState.EXPIRED:
        raise ScanExpired
    if state is not ScanState.SCANNED:
        raise ScanAlreadyUsed
    return scan


async def _locked(ticket: str) -> Scan | None:
    return await Scan.select_for_update().get_or_none(ticket_digest=digest_of(ticket))


async def _refuse_stale(actor: Actor) -> None:
    """Only who proved just now who they are lets another device in."""
    await require_fresh(actor, within=timedelta(minutes=current(AuthSettings).scan_fresh_minutes))


async def _move(scan: Scan, to: ScanState, *, actor: str, **changes: Any) -> None:
    """The only writer of a ticket's state, with its row locked and its time judged, once, by who calls."""
    assert to in MOVES[ScanState(scan.state)], f"{scan.state} -> {to}"
    scan.update_from_dict({"state": to, **changes})
    await scan.save(update_fields=["state", *changes])
    await audit.record(actor=actor, action=f"scan.{to}", subject=f"scan:{scan.ticket_digest[:16]}", why=scan.purpose)


async def _look(address: str) -> None:
    limit = current(AuthSettings).scan_polls_per_minute
    await throttle.let_pass("scan_poll", source=address, per_minute=limit)


async def _missed(address: str) -> NotFound:
    """What to raise at a guess, or for a ticket long gone. Raises TooMany to who guesses on."""
    limit = current(AuthSettings).scan_misses_per_minute
    await throttle.let_pass("scan_miss", source=address, per_minute=limit)
    return NotFound()


async def purge() -> int:
    """Removes tickets that ended more than a day ago; how many. What was decided stays in the audit log."""
    return await Scan.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()
