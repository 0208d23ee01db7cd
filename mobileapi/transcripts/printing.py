"""A transcript on paper: typst, Noto Sans SC, the same bytes for the same entries."""

import asyncio
import io
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image

from chat.models import Conversation
from kit import clock, documents, storage
from kit.config import Settings, current
from mobileapi.materials.models import Upload
from mobileapi.transcripts.entries import Json, Variant
from mobileapi.transcripts.models import Transcript

TEMPLATE = Path(__file__).parent / "templates" / "transcript.typ"
PICTURES = 30  # shown small; the digests of all are printed
EDGE = 240  # pixels
ROLES = {"citizen": "市民", "clerk": "工作人员", "system": "系统"}
VARIANTS = {Variant.citizen: "市民版", Variant.staff: "存证版", Variant.internal: "内部版（含内部备注）"}


async def printed(transcript: Transcript, conversation: Conversation, entries: list[Json]) -> bytes:
    url = f"{current(Settings).public_url.rstrip('/')}/verify/{transcript.code}"
    variant = Variant(transcript.variant)
    values = {
        "variant": VARIANTS[variant], "title": transcript.title["zh"], "issuer": transcript.issuer["zh"],
        "citizen": transcript.holder_masked, "conversation": str(conversation.id),
        "opened_at": _time(conversation.created_at), "made_at": _time(transcript.made_at),
        "top_seq": transcript.top_seq, "entries": [_row(e, variant) for e in entries],
        "pictures": await _pictures(entries), "digest": transcript.digest, "code": transcript.code, "url": url,
        "qr": documents.qr_svg(url), "demo": current(Settings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=transcript.made_at)


def _time(instant: datetime) -> str:
    return f"{clock.city_time(instant):%Y-%m-%d %H:%M:%S}"


def _row(entry: Json, variant: Variant) -> dict[str, Any]:
    """One line: what is printed of an entry."""
    return {
        "seq": f"{entry['seq']}" if entry["kind"] != "note" else f"{entry['seq']}+", "at": _time(_parsed(entry["at"])),
        "role": "内部备注" if entry["kind"] == "note" else ROLES[entry["role"]], "name": entry["name"],
        "text": _words(entry), "mark": _mark(entry, variant), "upload": str(entry["body"].get("upload", "")),
        "sha256": entry["body"].get("sha256", ""),
    }  # fmt: skip


def _parsed(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _words(entry: Json) -> str:
    kind, body = entry["kind"], entry["body"]
    if kind == "recall":
        return f"撤回了第 {body['of']} 条"
    if kind == "edit":
        return f"将第 {body['of']} 条修改为：{body['text']}" if "text" in body else f"修改了第 {body['of']} 条"
    if kind == "card":
        return f"[卡片] {_in_chinese(body.get('title', ''))} {body.get('ref', '')}"
    if kind == "image":
        return f"[图片 {body.get('width', '')}×{body.get('height', '')}]" if body else ""
    return _in_chinese(body.get("text", ""))


def _in_chinese(words: Any) -> str:
    return str(words.get("zh", "")) if isinstance(words, dict) else str(words)


def _mark(entry: Json, variant: Variant) -> str:
    change = entry.get("changed")
    if change == "recall":
        return "已撤回" if variant is Variant.citizen else f"已撤回（见第 {entry['changed_by']} 条）"
    if change == "edit":
        return "已编辑" if variant is Variant.citizen else f"原文；已编辑（见第 {entry['changed_by']} 条）"
    return ""


async def _pictures(entries: list[Json]) -> dict[str, list[int]]:
    """Upload → the bytes of a small JPEG; one whose file is gone is left out, its digest is printed all the same."""
    shown: dict[str, list[int]] = {}
    for entry in entries:
        upload = str(entry["body"].get("upload", ""))
        if upload and upload not in shown and len(shown) < PICTURES:
            try:
                kept = await storage.get(Upload(id=UUID(upload)).file_name("thumbnail"))
            except storage.FileMissing:
                continue
            shown[upload] = list(await asyncio.to_thread(_small, kept))
    return shown


def _small(jpeg: bytes) -> bytes:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        picture.thumbnail((EDGE, EDGE))
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=70)
    return out.getvalue()
