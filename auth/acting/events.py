"""What happened to mandates. `principal` is empty without an account, `agent` while nobody answered."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MandateAsked:
    """The other side should answer; `answerer` when it is known who that is."""

    mandate: UUID
    kind: str
    answerer: UUID | None


@dataclass(frozen=True)
class MandateMoved:
    """It became active, or ended. `actor` did it and need not be told."""

    mandate: UUID
    kind: str
    state: str
    principal: UUID | None
    agent: UUID | None
    actor: str


@dataclass(frozen=True)
class TakeoverAsked:
    """Somebody says they represent the firm now; the former representative may contest it."""

    mandate: UUID
    firm: UUID
    former: UUID


@dataclass(frozen=True)
class ActedFor:
    """Something was done for the principal."""

    principal: UUID
    agent: UUID
    action: str
    subject: str


@dataclass(frozen=True)
class RepresentedJoined:
    """Somebody an office had made an account for has signed in; both accounts are one now."""

    citizen: UUID
    former_account: UUID
