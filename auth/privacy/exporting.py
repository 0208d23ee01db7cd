"""What an export is made of: every contributor's chapters and who looked, as JSON, as a PDF, with the files."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from auth.models import Citizen
from auth.privacy import contributors, lookups
from auth.privacy.contributors import Chapter
from auth.privacy.laws import law
from auth.privacy.notices import present
from kit import clock, documents
from kit.config import Settings, current
from kit.texts import text

TEMPLATE = Path(__file__).parent / "templates" / "export.typ"
FORMAT = "handheld-office-export/1"
LABELS = {
    "phone": "手机号",
    "name": "姓名",
    "id_number": "身份证号",
    "assurance": "核验级别",
    "created_at": "创建时间",
    "platform": "平台",
    "open_id": "平台标识",
    "device": "设备",
    "label": "设备名称",
    "at": "时间",
    "ended_at": "结束时间",
    "purpose": "目的",
    "given": "是否同意",
    "version": "版本",
    "state": "状态",
    "item": "事项",
    "case_number": "办件编号",
    "form": "表单内容",
    "answers": "情形选择",
    "submitted_at": "提交时间",
    "decided_at": "办结时间",
    "decision": "决定",
    "history": "办理过程",
    "materials": "材料",
    "title": "名称",
    "amount_fen": "金额（分）",
    "payment_code": "缴款码",
    "payer": "缴款人",
    "due_on": "应缴日期",
    "paid_at": "缴费时间",
    "channel": "渠道",
    "number": "编号",
    "issued_at": "出具时间",
    "valid_until": "有效期至",
    "holder": "持有人",
    "messages": "消息",
    "from": "发送方",
    "text": "内容",
    "office": "部门",
    "what": "事由",
    "about": "关于",
    "field": "项目",
    "wanted": "申请更正为",
    "why": "理由",
    "reason": "答复",
    "file": "文件",
    "kind": "类型",
    "read_at": "阅读时间",
    "relation": "关系",
    "valid_from": "开始日期",
    "valid_to": "结束日期",
    "locale": "语言",
    "elder_mode": "长辈版",
    "document": "证件类型",
    "by": "经办",
    "asked_at": "申请时间",
    "rating": "评价",
}


async def bundle(person: Citizen) -> bytes:
    """The zip: `data.json`, `data.pdf`, and the person's photographs and documents below `files/`."""
    chapters = [*await contributors.chapters_of(person), await _who_looked(person)]
    made_at = clock.now()
    told = _told(person, chapters, made_at=made_at)
    pdf = await documents.typeset(TEMPLATE, _printed(chapters, made_at=made_at), at=made_at)
    return await asyncio.to_thread(_zipped, told, pdf, chapters)


async def _who_looked(person: Citizen) -> Chapter:
    records = [
        {
            "at": _local(look.at),
            "office": look.office.zh,
            "what": look.what.zh,
            "purpose": look.purpose.zh,
            "about": look.about,
        }
        for look in await lookups.everything(person)
    ]
    return Chapter("who_looked", text("谁看过我的信息", "Who looked at my data"), records)


def _local(instant: datetime) -> str:
    return clock.city_time(instant).isoformat(timespec="seconds")


def _told(person: Citizen, chapters: Sequence[Chapter], *, made_at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": _local(made_at),
        "person": str(person.id),
        "notice": present().version,
        "chapters": [
            {"code": c.code, "title": c.title.model_dump(), "records": c.records, "files": [f.name for f in c.files]}
            for c in chapters
        ],
        "kept": [
            {"what": k.what.zh, "why": k.why.zh, "ground": law(k.ground).zh, "kept_for": k.kept_for.zh}
            for k in contributors.kept()
        ],
    }


def _printed(chapters: Sequence[Chapter], *, made_at: datetime) -> dict[str, Any]:
    return {
        "made_at": clock.city_time(made_at).strftime("%Y-%m-%d %H:%M"),
        "demo": current(Settings).demo,
        "chapters": [{"title": c.title.zh, "records": [_lines(r) for r in c.records]} for c in chapters],
    }


def _lines(record: Mapping[str, Any]) -> list[list[str]]:
    """[name, value] of everything that says something; nested values in one line each."""
    return [
        [LABELS.get(name, name), _plain(value)] for name, value in record.items() if value not in (None, "", [], {})
    ]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        if set(value) <= {"zh", "en"}:
            return str(value.get("zh", ""))
        return "；".join(f"{LABELS.get(k, k)}：{_plain(v)}" for k, v in value.items() if v not in (None, "", [], {}))
    if isinstance(value, list):
        return "\n".join(_plain(part) for part in value)
    return str(value)


def _zipped(told: dict[str, Any], pdf: bytes, chapters: Sequence[Chapter]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1))
        archive.writestr("data.pdf", pdf)
        for chapter in chapters:
            for file in chapter.files:
                archive.writestr(f"files/{file.name}", file.content)
    return out.getvalue()
