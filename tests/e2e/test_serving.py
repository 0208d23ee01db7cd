"""The server process by itself: told to stop, with one worker and with several."""

import asyncio
import os
import signal
import subprocess
import sys

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from auth.models import Citizen
from auth.sessions import open_session
from auth.tokens import access_token
from kit import clock, db
from mobileapi.settings import OfficeSettings
from tests.e2e.conftest import ROOT, free_port
from tests.flows.town import Person, Town

pytestmark = pytest.mark.anyio


async def started(
    url: str, settings: OfficeSettings, *, workers: int = 1, more: dict[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """`handheld serve` with this test's database and keys, and `more` of the environment, answering; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    ours = {"HANDHELD_DATABASE_URL": url, "HANDHELD_DATA_DIR": str(settings.data_dir), "HANDHELD_PUBLIC_URL": address}
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
    command = [sys.executable, "-m", "mobileapi.cli", "serve", "--port", str(port), "--workers", str(workers)]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = settings.data_dir / "server.log"
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=clean | ours | (more or {}), stdout=file, stderr=file)
    async with httpx2.AsyncClient(trust_env=False) as http, asyncio.timeout(60):
        while True:
            assert process.poll() is None, log.read_text()[-2000:]
            try:
                if (await http.get(f"{address}/health/ready")).status_code == 200:
                    return process, address
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)


async def citizen_with_token() -> str:
    citizen = await Citizen.create(assurance="phone", created_at=clock.now())
    async with db.transaction():
        opened = await open_session(kind="citizen", person=citizen.id, device="test")
    return access_token(person=citizen.id, kind="citizen", roles=frozenset({"citizen"}), session=opened.session.id).text


@pytest.mark.parametrize("workers", [1, 2])
async def test_told_to_stop_sockets_hear_goodbye_and_the_server_ends(
    database: str, settings: OfficeSettings, workers: int
) -> None:
    process, address = await started(database, settings, workers=workers)
    try:
        async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
            town = Town(address, http, {})
            async with town.socket(Person(http, token=await citizen_with_token())) as phone:
                process.send_signal(signal.SIGTERM)
                farewell = await phone.until("goodbye")
                assert farewell["retry_after_ms"] >= 0
                with pytest.raises(ConnectionClosed) as closed:
                    await phone.connection.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1012
        await asyncio.to_thread(process.wait, 12)
    finally:
        process.kill()
