"""What a member of staff must do before anything else, and what everything else answers until then."""

from uuid import UUID

from auth.credentials.errors import PasswordChangeRequired, SecondFactorMissing
from auth.credentials.models import StaffSignIn
from auth.credentials.passwords import change_is_due
from auth.models import StaffMember
from kit.errors import HouseError

HOLDS: dict[str, type[HouseError]] = {"password_change": PasswordChangeRequired, "second_factor": SecondFactorMissing}


async def first_of_all(member: StaffMember) -> str:
    """`password_change`, then `second_factor`; empty when nothing is in the way."""
    if await change_is_due(member.id):
        return "password_change"
    return "" if member.totp_sealed else "second_factor"


async def held_back(session: UUID) -> str:
    """Why the session is held back, or empty."""
    found = await StaffSignIn.get_or_none(session_id=session)
    return found.held_back if found else ""
