"""What acting for others needs while the office is open: its jobs known to the worker, its registry set whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth.acting import jobs
from auth.acting.config import ActingSettings
from kit.config import BadConfiguration, current

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """Raises BadConfiguration for a registry that is half set."""
    if serving:
        settings = current(ActingSettings)
        parts = [settings.registry_url, settings.registry_app_id, settings.registry_secret.get_secret_value()]
        if any(parts) and not all(parts):
            raise BadConfiguration(
                "set HANDHELD_REGISTRY_URL, HANDHELD_REGISTRY_APP_ID and HANDHELD_REGISTRY_SECRET together, or none"
            )
    yield
