"""What happened to claims that staff judge."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class NameClaimRefused:
    """Staff could not verify the document; the reason is shown to its holder."""

    claim: UUID
    citizen: UUID
    reason: str
