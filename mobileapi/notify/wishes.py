"""Which ways outside the app a citizen wants, by topic. Unsaid, both are open; texts need a consent beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.privacy import consents
from auth.privacy.consents import Standing
from kit import clock, db
from kit.config import current
from kit.ids import new_id
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.models import Preference
from mobileapi.notify.topics import Topic

PURPOSE = "reminders"  # 办理提醒: a plain consent, personal information protection law art. 13 (1)


@dataclass(frozen=True)
class Wish:
    topic: Topic
    messages: bool
    texts: bool


async def of(citizen: UUID) -> list[Wish]:
    said = {row.topic: (row.messages, row.texts) for row in await Preference.filter(citizen=citizen)}
    return [Wish(topic, *said.get(topic.value, (True, True))) for topic in Topic]


async def about(citizen: UUID, topic: Topic) -> Wish:
    return next(wish for wish in await of(citizen) if wish.topic == topic)


SAY = """
INSERT INTO notify_preference (id, citizen, topic, messages, texts) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (citizen, topic) DO UPDATE SET messages = $4, texts = $5
"""


async def say(citizen: UUID, wish: Wish) -> None:
    await db.execute(SAY, new_id(), citizen, wish.topic.value, wish.messages, wish.texts)


async def texts_allowed(citizen: UUID) -> bool:
    return await consents.standing_of(citizen, PURPOSE) is Standing.GIVEN


OFFICE = UUID(int=0)
COUNT = """
INSERT INTO notify_text_budget (id, day, citizen, used) VALUES ($1, $2, $3, 1)
ON CONFLICT (day, citizen) DO UPDATE SET used = notify_text_budget.used + 1
"""


async def take_text(citizen: UUID) -> bool:
    """One text message of today's budgets, in the open transaction; False when one of them is used up."""
    settings, today = current(NotifySettings), clock.today()
    limits = {citizen: settings.texts_per_day, OFFICE: settings.texts_per_day_office}
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('text budget', 32))")
    rows = await db.fetch(
        "SELECT citizen, used FROM notify_text_budget WHERE day = $1 AND citizen = ANY ($2)", today, list(limits)
    )
    used = {row["citizen"]: row["used"] for row in rows}
    if any(used.get(payer, 0) >= limit for payer, limit in limits.items()):
        return False
    for payer in limits:
        await db.execute(COUNT, new_id(), today, payer)
    return True


def quiet_until(now: datetime) -> datetime | None:
    """When the quiet hours end that are now, in the city's time; None outside them."""
    settings, here = current(NotifySettings), clock.city_time(now)
    begins, ends = settings.texts_quiet_from, settings.texts_quiet_until
    within = begins <= here.hour or here.hour < ends if begins > ends else begins <= here.hour < ends
    if not within:
        return None
    end = here.replace(hour=ends, minute=0, second=0, microsecond=0)
    return end if end > here else end + timedelta(days=1)
