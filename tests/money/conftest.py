"""The town of tests/payments, whose channel is asked for the truth when a test is over."""

from collections.abc import Iterator
from typing import Any

import pytest

from kit import db
from tests.payments.conftest import Town, settings, town, web
from tests.sandbox_server import SandboxServer, start_sandbox

__all__ = ["settings", "town", "web"]


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with start_sandbox(tmp_path_factory.mktemp("channel")) as server:
        yield server


async def charges_of(town: Town) -> list[dict[str, Any]]:
    """What the people of this town were charged."""
    people = {row["open_id"] for row in await db.fetch("SELECT open_id FROM auth_platform_identity")}
    told = (await town.platform.control_async("/charges"))["charges"]
    return [charge for charge in told if charge["openid"] in people]
