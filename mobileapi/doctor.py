"""`handheld doctor`: every setting and every outside party, with what to do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import ValidationError

from auth.privacy import deletions
from kit import config, db, outbound, sealed, storage
from kit.outbound import OutsideUnreachable
from mobileapi.notify import topics
from mobileapi.settings import OfficeSettings, load, tables
from mobileapi.tables import not_applied


@dataclass(frozen=True)
class Finding:
    what: str
    fine: bool
    advice: str = ""

    def __str__(self) -> str:
        return f"  {'ok  ' if self.fine else 'FAIL'}  {self.what}{'' if self.fine else ': ' + self.advice}"


def examine() -> int:
    """Prints one line a check; 0 when all is fine, else 1."""
    try:
        settings = load()
    except (config.BadConfiguration, ValidationError) as error:
        told = str(error) if isinstance(error, config.BadConfiguration) else "; ".join(
            f"HANDHELD_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        )  # fmt: skip
        print(Finding("settings", fine=False, advice=told))
        return 1
    findings = [Finding("settings", fine=True), *asyncio.run(_examine(settings))]
    for finding in findings:
        print(finding)
    return 0 if all(f.fine for f in findings) else 1


async def _examine(settings: OfficeSettings) -> list[Finding]:
    checks: list[Callable[[OfficeSettings], Awaitable[list[Finding]]]] = [
        _database,
        _files,
        _redis,
        _templates,
        _outside,
    ]
    return [finding for check in checks for finding in await check(settings)]


async def _database(settings: OfficeSettings) -> list[Finding]:
    url = settings.database_url or db.start_embedded(settings.data_dir)
    try:
        await db.require(url)
    except config.BadConfiguration as error:
        return [Finding("database", fine=False, advice=str(error))]
    await db.open_database(tables(url, pool=2))
    try:
        version = int(await db.fetch_value("SHOW server_version_num"))
        missing = await not_applied(url)
        return [
            Finding("database answers", fine=True),
            Finding("PostgreSQL 15 or newer", fine=version >= 150000, advice=f"the server is {version // 10000}"),
            Finding("schema", fine=not missing, advice="run `handheld migrate`"),
            *([] if missing else [*await _field_keys(), *await _deletions()]),
        ]
    finally:
        await db.close_database()


async def _field_keys() -> list[Finding]:
    """A key that values still need must not be taken out of HANDHELD_FIELD_KEYS."""
    missing = await sealed.missing_keys()
    told = ", ".join(f"{key} ({values} values)" for key, values in sorted(missing.items()))
    advice = f"HANDHELD_FIELD_KEYS lacks {told}; put it back, then run `handheld fields rotate`"
    return [Finding("keys of personal data", fine=not missing, advice=advice)]


async def _deletions() -> list[Finding]:
    """A database restored from before a deletion must not serve what was deleted."""
    undone = await deletions.unknown()
    advice = f"the database does not know {len(undone)} deletions of the store; run `handheld migrate`"
    return [Finding("deletions are carried out", fine=not undone, advice=advice)]


async def _files(_: OfficeSettings) -> list[Finding]:
    return [Finding("file storage", fine=await storage.answers(), advice="check HANDHELD_STORAGE_URL and its rights")]


async def _redis(settings: OfficeSettings) -> list[Finding]:
    if settings.redis_url is None:
        return []
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(settings.redis_url, socket_timeout=2)
    try:
        fine = bool(await client.ping())
    except (RedisError, OSError):
        fine = False
    finally:
        await client.aclose()
    return [Finding("Redis", fine=fine, advice="it does not answer; check HANDHELD_REDIS_URL")]


async def _templates(settings: OfficeSettings) -> list[Finding]:
    """Message templates can be filled. Without one such notices go by text message, or stay in the app."""
    offered = [p for p in topics.PLATFORMS if (settings.wechat_app_id if p == "wechat" else settings.alipay_app_id)]
    return [_template(platform, topic) for platform in offered for topic in topics.Topic]


def _template(platform: str, topic: topics.Topic) -> Finding:
    what = f"{platform} message template: {topic.value}"
    try:
        found = topics.template(platform, topic)
    except config.BadConfiguration as error:
        return Finding(what, fine=False, advice=str(error))
    return Finding(what if found else f"{what}: none is set", fine=True)


async def _outside(settings: OfficeSettings) -> list[Finding]:
    client = outbound.Outbound(settings.outside_urls())
    try:
        return [await _reached(client, url) for url in sorted(set(settings.outside_urls()))]
    finally:
        await client.close()


async def _reached(client: outbound.Outbound, url: str) -> Finding:
    try:
        await client.call("GET", url, deadline_s=5)
    except OutsideUnreachable as error:
        return Finding(f"{url} is reachable", fine=False, advice=f"{error}; check the network and the address")
    return Finding(f"{url} is reachable", fine=True)
