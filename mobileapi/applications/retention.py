"""
Drafts nobody touches any more: kept no longer than their purpose needs (personal information protection law art. 19).

The owner is told some days before, and whoever goes on with a draft keeps it; then what was written and photographed
goes, and an emptied, withdrawn case is left.
"""

from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from auth.privacy.config import PrivacySettings
from kit import audit, clock, db
from kit.config import current
from kit.log import logger
from kit.texts import Text, text
from mobileapi.applications.models import Application
from mobileapi.applications.personal import empty
from mobileapi.applications.states import CaseState
from mobileapi.notify.notices import tell

log = logger("applications")
OLD = (
    "SELECT id, citizen_id, item_name, saved_at FROM applications_application "
    "WHERE state = 'draft' AND saved_at < $1 ORDER BY saved_at LIMIT 1000"
)


async def warn_owners() -> int:
    """Tells the owners of drafts that are about to end, once for each time a draft lies still; how many."""
    settings, now = current(PrivacySettings), clock.now()
    rows = await db.fetch(OLD, now - timedelta(days=settings.draft_days - settings.draft_notice_days))
    return sum([await _warned(row) for row in rows])


async def _warned(row: Record) -> bool:
    days, name = current(PrivacySettings).draft_notice_days, Text.model_validate_json(row["item_name"])
    told = await tell(
        row["citizen_id"], kind="case.draft_ending", link="sub/case/list", once=_once(row["id"], row["saved_at"]),
        application=row["id"], text=text(
            f"《{name.zh}》草稿长期未办理，{days} 天后将清除，继续填写即可保留",
            f"Your draft “{name.en or name.zh}” has lain still and is cleared in {days} days; go on with it to keep it",
        ),
    )  # fmt: skip
    return told is not None


def _once(draft: UUID, saved_at: datetime) -> str:
    return f"draft_ending:{draft}:{saved_at:%Y%m%d%H%M%S}"


async def empty_old_drafts() -> int:
    """Empties the drafts whose time is over and whose owner was told in time; how many."""
    rows = await db.fetch(OLD, clock.now() - timedelta(days=current(PrivacySettings).draft_days))
    emptied = sum([await _emptied(row["id"]) for row in rows])
    log.info("old_drafts_emptied", count=emptied)
    return emptied


async def _emptied(draft: UUID) -> bool:
    settings, now = current(PrivacySettings), clock.now()
    async with db.transaction():
        case = await Application.filter(id=draft).select_for_update().get()
        still = case.state == CaseState.DRAFT and case.saved_at < now - timedelta(days=settings.draft_days)
        told_at = await db.fetch_value(
            "SELECT created_at FROM notify_notice WHERE once = $1", _once(draft, case.saved_at)
        )
        if not still or told_at is None or told_at > now - timedelta(days=settings.draft_notice_days):
            return False
        await empty(case)
        await audit.record(actor="system", action="case.draft_emptied", subject=f"application:{draft}")
    return True
