"""What a platform can tell about the person who taps."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class PlatformPerson:
    """One person of one app of the platform. `union_id` when the app belongs to an open-platform account."""

    open_id: str
    union_id: str | None


class Platform(Protocol):
    name: str

    @property
    def app_id(self) -> str: ...

    async def identify(self, login_code: str) -> PlatformPerson:
        """
        Exchanges a login code: single use, five minutes.

        Raises: LoginCodeInvalid, LoginRefusedByPlatform, TooMany, PlatformUnavailable.
        """
        ...

    async def phone_of(self, phone_code: str, open_id: str) -> str:
        """
        The phone number behind a button code that must belong to `open_id`.

        Raises: PhoneCodeInvalid, TooMany, PlatformUnavailable.
        """
        ...
