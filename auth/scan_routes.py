"""Scan to sign in and to bind: what the asking device says, and what the phone says."""

import asyncio

from starlette.responses import Response

from auth import linking, scans, signing_in
from auth.citizens import citizen, masked_name
from auth.models import Citizen, Scan
from auth.roles import CITIZEN_ROLES
from auth.schemas import ScanAsk, ScanConfirm, ScanOnPhone, ScanSignedIn, ScanStatus, ScanTicket
from auth.states import ScanPurpose
from auth.views import citizen_brief, device_of
from kit.config import Settings, current
from kit.documents import qr_png, qr_svg
from kit.web import Call, get, post


async def ask(call: Call, body: ScanAsk) -> ScanTicket:
    """A kiosk or desktop asks for a QR code; to bind, signed in as the account that is to be bound."""
    asker = await call.sign_in_needed(roles=CITIZEN_ROLES) if body.purpose is ScanPurpose.BIND else None
    shown = await scans.show(
        purpose=body.purpose, label=body.device_label, address=device_of(call).address, asker=asker
    )
    pictures = f"/api/v1/auth/scans/{shown.ticket}/qr"
    return ScanTicket(
        ticket=shown.ticket, secret=shown.secret, qr_url=content_of(shown.ticket), qr_png_url=f"{pictures}.png",
        qr_svg_url=f"{pictures}.svg", expires_in=shown.expires_in,
    )  # fmt: skip


def content_of(ticket: str) -> str:
    """What the code says: our own page, so that any scanner opens it; the ticket stays in the fragment, out of logs."""
    return f"{current(Settings).public_url.rstrip('/')}/app/#/sub/account/scan?ticket={ticket}"


async def collect(call: Call) -> ScanStatus | ScanSignedIn:
    """Where the ticket stands, for the holder of `X-Scan-Secret`; with the tokens exactly once."""
    secret = call.request.headers.get("x-scan-secret", "")
    found, signed_in = await signing_in.by_scan(call.path("ticket"), secret, device=device_of(call))
    if signed_in is None:
        return ScanStatus(state=found.state, ticket_expires_in=found.expires_in)
    assert isinstance(signed_in.person, Citizen)
    return ScanSignedIn(
        state=found.state, ticket_expires_in=found.expires_in, access_token=signed_in.access.text,
        refresh_token=signed_in.refresh_token, expires_in=signed_in.access.expires_in,
        citizen=citizen_brief(signed_in.person), is_new=False,
    )  # fmt: skip


async def picture_png(call: Call) -> Response:
    """The code as PNG, until it is scanned."""
    ticket = call.path("ticket")
    await scans.shown(ticket, address=device_of(call).address)
    return Response(await asyncio.to_thread(qr_png, content_of(ticket)), media_type="image/png")


async def picture_svg(call: Call) -> Response:
    """The code as SVG, until it is scanned."""
    ticket = call.path("ticket")
    await scans.shown(ticket, address=device_of(call).address)
    return Response(await asyncio.to_thread(qr_svg, content_of(ticket)), media_type="image/svg+xml")


async def scan(call: Call) -> ScanOnPhone:
    """The phone has read the code, and sees which device asks, from where, since when."""
    address = device_of(call).address
    return await _on_phone(await scans.scan_by(call.actor, call.path("ticket"), address=address), address=address)


async def confirm(call: Call, body: ScanConfirm) -> ScanOnPhone:
    """The person lets the device in, or links this phone to the account."""
    address, ticket = device_of(call).address, call.path("ticket")
    confirmed = await scans.confirm(call.actor, ticket, address=address, last_four=body.last_four)
    return await _on_phone(confirmed, address=address)


async def refuse(call: Call) -> None:
    """The person keeps the device out."""
    await scans.refuse(call.actor, call.path("ticket"), address=device_of(call).address)


async def _on_phone(scan: Scan, *, address: str) -> ScanOnPhone:
    account = await citizen(scan.account) if scan.account else None
    asked_from = scans.address_of(scan)
    return ScanOnPhone(
        purpose=ScanPurpose(scan.purpose), state=scans.state_of(scan), device_label=scan.device_label,
        address=asked_from, same_address=asked_from == address, asked_at=scan.created_at,
        expires_in=scans.expires_in(scan), account=masked_name(account) if account else None,
        proof=linking.proof_of(account) if account else None,
    )  # fmt: skip


A_TICKET = {"ticket": "3Zt1cWq0Yb7mRkS9vXh2Ng"}

ROUTES = [
    post("/auth/scans", ask, public=True, status=201),
    get("/auth/scans/{ticket}", collect, public=True, reach="holder", headers=("X-Scan-Secret",), examples=A_TICKET),
    get(
        "/auth/scans/{ticket}/qr.png",
        picture_png,
        cost=2,
        public=True,
        reach="holder",
        media="image/png",
        examples=A_TICKET,
    ),
    get(
        "/auth/scans/{ticket}/qr.svg",
        picture_svg,
        public=True,
        reach="holder",
        media="image/svg+xml",
        examples=A_TICKET,
    ),
    post("/auth/scans/{ticket}/scan", scan, roles=CITIZEN_ROLES, reach="self", examples=A_TICKET),
    post("/auth/scans/{ticket}/confirm", confirm, roles=CITIZEN_ROLES, reach="self", examples=A_TICKET),
    post("/auth/scans/{ticket}/refuse", refuse, roles=CITIZEN_ROLES, reach="self", examples=A_TICKET),
]
