"""Citizens: how well they are known, and what is shown of them."""

from uuid import UUID

from auth.errors import AssuranceTooLow
from auth.models import Citizen, PlatformIdentity
from kit import crypto
from kit.errors import NotFound

LADDER = ("platform", "phone", "real_name", "face")


async def citizen(id: UUID) -> Citizen:  # noqa: A002 - the id of the citizen
    """Raises NotFound."""
    found = await Citizen.get_or_none(id=id)
    if found is None:
        raise NotFound
    return found


def reaches(assurance: str, needed: str) -> bool:
    return LADDER.index(assurance) >= LADDER.index(needed)


def require_assurance(person: Citizen, needed: str) -> None:
    """Raises AssuranceTooLow, which tells the level that is needed."""
    if not reaches(person.assurance, needed):
        raise AssuranceTooLow(needed)


def seal_phone(person: Citizen, phone: str) -> None:
    person.phone_sealed = crypto.seal(phone, bound_to=f"auth_citizen.phone:{person.id}")
    person.phone_index = phone_index(phone)


def phone_index(phone: str) -> str:
    return crypto.blind_index(phone, purpose="citizen.phone")


def open_phone(person: Citizen) -> str | None:
    """In the clear; the caller writes the audit row when a staff member reads it."""
    return _opened(person.phone_sealed, bound_to=f"auth_citizen.phone:{person.id}")


def open_name(person: Citizen) -> str | None:
    """In the clear; the caller writes the audit row when a staff member reads it."""
    return _opened(person.name_sealed, bound_to=f"auth_citizen.name:{person.id}")


def open_id_number(person: Citizen) -> str | None:
    """In the clear; the caller writes the audit row when a staff member reads it."""
    return _opened(person.id_number_sealed, bound_to=f"auth_citizen.id_number:{person.id}")


def _opened(sealed: bytes | None, *, bound_to: str) -> str | None:
    return crypto.unseal(sealed, bound_to=bound_to) if sealed else None


def masked_phone(person: Citizen) -> str | None:
    """138****5678; None without a phone."""
    phone = open_phone(person)
    return f"{phone[:3]}****{phone[-4:]}" if phone else None


def masked_name(person: Citizen) -> str | None:
    """张* / 欧*晴: the first and, from three characters on, the last; None before real-name verification."""
    name = open_name(person)
    if not name:
        return None
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]


async def open_id_of(person: UUID, *, platform: str) -> str | None:
    """How `platform` knows the citizen: the payer of a mini-program order, the addressee of a message."""
    identity = await PlatformIdentity.filter(citizen_id=person, platform=platform).order_by("created_at").first()
    return identity.open_id if identity else None
