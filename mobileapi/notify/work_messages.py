"""
An urgent notice follows a member of staff who is not at the console: as a work message of the workplace they are bound
to, at most one a burst. A burst begins with the first urgent notice after they read, and with each new day.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth.workplaces import messengers
from auth.workplaces.messages import WorkMessageNotSent, WorkMessenger, WorkNote
from auth.workplaces.models import WorkplaceIdentity
from kit import clock, db
from kit.config import Settings, current
from kit.ids import new_id
from kit.log import logger
from kit.texts import Text
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.models import StaffNotice, WorkMessage
from mobileapi.notify.states import DeliveryState

log = logger("notify")
TITLE = "掌上办：有待处理的工作"


def is_urgent(kind: str) -> bool:
    return kind.startswith(tuple(current(NotifySettings).urgent_kinds.split()))


async def follow(notice: UUID) -> None:
    """Sends the burst's message unless it was sent, or they were seen at the console. Repeating it changes nothing."""
    found = await StaffNotice.get_or_none(id=notice)
    if found is None or found.read_at is not None or await _at_console(found.staff):
        return
    bound = await _bound(found.staff)
    if bound is None:
        return
    carrier, subject = bound
    message = await _begun(found, carrier.kind)
    if message is None:
        return
    words = Text.model_validate(found.text).zh
    try:
        said = await carrier.carry_note(WorkNote(subject, TITLE, words, _address(found.link)))
        state = DeliveryState.SENT
    except WorkMessageNotSent as failed:
        said, state = str(failed), DeliveryState.UNKNOWN if failed.maybe_sent else DeliveryState.FAILED
        log.warning("work_message_not_sent", workplace=carrier.kind, why=said)
    await db.execute(
        "UPDATE notify_work_message SET state = $2, said = $3 WHERE id = $1", message, state.value, said[:120]
    )


def _address(link: str) -> str:
    """The console's page behind our public address."""
    page = (
        link if link.startswith("/console/#") else f"/console/#{link.removeprefix('/console')}" if link else "/console/"
    )
    return current(Settings).public_url.rstrip("/") + page


async def _at_console(staff: UUID) -> bool:
    """Whether a session of theirs gave a sign a moment ago: the open console asks for notices each half minute."""
    since = clock.now() - timedelta(minutes=current(NotifySettings).console_seen_minutes)
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT FROM auth_session WHERE person = $1 AND kind = 'staff' AND ended_at IS NULL "
            "AND seen_at > $2)",
            staff,
            since,
        )
    )


async def _bound(staff: UUID) -> tuple[WorkMessenger, str] | None:
    """The first workplace the person is bound to that carries messages, and their id there."""
    subjects = {i.kind: i for i in await WorkplaceIdentity.filter(staff_id=staff)}
    for carrier in messengers():
        identity = subjects.get(carrier.kind)
        if identity is not None and identity.organisation == carrier.organisation:
            return carrier, identity.subject
    return None


BEGIN = """
INSERT INTO notify_work_message (id, staff, burst, notice_id, workplace, state, tried_at, said)
VALUES ($1, $2, $3, $4, $5, $6, $7, '')
ON CONFLICT (staff, burst) DO UPDATE
  SET id = EXCLUDED.id, notice_id = EXCLUDED.notice_id, workplace = EXCLUDED.workplace, state = EXCLUDED.state,
    tried_at = EXCLUDED.tried_at
  WHERE notify_work_message.state = 'failed'
"""


async def _begun(notice: StaffNotice, workplace: str) -> UUID | None:
    """The burst's message, claimed; None when it is on its way already. One that surely failed is tried again."""
    read = await db.fetch_value("SELECT max(read_at) FROM notify_staff_notice WHERE staff = $1", notice.staff)
    begins: datetime = read or datetime.fromtimestamp(0, UTC)
    burst, id_ = f"{begins:%Y%m%d%H%M%S%f}:{clock.today():%Y%m%d}", new_id()
    claimed = await db.execute(
        BEGIN, id_, notice.staff, burst, notice.id, workplace, DeliveryState.SENDING.value, clock.now()
    )
    return id_ if claimed else None


async def purge() -> int:
    return await WorkMessage.filter(tried_at__lt=clock.now() - timedelta(days=90)).delete()
