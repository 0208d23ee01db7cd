"""Evidential transcripts: made once for each state of a conversation, printed, sealed, and checked by anybody."""

import base64
import hashlib
import json
from uuid import UUID

from chat.models import Conversation
from chat.people import citizen_name
from kit import audit, clock, crypto, db, storage
from kit.ids import new_id, readable_code
from kit.log import logger
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.certificates.verification import Verified
from mobileapi.materials.uploads import uploads_by_id
from mobileapi.transcripts.entries import Json, Said, Variant, as_read, chained
from mobileapi.transcripts.errors import NothingSaid, TranscriptDamaged, TranscriptTooLong
from mobileapi.transcripts.models import Transcript
from mobileapi.transcripts.printing import printed

log = logger("transcripts")
LONGEST = 1000  # entries of one document: some 100 pages, two seconds
CODE_LENGTH = 26
OFFICE = text("政务服务平台", "The office")
CONSULTED = text("在线咨询", "Consultation")

SAID = """
SELECT seq, sender_role, sender_name, kind, body, at FROM chat_message
WHERE conversation_id = $1 AND seq <= $2 ORDER BY seq LIMIT $3
"""
NOTED = """
SELECT after_seq, author_name, body, at FROM chat_note
WHERE conversation_id = $1 AND after_seq <= $2 ORDER BY after_seq, at, id LIMIT $3
"""
MADE = """
INSERT INTO transcripts_transcript (id, conversation, citizen, variant, top_seq, notes, entries, digest, code, title,
  issuer, holder_masked, made_by, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14)
ON CONFLICT (conversation, variant, top_seq, notes) DO NOTHING
"""


async def make(actor: Actor, conversation: Conversation, *, variant: Variant) -> Transcript:
    """
    The transcript of everything said so far; asked again before something more is said, the same one.

    Raises: NothingSaid, TranscriptTooLong.
    """
    async with db.transaction():
        top = conversation.last_seq
        noted = await _noted(conversation.id, top) if variant is Variant.internal else []
        citizen: UUID = conversation.citizen_id  # type: ignore[attr-defined]
        name = await citizen_name(citizen)
        entries = await entries_of(conversation, variant, top=top, notes=len(noted), citizen=name)
        if not entries:
            raise NothingSaid
        await db.execute(
            MADE, new_id(), conversation.id, citizen, variant, top, len(noted), len(entries),
            chained(head_of(conversation, variant), entries), readable_code(CODE_LENGTH),
            json.dumps(conversation.item_name or CONSULTED.model_dump(), ensure_ascii=False),
            json.dumps(conversation.department_name or OFFICE.model_dump(), ensure_ascii=False),
            name, actor.name, clock.now(),
        )  # fmt: skip
        await audit.record(
            actor=actor.name, action="consultation.transcribed", subject=f"consultation:{conversation.id}",
            variant=variant, top_seq=top,
        )  # fmt: skip
        return await Transcript.get(conversation=conversation.id, variant=variant, top_seq=top, notes=len(noted))


def head_of(conversation: Conversation, variant: Variant) -> Json:
    """What the chain begins with."""
    return {
        "conversation": str(conversation.id), "variant": variant.value,
        "opened_at": conversation.created_at.isoformat(timespec="microseconds"),
    }  # fmt: skip


async def entries_of(
    conversation: Conversation, variant: Variant, *, top: int, notes: int, citizen: str
) -> list[Json]:  # fmt: skip
    """
    The canonical entries up to `top`, with the first `notes` notes; `citizen`: the name they had, masked.

    Raises: TranscriptTooLong.
    """
    rows = await db.fetch(SAID, conversation.id, top, LONGEST + 1)
    if len(rows) + notes > LONGEST:
        raise TranscriptTooLong
    said = [
        Said(
            r["seq"], r["sender_role"], citizen if r["sender_role"] == "citizen" else r["sender_name"], r["kind"],
            json.loads(r["body"]), r["at"],
        )
        for r in rows
    ]  # fmt: skip
    if notes:
        said = sorted([*said, *(await _noted(conversation.id, top))[:notes]], key=lambda one: (one.seq, one.note))
    uploads = {UUID(str(one.body["upload"])) for one in said if one.kind == "image" and "upload" in one.body}
    digests = {id_: found.sha256 for id_, found in (await uploads_by_id(uploads)).items()}
    return as_read(said, variant, digests=digests)


async def _noted(conversation: UUID, top: int) -> list[Said]:
    rows = await db.fetch(NOTED, conversation, top, LONGEST)
    return [
        Said(r["after_seq"], "clerk", r["author_name"], "note", json.loads(r["body"]), r["at"], note=True) for r in rows
    ]


async def pdf_of(transcript: Transcript) -> bytes:
    """The document as it was first printed; stored sealed. Raises TranscriptDamaged, TranscriptTooLong."""
    name, bound = f"transcripts/{transcript.id}", f"transcripts_transcript.pdf:{transcript.id}"
    if transcript.file_sha256 is None:
        pdf = await _printed(transcript)
        await storage.put(name, crypto.seal(base64.b64encode(pdf).decode(), bound_to=bound))
        await Transcript.filter(id=transcript.id, file_sha256=None, emptied_at=None).update(
            file_sha256=hashlib.sha256(pdf).hexdigest()
        )
        return pdf
    try:
        pdf = base64.b64decode(crypto.unseal(await storage.get(name), bound_to=bound))
    except (storage.FileMissing, crypto.CannotUnseal) as error:
        raise TranscriptDamaged from error
    if hashlib.sha256(pdf).hexdigest() != transcript.file_sha256:
        log.error("transcript_damaged", transcript=str(transcript.id))
        raise TranscriptDamaged
    return pdf


async def _printed(transcript: Transcript) -> bytes:
    conversation, entries = await _again(transcript)
    if entries is None:
        log.error("transcript_differs", transcript=str(transcript.id))
        raise TranscriptDamaged
    return await printed(transcript, conversation, entries)


async def _again(transcript: Transcript) -> tuple[Conversation, list[Json] | None]:
    """What the records say now; no entries when that is not what was printed."""
    conversation, variant = await Conversation.get(id=transcript.conversation), Variant(transcript.variant)
    entries = await entries_of(
        conversation, variant, top=transcript.top_seq, notes=transcript.notes, citizen=transcript.holder_masked
    )
    same = chained(head_of(conversation, variant), entries) == transcript.digest
    return conversation, entries if same else None


async def for_the_public(code: str) -> Verified | None:
    """`/verify/{code}`: genuine, and whether the records still say what was printed. Its words are not shown."""
    found = await Transcript.get_or_none(code=code.upper())
    if found is None:
        return None
    rows = [
        (text("摘要（SHA-256）", "Digest (SHA-256)"), found.digest),
        (text("记录条数", "Entries"), str(found.entries)),
    ]
    if found.emptied_at is not None:
        rows.append((text("原始内容", "Content"), "已按规定清除 / removed as the law asks"))
    return Verified(
        "transcript", found.code, text(f"咨询记录：{found.title['zh']}", f"Transcript: {_english(found.title)}"),
        found.holder_masked, found.made_at, Text.model_validate(found.issuer), await _status(found), rows,
    )  # fmt: skip


async def _status(found: Transcript) -> str:
    return "valid" if found.emptied_at is not None or (await _again(found))[1] is not None else "altered"


def _english(words: dict[str, str]) -> str:
    return words.get("en") or words["zh"]
