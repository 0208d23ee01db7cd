"""One identity, two accounts: fifty binds at once end in one of them, and nothing of the platform's secrets stays."""

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAway

from auth.models import Citizen, PlatformIdentity
from kit import config, db
from mobileapi.settings import OfficeSettings
from tests.auth.conftest import Phone
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


async def test_fifty_binds_of_one_identity_to_two_accounts_at_once_leave_one(
    phone: Any, door: httpx2.AsyncClient
) -> None:
    """Two accounts show a code to the same bare phone, which confirms both over and over."""
    owners = [(await phone(f"1340000000{n}").tap()).json() for n in (1, 2)]
    await PlatformIdentity.all().delete()  # made at the counter: nobody's platform leads to them
    bare = (await phone("13400000003").tap(with_phone=False)).json()
    bearer = {"authorization": f"Bearer {bare['access_token']}"}
    tickets = []
    for owner in owners:
        ask = {"purpose": "bind", "device_label": "窗口"}
        own = {"authorization": f"Bearer {owner['access_token']}"}
        tickets.append((await door.post("/api/v1/auth/scans", json=ask, headers=own)).json()["ticket"])
        assert (await door.post(f"/api/v1/auth/scans/{tickets[-1]}/scan", headers=bearer)).status_code == 200
    proofs = ["0001", "0002"]
    answers = await asyncio.gather(
        *(
            door.post(f"/api/v1/auth/scans/{tickets[n % 2]}/confirm", json={"last_four": proofs[n % 2]}, headers=bearer)
            for n in range(50)
        )
    )
    assert sum(a.status_code == 200 for a in answers) == 1
    identity = await PlatformIdentity.get()
    winner = next(n for n, a in enumerate(answers) if a.status_code == 200) % 2
    assert str(identity.citizen_id) == owners[winner]["citizen"]["id"]  # type: ignore[attr-defined]
    assert await Citizen.filter(disabled_at__isnull=False).count() == 1
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.identity_bound'") == 1


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[tuple[str, Redis]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        client = Redis.from_url(f"redis://127.0.0.1:{port}/0")
        async with asyncio.timeout(WAIT_S):
            while True:
                with contextlib.suppress(RedisAway):
                    await client.ping()
                    break
        yield f"redis://127.0.0.1:{port}/0", client
        await client.aclose()
        process.terminate()


async def test_what_the_platform_told_is_in_no_answer_no_log_no_column_and_not_in_redis(
    phone: Any, redis: tuple[str, Redis], capsys: pytest.CaptureFixture[str]
) -> None:
    url, client = redis
    config.install(config.current(OfficeSettings).model_copy(update={"redis_url": url}))
    handset: Phone = phone("13400000004")
    answer = await handset.tap()
    assert answer.status_code == 200
    keys = [key async for key in client.scan_iter()]
    kept = b" ".join([*keys, *[await client.dump(key) or b"" for key in keys]])
    assert keys, "the tries are counted there"
    told = answer.text + "".join(capsys.readouterr()) + kept.decode("latin-1")
    for secret in ("session_key", handset.openid, "13400000004"):
        assert secret not in told
