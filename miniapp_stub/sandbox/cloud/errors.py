"""Refusals of an action."""


class CloudError(Exception):
    """`code` is the error code the cloud answers with."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
