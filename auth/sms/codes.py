"""
Codes by text message: six digits, bound to a flow, a number and a purpose, for minutes, for few tries, once.

Known and unknown numbers are treated alike: whether a number belongs to an account is not asked here. Of a code only a
keyed digest is kept, and whoever lacks its flow cannot try it.
"""

import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from auth import sms, throttle
from auth.citizens import phone_index
from auth.sessions import digest_of
from auth.sms.base import NotSent
from auth.sms.config import SmsSettings
from auth.sms.errors import SmsBudgetSpent, SmsCodeWrong, SmsUnavailable
from auth.sms.events import SmsBudgetRunsLow
from auth.sms.models import SmsCode
from kit import clock, crypto, db, events
from kit.config import current
from kit.errors import TooMany
from kit.log import logger

log = logger("sms")
ALARM_AT = 80  # per cent of the hour's budget


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    PHONE = "phone"  # this number is to become the account's own
    MERGE = "merge"  # this number opens the other account of the same person


@dataclass(frozen=True)
class Sent:
    flow: str
    expires_in: int  # seconds
    retry_after: int  # seconds until this number may be sent another


async def send(phone: str, *, purpose: Purpose, source: str, owner: UUID | None = None) -> Sent:
    """
    Sends a code to a mainland number; `owner` is the account it is for, which alone may use it then.

    Raises: TooMany by number and by source (an address), SmsBudgetSpent, SmsUnavailable, SmsNotOffered.
    """
    settings, service = current(SmsSettings), sms.service()
    await throttle.let_pass("sms_code", source=source, per_minute=settings.sms_codes_per_source)
    flow, code = secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06d}"
    digest = digest_of(flow)
    async with db.transaction():  # a number over its own limits costs the budget nothing
        await _noted(digest, phone=phone, code=code, purpose=purpose, owner=owner)
        await _spend(clock.now())
    minutes = str(math.ceil(settings.sms_code_seconds / 60))
    try:
        serial = await service.send(phone, template=settings.sms_code_template, values=[code, minutes])
    except NotSent as failed:
        log.warning("sms_not_sent", why=str(failed), maybe_sent=failed.maybe_sent)
        if not failed.maybe_sent:
            await SmsCode.filter(flow_digest=digest).delete()
        raise SmsUnavailable from None
    await SmsCode.filter(flow_digest=digest).update(sent=serial[:80])
    return Sent(flow, settings.sms_code_seconds, settings.sms_gap_seconds)


async def _noted(digest: str, *, phone: str, code: str, purpose: Purpose, owner: UUID | None) -> None:
    """The intent, with the number's limits judged under its lock."""
    settings, now, index = current(SmsSettings), clock.now(), phone_index(phone)
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 9))", index)
    await _refuse_too_many(index, now=now)
    await SmsCode.create(
        flow_digest=digest, purpose=purpose, phone_index=index, owner=owner, created_at=now,
        phone_sealed=crypto.seal(phone, bound_to=_place(digest)), code_digest=_code_digest(digest, code),
        expires_at=now + timedelta(seconds=settings.sms_code_seconds),
    )  # fmt: skip


def _place(flow_digest: str) -> str:
    return f"sms_code.phone:{flow_digest}"


def _code_digest(flow_digest: str, code: str) -> str:
    return crypto.blind_index(f"{flow_digest}\0{code}", purpose="sms.code")


async def _refuse_too_many(index: str, *, now: datetime) -> None:
    settings, day = current(SmsSettings), timedelta(days=1)
    row = (
        await db.fetch(
            "SELECT count(*) AS n, min(created_at) AS first, max(created_at) AS last FROM sms_code "
            "WHERE phone_index = $1 AND created_at > $2",
            index, now - day,
        )
    )[0]  # fmt: skip
    if row["n"] >= settings.sms_codes_per_day:
        raise TooMany(math.ceil((row["first"] + day - now).total_seconds()))
    gap = timedelta(seconds=settings.sms_gap_seconds)
    if row["last"] is not None and row["last"] + gap > now:
        raise TooMany(math.ceil((row["last"] + gap - now).total_seconds()))


SPEND = """
INSERT INTO sms_hour AS h (hour, codes) VALUES ($1, 1)
ON CONFLICT (hour) DO UPDATE SET codes = h.codes + 1 WHERE h.codes < $2 RETURNING codes
"""


async def _spend(now: datetime) -> None:
    """Takes one from the hour's budget, and raises the alarm once. Raises SmsBudgetSpent."""
    hour, budget = now.replace(minute=0, second=0, microsecond=0), current(SmsSettings).sms_codes_per_hour
    sent = await db.fetch_value(SPEND, hour, budget)
    if sent is None:
        log.error("sms_budget_spent", hour=hour.isoformat(), budget=budget)
        raise SmsBudgetSpent
    if sent * 100 >= budget * ALARM_AT:
        await _alarm(hour, sent=sent, budget=budget)


async def _alarm(hour: datetime, *, sent: int, budget: int) -> None:
    first = await db.execute(
        "UPDATE sms_hour SET alarmed_at = $2 WHERE hour = $1 AND alarmed_at IS NULL", hour, clock.now()
    )
    if first:
        log.error("sms_budget_runs_low", hour=hour.isoformat(), sent=sent, budget=budget)
        await events.publish(SmsBudgetRunsLow(hour.isoformat(), sent, budget))


@dataclass(frozen=True)
class Proof:
    """A number that was proved to be in the hands of whoever asks."""

    phone: str
    flow_digest: str


async def prove(flow: str, code: str, *, purpose: Purpose, owner: UUID | None = None) -> Proof:
    """
    The number behind the flow, when the code is right. It is not used up yet: `use` does that, with what it was for.

    Counts a try first, committed, whatever comes of it. Raises SmsCodeWrong.
    """
    digest = digest_of(flow)
    async with db.transaction():
        found = await SmsCode.select_for_update().get_or_none(flow_digest=digest)
        if found is None or not _alive(found, purpose=purpose, owner=owner):
            raise SmsCodeWrong
        await SmsCode.filter(flow_digest=digest).update(tries=found.tries + 1)
        right = hmac.compare_digest(found.code_digest, _code_digest(digest, code))
    if not right:
        raise SmsCodeWrong
    return Proof(crypto.unseal(found.phone_sealed, bound_to=_place(digest)), digest)


def _alive(found: SmsCode, *, purpose: Purpose, owner: UUID | None) -> bool:
    unused = found.used_at is None and found.tries < current(SmsSettings).sms_code_tries
    return unused and clock.now() < found.expires_at and found.purpose == purpose and found.owner == owner


async def use(proof: Proof) -> None:
    """Uses the code up, in the transaction of what it was for. Raises SmsCodeWrong when another request was quicker."""
    used = await SmsCode.filter(flow_digest=proof.flow_digest, used_at=None).update(used_at=clock.now())
    if not used:
        raise SmsCodeWrong


async def purge() -> int:
    """Removes codes older than a day, which no limit counts any more, and hours older than a month; how many codes."""
    now = clock.now()
    await db.execute("DELETE FROM sms_hour WHERE hour < $1", now - timedelta(days=31))
    return await SmsCode.filter(created_at__lt=now - timedelta(days=1)).delete()
