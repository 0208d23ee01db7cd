"""What a text message service must be able to do. Its codes are translated in its own file and nowhere else."""

from typing import Protocol


class NotSent(Exception):
    """The service did not take the message; `maybe_sent` when it may have gone out all the same."""

    def __init__(self, why: str, *, maybe_sent: bool) -> None:
        super().__init__(why)
        self.maybe_sent = maybe_sent


class TextMessages(Protocol):
    async def send(self, number: str, *, template: str, values: list[str]) -> str:
        """
        Sends a template, filled with `values`, to a mainland mobile number; the service's own number of the message.

        Raises: NotSent. Never inside a transaction.
        """
        ...
