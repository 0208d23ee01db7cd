"""
Devices: where a request comes from, the sessions of a person as a list of them, and ending one from afar.

A device is known by what it says of itself. That is no proof of anything; it tells a person's devices apart, and a
token that turns up on another one.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth import sessions
from auth.credentials.devices import browser_of
from auth.credentials.entering import Door
from auth.models import Session
from auth.sessions import UNNAMED, Traces
from kit import crypto
from kit.edge import client_address
from kit.errors import NotFound
from kit.web import Actor, Call


@dataclass(frozen=True)
class Device:
    """Where a request comes from: a digest of what the device says of itself, and its address (never stored whole)."""

    mark: str
    address: str
    agent: str = ""

    @property
    def source(self) -> str:
        """The digest under which staff sign-ins from this address are counted."""
        return crypto.blind_index(self.address, purpose="sign_in.address")

    @property
    def door(self) -> Door:
        """The same, as staff come in by it."""
        return Door(self.mark, self.source, self.agent, network_of(self.address))

    def traces(self, way: str) -> Traces:
        """What its owner will recognise it by."""
        return Traces(way, browser_of(self.agent).name, network_of(self.address))


def device_of(call: Call) -> Device:
    """The device of a request: its own id (`X-Device-Id`) when it sends one, else its user agent, as a digest."""
    headers = call.request.headers
    own, agent = headers.get("x-device-id", ""), headers.get("user-agent", "")
    mark = hashlib.sha256((own or agent).encode()).hexdigest()[:32]
    return Device(mark if own else UNNAMED + mark[: 32 - len(UNNAMED)], client_address(call.request.scope), agent)


def network_of(address: str) -> str:
    """The network an address lies in, enough to tell home from elsewhere: `203.0.113.*`, `2001:db8:7::*`."""
    try:
        whole = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(whole, ipaddress.IPv6Address) and whole.ipv4_mapped is not None:
        whole = whole.ipv4_mapped
    if whole.version == 4:
        return ".".join(str(whole).split(".")[:3]) + ".*"
    return str(ipaddress.ip_network((whole, 48), strict=False).network_address).removesuffix("::") + "::*"


async def devices_of(actor: Actor) -> Sequence[Session]:
    """The actor's sessions that can go on, the newest first."""
    return await sessions.open_of(kind=actor.kind, person=actor.id)


async def end_device(actor: Actor, session: UUID) -> None:
    """Ends one of the actor's own sessions. Raises NotFound for anybody else's, and for one that is over."""
    if all(own.id != session for own in await devices_of(actor)):
        raise NotFound
    await sessions.end_session(session, reason="device_ended", actor=actor.name)
