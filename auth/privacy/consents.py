"""Consents: given and taken back as easily (art. 15), each to words that are known by their hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from auth.privacy import contributors, deletions
from auth.privacy.errors import ConsentNeeded, ConsentNotAsked, NoticeChanged
from auth.privacy.events import ConsentWithdrawn
from auth.privacy.models import Consent
from auth.privacy.notices import present
from auth.privacy.purposes import PURPOSES, Ground, Purpose
from kit import audit, clock, db, events
from kit.errors import NotFound
from kit.web import Actor


class Standing(StrEnum):
    NOT_NEEDED = "not_needed"  # rests on law
    NOT_ASKED = "not_asked"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    OUTDATED = "outdated"  # given to earlier words: asked again


@dataclass(frozen=True)
class Held:
    purpose: Purpose
    standing: Standing
    version: str | None = None
    at: datetime | None = None


async def of_citizen(citizen: UUID) -> list[Held]:
    """Every purpose, with what the person last said to it."""
    rows = await Consent.filter(citizen=citizen).order_by("id")
    last = {row.purpose: row for row in rows}
    return [_held(purpose, last.get(code)) for code, purpose in PURPOSES.items()]


def _held(purpose: Purpose, last: Consent | None) -> Held:
    if purpose.ground is Ground.DUTY:
        return Held(purpose, Standing.NOT_NEEDED)
    if last is None:
        return Held(purpose, Standing.NOT_ASKED)
    if not last.given:
        return Held(purpose, Standing.WITHDRAWN, last.version, last.at)
    present_words = last.digest == present().digest
    return Held(purpose, Standing.GIVEN if present_words else Standing.OUTDATED, last.version, last.at)


async def standing_of(citizen: UUID, purpose: str) -> Standing:
    last = await Consent.filter(citizen=citizen, purpose=purpose).order_by("-id").first()
    return _held(PURPOSES[purpose], last).standing


async def require(citizen: UUID, purpose: str) -> None:
    """Raises ConsentNeeded unless the person has agreed to the present words, or the purpose rests on law."""
    if await standing_of(citizen, purpose) not in {Standing.GIVEN, Standing.NOT_NEEDED}:
        raise ConsentNeeded(purpose, present().version)


async def say(
    actor: Actor,
    purpose: str,
    *,
    given: bool,
    version: str,
    channel: str = "app",
    scope: Mapping[str, str] | None = None,
) -> Held:
    """
    Records a yes to the words of `version`, or takes it back; the same again changes nothing. Taking back deletes what
    only this consent carried; what was done before stays lawful (art. 15).

    Raises: NotFound, ConsentNotAsked, NoticeChanged when a yes is to words that are not the present ones.
    """
    if purpose not in PURPOSES:
        raise NotFound
    if PURPOSES[purpose].ground is Ground.DUTY:
        raise ConsentNotAsked
    if given and version != present().version:
        raise NoticeChanged
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 21))", f"{actor.id}:{purpose}")
        standing = await standing_of(actor.id, purpose)
        wanted = {Standing.GIVEN} if given else {Standing.WITHDRAWN, Standing.NOT_ASKED}
        if standing not in wanted:
            await _note(actor, purpose, given=given, channel=channel, scope=dict(scope or {}))
    return next(held for held in await of_citizen(actor.id) if held.purpose.code == purpose)


async def _note(actor: Actor, purpose: str, *, given: bool, channel: str, scope: dict[str, str]) -> None:
    words = present()
    await Consent.create(
        citizen=actor.id, purpose=purpose, given=given, version=words.version, digest=words.digest, channel=channel,
        scope=scope, at=clock.now(),
    )  # fmt: skip
    await audit.record(
        actor=actor.name, action=f"consent.{'given' if given else 'withdrawn'}", subject=f"citizen:{actor.id}",
        purpose=purpose, version=words.version,
    )  # fmt: skip
    if not given:
        files = await contributors.forget_purpose(actor.id, purpose)
        await deletions.note(actor.id, kind=f"consent:{purpose}", files=files)
        await events.publish(ConsentWithdrawn(citizen=actor.id, purpose=purpose))
