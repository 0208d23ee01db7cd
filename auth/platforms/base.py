"""What a platform can tell about the person who taps."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class PlatformPerson:
    """One person of one app of the platform. `union_id` when the app belongs to an open-platform account."""

    open_id: str
    union_id: str | None


@dataclass(frozen=True)
class Seal:
    """
    The sealed text a number came in, where the platform never voids it: it is taken once (`auth/phone_seals.py`).
    `dated` when the text carries its moment, so that each is another one.
    """

    text: str
    dated: bool


@dataclass(frozen=True)
class PlatformPhone:
    """A number the platform has checked: a mainland one plain, another one as +code-number."""

    number: str
    seal: Seal | None = None


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

    async def phone_of(self, phone_code: str, open_id: str) -> PlatformPhone:
        """
        The phone number behind what the phone button handed over; it must belong to `open_id` where the platform can
        tell.

        Raises: PhoneCodeInvalid, TooMany, PlatformUnavailable.
        """
        ...
