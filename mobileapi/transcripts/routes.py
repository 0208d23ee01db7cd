"""Transcripts: made by the citizen of their own, by staff of what they have in hand or supervise."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from auth.reading import let_read
from chat import access
from chat.models import Conversation
from kit import audit, clock
from kit.config import Settings, current
from kit.errors import NotFound
from kit.reach import Reach
from kit.web import Actor, Call, get, post
from mobileapi.transcripts.entries import Variant
from mobileapi.transcripts.models import Transcript
from mobileapi.transcripts.schemas import MakeTranscript, TranscriptView
from mobileapi.transcripts.transcripts import make, pdf_of

ANYBODY = {"citizen", "clerk", "supervisor"}
REACH: dict[str, Reach] = {"citizen": "own", "clerk": "desk", "supervisor": "department"}


async def make_transcript(call: Call, body: MakeTranscript) -> TranscriptView:
    """Print what was said so far; asked again, the same document."""
    conversation = await _conversation(call.actor, call.path_id("id"))
    return _shown(await make(call.actor, conversation, variant=_variant(call.actor, notes=body.notes)))


async def transcript_pdf(call: Call) -> Response:
    found = await Transcript.get_or_none(id=call.path_id("id"), emptied_at=None)
    if found is None or (found.variant == Variant.citizen) != (call.actor.kind == "citizen"):
        raise NotFound
    await _conversation(call.actor, found.conversation)
    pdf = await pdf_of(found)
    if call.actor.kind == "staff":
        await audit.record(
            actor=call.actor.name, action="transcript.read", subject=f"consultation:{found.conversation}",
            transcript=str(found.id),
        )  # fmt: skip
    headers = {"content-disposition": f'inline; filename="consultation-{found.code}.pdf"', "cache-control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _conversation(actor: Actor, id: UUID) -> Conversation:  # noqa: A002 - of the conversation
    """One's own; for staff in hand or supervised, and counted as one more person they read of. Raises NotFound."""
    found = await (access.own if actor.kind == "citizen" else access.in_hand)(actor, id)
    await let_read(actor, found.citizen_id)  # type: ignore[attr-defined]
    return found


def _variant(actor: Actor, *, notes: bool) -> Variant:
    if actor.kind == "citizen":
        return Variant.citizen
    return Variant.internal if notes else Variant.staff


def _shown(found: Transcript) -> TranscriptView:
    values: dict[str, Any] = {name: getattr(found, name) for name in ("id", "conversation", "variant", "top_seq")}
    return TranscriptView(
        **values, entries=found.entries, digest=found.digest, code=found.code, made_at=clock.city_time(found.made_at),
        verify_url=f"{current(Settings).public_url.rstrip('/')}/verify/{found.code}",
        pdf_url=f"/api/v1/transcripts/{found.id}.pdf",
    )  # fmt: skip


ROUTES = [
    post("/consultations/{id}/transcripts", make_transcript, cost=20, roles=ANYBODY, reach=REACH,
         status=201),
    get("/transcripts/{id}.pdf", transcript_pdf, cost=10, roles=ANYBODY, reach=REACH,
        media="application/pdf"),
]  # fmt: skip
