"""What a company registry must be able to tell: whether four things belong together (企业四要素核验)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Claim:
    """A credit code, the firm's name, and who says they represent it, by verified name and ID number."""

    credit_code: str
    name: str
    representative: str
    id_number: str


class Verdict(StrEnum):
    AGREES = "agrees"
    UNKNOWN = "unknown"  # no such code
    NAME_DIFFERS = "name_differs"
    REPRESENTATIVE_DIFFERS = "representative_differs"
    CLOSED = "closed"  # revoked or struck off


class RegistryCheck(Protocol):
    async def judge(self, claim: Claim) -> Verdict:
        """Raises RegistryUnavailable."""
        ...
