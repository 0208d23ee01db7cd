"""How often one address may try. Counted in Redis when there is one, else in this process."""

import asyncio
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import StorageTypes

from kit import crypto
from kit.config import Settings, current
from kit.errors import TooMany
from kit.log import logger

log = logger("throttle")
_limiters: dict[str, tuple[asyncio.AbstractEventLoop, MovingWindowRateLimiter]] = {}


async def let_pass(what: str, *, source: str, per_minute: int) -> None:
    """Counts one try of `what` from `source` (an address; only its digest is kept). Raises TooMany."""
    item, key = RateLimitItemPerMinute(per_minute), crypto.blind_index(source, purpose=f"throttle.{what}")
    try:
        await _count(_limiter(current(Settings).redis_url), item=item, key=key)
    except StorageError as error:
        log.warning("throttle_without_redis", why=type(error).__name__)
        await _count(_limiter(None), item=item, key=key)


async def _count(limiter: MovingWindowRateLimiter, *, item: RateLimitItemPerMinute, key: str) -> None:
    if not await limiter.hit(item, key):
        window = await limiter.get_window_stats(item, key)
        raise TooMany(max(1, math.ceil(window.reset_time - time.time())))


def _limiter(redis_url: str | None) -> MovingWindowRateLimiter:
    """The counter of this process and event loop."""
    loop, name = asyncio.get_running_loop(), redis_url or "memory"
    kept = _limiters.get(name)
    if kept is not None and kept[0] is loop:
        return kept[1]
    storage: StorageTypes = (
        RedisStorage(f"async+{redis_url}", implementation="redispy", wrap_exceptions=True)
        if redis_url
        else MemoryStorage()
    )
    _limiters[name] = (loop, MovingWindowRateLimiter(storage))
    return _limiters[name][1]
