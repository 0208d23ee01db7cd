"""One-time subscription messages: what a platform can carry to a phone outside the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Fate(StrEnum):
    """What became of a message that was not confirmed."""

    NOT_SENT = "not_sent"  # surely
    NOT_GRANTED = "not_granted"  # surely not: the person did not allow it, or what they allowed is used up
    UNKNOWN = "unknown"  # it may have gone out


class MessageNotSent(Exception):
    """The platform did not confirm the message; the sentence says why and names nobody."""

    def __init__(self, why: str, *, fate: Fate) -> None:
        super().__init__(why)
        self.fate = fate


@dataclass(frozen=True)
class PhoneMessage:
    """`page` is a page of the app with its query; `values` by the template's field names, fitted to its rules."""

    open_id: str
    template: str
    page: str
    values: Mapping[str, str]
    english: bool = False


class Messenger(Protocol):
    """Its platform's codes are translated in its own file and nowhere else."""

    platform: str

    @property
    def app_id(self) -> str: ...

    def fitted(self, field: str, value: str) -> str:
        """The value as the field's rule takes it: cut by code point, other characters left out."""
        ...

    async def send(self, message: PhoneMessage) -> str:
        """
        Sends once; the platform's number of the message, or nothing where it gives none.

        Raises: MessageNotSent. Never inside a transaction.
        """
        ...
