"""What a workplace app can tell about the member of staff who signs in there."""

from dataclasses import dataclass
from typing import Protocol

from kit.texts import Text


@dataclass(frozen=True)
class WorkplacePerson:
    """A member of our organisation, by the id the organisation gave them. Nobody else is ever told of."""

    organisation: str
    subject: str


class Workplace(Protocol):
    """
    Both calls exchange a code of the workplace: single use, five minutes.

    They raise: WorkplaceCodeInvalid, WorkplaceOutsider, TooMany, WorkplaceUnavailable.
    """

    kind: str
    name: Text

    @property
    def organisation(self) -> str: ...

    def normal(self, subject: str) -> str:
        """A member's id as it is compared."""
        ...

    def scan_address(self, *, state: str, back_to: str) -> str:
        """Where a browser is sent so that the person scans and agrees there; it comes back with code and state."""
        ...

    async def who_scanned(self, code: str) -> WorkplacePerson:
        """Who agreed, by the code a browser came back with."""
        ...

    async def who_opened(self, code: str) -> WorkplacePerson:
        """Who opened our page within the workplace app (免登), by the code the app handed to the page."""
        ...
