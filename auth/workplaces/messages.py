"""Work messages: what a workplace carries to a member outside our console."""

from dataclasses import dataclass
from typing import Protocol

from auth.workplaces.base import Workplace


class WorkMessageNotSent(Exception):
    """The workplace did not confirm the message; the sentence names nobody. `maybe_sent`: it may have gone out."""

    def __init__(self, why: str, *, maybe_sent: bool) -> None:
        super().__init__(why)
        self.maybe_sent = maybe_sent


@dataclass(frozen=True)
class WorkNote:
    """`subject` is the member's id there; `url` the page of the console a tap opens."""

    subject: str
    title: str
    words: str
    url: str


class WorkMessenger(Workplace, Protocol):
    async def carry_note(self, note: WorkNote) -> str:
        """
        Sends once; the workplace's number of the message.

        Raises: WorkMessageNotSent. Never inside a transaction.
        """
        ...
