"""The flows over HTTP and the socket, against the office as it is started by `make run`."""

import pytest

from tests.flows import FLOWS
from tests.flows.town import Town

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("flow", FLOWS)
async def test_the_flow_can_be_walked(town: Town, flow: str) -> None:
    said: list[str] = []
    await FLOWS[flow](town, said.append)
    assert len(said) >= 3
