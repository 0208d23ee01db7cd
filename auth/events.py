"""What happened to people and their sessions."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class CitizenJoined:
    """Somebody signed in for the first time."""

    citizen: UUID
    platform: str


@dataclass(frozen=True)
class BindingRefused:
    """Another identity of the platform tried to take the phone of this citizen's account; the owner should know."""

    citizen: UUID
    platform: str


@dataclass(frozen=True)
class IdentityBound:
    """A platform's identity was linked to this citizen's account, by phone or by a scan; their devices should know."""

    citizen: UUID
    platform: str


@dataclass(frozen=True)
class SignedInOnNewDevice:
    """Somebody signed in on a device none of their sessions was on; they should know. `kind` is citizen or staff."""

    session: UUID
    person: UUID
    kind: str
    way: str
    agent: str


@dataclass(frozen=True)
class PhoneChanged:
    citizen: UUID


@dataclass(frozen=True)
class RealNameVerified:
    citizen: UUID


@dataclass(frozen=True)
class RefreshTokenReused:
    """A used refresh token was met again: it was stolen, or its owner's was. The whole family has ended."""

    session: UUID
    person: UUID
    kind: str


@dataclass(frozen=True)
class BulkReading:
    """A staff member opened the matters of so many people within an hour that they were stopped; once an hour."""

    staff: UUID
    people: int
