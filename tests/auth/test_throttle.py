import pytest

from auth.throttle import let_pass
from kit import config
from kit.errors import TooMany
from mobileapi.settings import OfficeSettings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("redis_url", "granted"), [(None, 6), ("redis://127.0.0.1:1/0", 3)])
async def test_tries_are_counted_by_source_even_while_redis_is_away(
    settings: OfficeSettings, redis_url: str | None, granted: int
) -> None:
    config.install(settings.model_copy(update={"redis_url": redis_url}))
    what = f"knock-{redis_url}"
    for _ in range(granted):
        await let_pass(what, source="203.0.113.1", per_minute=6)
    with pytest.raises(TooMany) as refusal:
        await let_pass(what, source="203.0.113.1", per_minute=6)
    assert 1 <= refusal.value.extra["retry_after_s"] <= 60
    await let_pass(what, source="203.0.113.2", per_minute=6)
