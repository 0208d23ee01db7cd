"""Shapes of transcripts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from kit.web import Shape, View


class MakeTranscript(Shape):
    """`notes`: with internal notes; for staff only."""

    notes: bool = False


class TranscriptView(View):
    id: UUID
    conversation: UUID
    variant: Literal["citizen", "staff", "internal"]
    top_seq: int
    entries: int
    digest: str
    code: str
    made_at: datetime
    verify_url: str
    pdf_url: str
