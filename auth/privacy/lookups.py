"""Who looked at my data: every act of staff about a person, read out of the audit log (art. 44, 45)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.models import Citizen
from auth.privacy import contributors
from kit import db
from kit.texts import Text, text

ACTS = """
SELECT a.seq, a.at, a.action, a.subject, a.detail, d.name AS office, m.title
FROM kit_audit a
LEFT JOIN auth_staff_member m ON a.actor = 'staff:' || m.id::text
LEFT JOIN auth_department d ON d.code = m.department_id
WHERE a.subject = ANY($1) AND starts_with(a.actor, 'staff:') AND ($2::bigint IS NULL OR a.seq < $2)
ORDER BY a.seq DESC LIMIT $3
"""
WORDS = {
    "case.read": text("查看办件", "Opened your case"),
    "consultation.read": text("查看咨询", "Opened your consultation"),
    "consultation.taken": text("接待咨询", "Took up your consultation"),
    "consultation.transcribed": text("制作咨询记录", "Printed your consultation"),
    "transcript.read": text("查看咨询记录文件", "Read the record of your consultation"),
    "rectification.read": text("查看您的评价", "Opened your rating"),
    "consultation.cards_read": text("查看咨询中的卡片", "Saw the cards of your consultation"),
    "consultation.context_read": text("查看与咨询有关的办件和账单", "Saw cases and bills beside your consultation"),
    "consultation.answer_drafted": text("根据咨询起草公开问答", "Drafted a public answer from your consultation"),
    "work_order.read": text("查看诉求工单", "Opened your work order"),
    "personal_data.unmasked": text("查看完整信息", "Saw a value unmasked"),
    "correction.read": text("查看更正申请", "Opened your correction"),
    "name_claim.read": text("查看证件申请", "Opened your document"),
    "mandate.read": text("查看代办材料", "Opened a mandate's evidence"),
}
KINDS = {
    "case": text("办理办件", "Handled your case"),
    "consultation": text("处理咨询", "Handled your consultation"),
    "correction": text("办理更正申请", "Handled your correction"),
    "rectification": text("办理差评整改", "Followed up your rating"),
    "work_order": text("办理诉求工单", "Handled your work order"),
    "booking": text("办理窗口预约", "Received you at the hall"),
    "mandate": text("办理代办授权", "Handled a mandate"),
}
HANDLED = text("处理", "Handled it")
PURPOSES = {
    "examination of a mandate": text("审核代办授权", "Examination of a mandate"),
    "verification": text("核验身份", "Verification"),
    "correction": text("办理更正", "Correction"),
}


@dataclass(frozen=True)
class Look:
    seq: int
    at: datetime
    office: Text
    what: Text
    purpose: Text
    about: str


async def of_citizen(person: Citizen, *, limit: int, before: int | None) -> list[Look]:
    """The latest first. The member of staff is named by their office, as on paper; purpose as they gave it."""
    rows = await db.fetch(ACTS, await contributors.subjects_of(person), before, limit)
    return [_look(row) for row in rows]


async def everything(person: Citizen) -> Sequence[Look]:
    return await of_citizen(person, limit=10_000, before=None)


def _look(row: Any) -> Look:
    detail = json.loads(row["detail"])
    office = Text.model_validate(json.loads(row["office"])) if row["office"] else text("政务服务", "The office")
    purpose = purpose_of(str(detail.get("purpose") or detail.get("reason") or ""))
    return Look(row["seq"], row["at"], office, words_of(row["action"]), purpose, row["subject"].partition(":")[0])


def purpose_of(noted: str) -> Text:
    """What the log notes by itself in both languages; what somebody typed stays as they typed it."""
    kind, _, number = noted.partition(" ")
    if kind == "case" and number:
        return text(f"办理办件 {number}", f"Case {number}")
    return PURPOSES.get(noted) or text(noted)


def words_of(action: str) -> Text:
    return WORDS.get(action) or KINDS.get(action.partition(".")[0]) or HANDLED
