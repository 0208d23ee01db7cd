"""
The ledger of one-time grants: each "allow" of a person on a platform's sheet is one row, good for one message.

A grant is spent before its message is sent, in the transaction that claims the delivery, so that two processes never
spend one twice. It comes back when the platform surely did not send; whoever is told "not subscribed" has none left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from auth.errors import PlatformNotOffered
from auth.models import PlatformIdentity
from auth.platforms import platform as platform_of
from kit import clock, db
from kit.config import current
from kit.ids import new_id
from mobileapi.notify.config import NotifySettings
from mobileapi.notify.models import Asked
from mobileapi.notify.topics import PLATFORMS, Topic, template

Answer = Literal["accept", "reject", "ban", "filter"]


@dataclass(frozen=True)
class Left:
    """What one template may still be sent. `ask`: whether the person may be asked for more now."""

    platform: str
    topic: Topic
    template: str
    left: int
    ask: bool


@dataclass(frozen=True)
class Spent:
    """A grant that was just spent, and the open id its message goes to."""

    id: UUID
    identity: UUID
    open_id: str
    template: str


async def book(citizen: UUID, platform: str, answers: Mapping[Topic, Answer]) -> None:
    """
    One tap on the platform's sheet. An accepted topic is one more message; beyond HANDHELD_MESSAGE_GRANTS_KEPT nothing
    is added. Without an identity at that platform, or a template of the topic, there is nothing to be good for.
    """
    identity = await _identity(citizen, platform)
    async with db.transaction():
        for topic, answer in answers.items():
            await db.execute(ASKED, new_id(), citizen, platform, topic.value, answer, clock.now())
            known = template(platform, topic)
            if answer == "accept" and known is not None and identity is not None:
                await _add(identity, topic, known.id)


ASKED = """
INSERT INTO notify_asked (id, citizen, platform, topic, answer, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (citizen, platform, topic) DO UPDATE SET answer = $5, at = $6
"""
ADD = """
INSERT INTO notify_grant (id, identity_id, topic, template, state, granted_at)
SELECT $1::uuid, $2::uuid, $3::varchar, $4::varchar, 'free', $5::timestamptz
WHERE (SELECT count(*) FROM notify_grant WHERE identity_id = $2 AND template = $4::varchar AND state = 'free') < $6::int
"""


async def _add(identity: UUID, topic: Topic, template_id: str) -> None:
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 31))", f"{identity}:{template_id}")
    kept = current(NotifySettings).message_grants_kept
    await db.execute(ADD, new_id(), identity, topic.value, template_id, clock.now(), kept)


async def _identity(citizen: UUID, platform: str) -> UUID | None:
    try:
        app_id = platform_of(platform).app_id
    except PlatformNotOffered:
        return None
    found = await PlatformIdentity.filter(citizen_id=citizen, platform=platform, app_id=app_id).first()
    return found.id if found else None


COUNT = """
SELECT i.platform, g.template, count(*) AS n FROM notify_grant g JOIN auth_platform_identity i ON i.id = g.identity_id
WHERE i.citizen_id = $1 AND g.state = 'free' GROUP BY 1, 2
"""


async def left(citizen: UUID) -> list[Left]:
    """Every template of the platforms the citizen comes from, and what may still be sent by it."""
    counts = {(row["platform"], row["template"]): int(row["n"]) for row in await db.fetch(COUNT, citizen)}
    came_by = {identity.platform for identity in await PlatformIdentity.filter(citizen_id=citizen)}
    refused = await _refused_lately(citizen)
    return [
        Left(
            platform, topic, known.id, left=(n := counts.get((platform, known.id), 0)),
            ask=n == 0 and (platform, topic.value) not in refused,
        )
        for platform in PLATFORMS if platform in came_by
        for topic in Topic if (known := template(platform, topic)) is not None
    ]  # fmt: skip


async def _refused_lately(citizen: UUID) -> set[tuple[str, str]]:
    since = clock.now() - timedelta(days=current(NotifySettings).message_ask_days)
    rows = Asked.filter(citizen=citizen, at__gt=since).exclude(answer="accept")
    return {(row.platform, row.topic) for row in await rows}


SPEND = """
UPDATE notify_grant g SET state = 'spent', spent_at = $4, spent_on = $5
FROM auth_platform_identity i
WHERE i.id = g.identity_id AND g.id = (
  SELECT f.id FROM notify_grant f JOIN auth_platform_identity p ON p.id = f.identity_id
  WHERE p.citizen_id = $1 AND p.platform = $2 AND p.app_id = $3 AND f.template = $6 AND f.state = 'free'
  ORDER BY f.granted_at, f.id LIMIT 1 FOR UPDATE OF f SKIP LOCKED)
RETURNING g.id, g.identity_id, i.open_id, g.template
"""


async def spend(citizen: UUID, platform: str, *, app_id: str, template_id: str, notice: UUID) -> Spent | None:
    """Spends the oldest free grant in the open transaction; None when there is none."""
    rows: Sequence[dict[str, object]] = await db.fetch(
        SPEND, citizen, platform, app_id, clock.now(), notice, template_id
    )  # fmt: skip
    return Spent(*rows[0].values()) if rows else None  # type: ignore[arg-type]


async def give_back(grant: UUID) -> None:
    """The platform surely did not send: the grant is good for another message."""
    await db.execute(
        "UPDATE notify_grant SET state = 'free', spent_at = NULL, spent_on = NULL WHERE id = $1 AND state = 'spent'",
        grant,
    )


async def none_left(spent: Spent) -> None:
    """The platform says that nothing is allowed: this grant and the free ones beside it never were, or are gone."""
    await db.execute(VOID, spent.id, spent.identity, spent.template)


VOID = """
UPDATE notify_grant SET state = 'void'
WHERE id = $1 OR (identity_id = $2 AND template = $3 AND state = 'free')
"""
