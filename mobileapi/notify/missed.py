"""
Exactly one notice for each burst of absence: the database holds one notice of a burst's name, however often it is
looked for, by however many processes, and whoever is killed in between.
"""

from datetime import datetime, timedelta
from uuid import UUID

from chat import missed as talks
from chat.missed import Missed, Span
from kit import clock, db
from kit.config import current
from kit.texts import text
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.models import Notice
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic

KIND = "chat.missed"
NAME = "missed"
OVERLAP = timedelta(minutes=2)  # an answer is dated before it is committed
LONGEST_BACK = timedelta(days=1)
ROOM = "sub/chat/room"
HINT = "工作人员已回复，请点击查看"


async def look() -> int:
    """Tells of the bursts that began since the last look; how many. While another process looks, nothing is done."""
    settings, now = current(NotifySettings), clock.now()
    async with db.transaction():
        until = now - timedelta(seconds=settings.missed_after_s)
        before = await _hold_watermark(until)
        if before is None:
            return 0
        unread = timedelta(seconds=settings.missed_unread_s)
        first = max(min(before, until) - unread - OVERLAP, until - LONGEST_BACK)
        found = await talks.missed(Span(first, until, now - unread if unread else None))
        untold = await _untold(found)
        for burst in untold:
            await _tell(burst)
        await db.execute("UPDATE notify_watermark SET at = $2 WHERE name = $1", NAME, until)
    await _end_read_ones()
    return len(untold)


async def _hold_watermark(fresh: datetime) -> datetime | None:
    """Up to when was looked, held until the transaction ends; None while somebody else holds it."""
    await db.execute("INSERT INTO notify_watermark (name, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", NAME, fresh)
    held: datetime | None = await db.fetch_value(
        "SELECT at FROM notify_watermark WHERE name = $1 FOR UPDATE SKIP LOCKED", NAME
    )
    return held


def name_of(burst: Missed) -> str:
    return f"{NAME}:{burst.conversation}:{burst.since}"


async def _untold(found: list[Missed]) -> list[Missed]:
    rows = await db.fetch("SELECT once FROM notify_notice WHERE once = ANY ($1)", [name_of(one) for one in found])
    known = {row["once"] for row in rows}
    return [one for one in found if name_of(one) not in known]


async def _tell(burst: Missed) -> None:
    subject = burst.subject or text("咨询", "Your question")
    await tell(
        burst.citizen, kind=KIND, link=f"{ROOM}?id={burst.conversation}", once=name_of(burst),
        reaching=Reaching(Topic.ANSWERS, {"subject": subject.zh, "hint": HINT, "state": "有新回复"}),
        conversation=burst.conversation, seq=burst.seq,
        text=text(
            f"您关于「{subject.zh}」的咨询有新回复", f"There is an answer about: {subject.en or subject.zh}"
        ),
    )  # fmt: skip


async def was_seen(notice: Notice) -> bool:
    """Whether what a notice of an answer is about was read meanwhile, in the room itself."""
    if notice.kind != KIND:
        return False
    return await talks.was_read(UUID(notice.about["conversation"]), int(notice.about["seq"]))


READ = """
UPDATE notify_notice n SET read_at = $1, reach_at = NULL FROM chat_mark k
WHERE n.kind = 'chat.missed' AND n.read_at IS NULL AND n.created_at > $2
  AND k.conversation_id = (n.about ->> 'conversation')::uuid AND k.side = 'citizen'
  AND k.read >= (n.about ->> 'seq')::bigint
"""


async def _end_read_ones() -> None:
    """Who has read the room has read the notice."""
    now = clock.now()
    await db.execute(READ, now, now - timedelta(days=30))
