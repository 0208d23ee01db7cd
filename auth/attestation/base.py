"""What an office that knows people must be able to tell: whose name belongs to a number, and whose face it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from auth.documents import Document


class NameAnswer(StrEnum):
    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNKNOWN = "unknown"  # the number is not on file there


class FaceAnswer(StrEnum):
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class FaceOpened:
    """`reference` is how the office knows the check, `url` where the person does it."""

    reference: str
    url: str


class CannotTell(Exception):
    """The office does not answer as it should; the sentence names nobody."""


class Attestation(Protocol):
    @property
    def documents(self) -> frozenset[Document]:
        """The kinds whose numbers it has on file."""
        ...

    async def name_agrees(self, *, name: str, number: str) -> NameAnswer:
        """Raises CannotTell. Never inside a transaction."""
        ...

    async def open_face(self, *, name: str, number: str, back_to: str) -> FaceOpened:
        """A check of this person's face against the picture on file. Raises CannotTell."""
        ...

    async def face_result(self, reference: str, *, name: str, number: str) -> FaceAnswer:
        """How the check ended, for the person it was opened for; for anybody else it failed. Raises CannotTell."""
        ...
