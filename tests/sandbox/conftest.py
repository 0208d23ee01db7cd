from collections.abc import Iterator

import pytest

from tests.sandbox.merchant import Merchant, open_letterbox
from tests.sandbox_server import SandboxServer, start_sandbox


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """A sandbox of the sandbox's own tests, which move its clock."""
    with start_sandbox(tmp_path_factory.mktemp("platform")) as server:
        yield server


@pytest.fixture
def merchant(platform: SandboxServer) -> Iterator[Merchant]:
    box, server = open_letterbox()
    yield Merchant(platform, box)
    platform.calm()
    server.shutdown()
    server.server_close()
