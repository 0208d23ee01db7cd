"""The whole office as `make run` starts it, on free ports, and a real browser to visit it with."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mobileapi.faces import FACES
from tests.flows.town import Town
from tests.patience import WAIT_MS

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


DATA: dict[str, Path] = {}
"""The data folder of every office that was opened, by its address; for commands an operator types beside it."""


@contextmanager
def open_office(data: Path, *, ready_within_s: float = 300, **settings: str) -> Iterator[str]:
    """`handheld demo` with its data below `data`, and settings; its address. Ended by SIGTERM, as Ctrl-C would."""
    port, sandbox = free_port(), free_port()
    command = [
        sys.executable,
        "-m",
        "mobileapi.cli",
        "demo",
        "--port",
        str(port),
        "--sandbox-port",
        str(sandbox),
        "--data",
        str(data),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")} | settings
    log = (data.parent / "office.log").open("ab")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _until_ready(process, f"http://127.0.0.1:{port}/health/ready", ready_within_s, data)
        DATA[f"http://127.0.0.1:{port}"] = data
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(process: subprocess.Popen[bytes], url: str, within_s: float, data: Path) -> None:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        assert process.poll() is None, (data.parent / "office.log").read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"not ready: {(data.parent / 'office.log').read_text()[-2000:]}")


@pytest.fixture(scope="session")
def office_url() -> Iterator[str]:
    # Not pytest's own folder: that is closed to the user the embedded database runs as when we are root.
    with tempfile.TemporaryDirectory(prefix="hho-office-") as folder, open_office(Path(folder) / "data") as url:
        yield url


@pytest.fixture
async def town(office_url: str) -> AsyncIterator[Town]:
    async with Town.visit(office_url) as town:
        yield town


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Any]:
    """A headless browser; tests that need it are skipped with the reason where it or the built faces are missing."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; tests/install_browser.sh says how")
    if not all((folder / page).is_file() for folder, page in FACES.values()):
        pytest.skip("web not built; run `make web`")
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=WAIT_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def phone(chromium: Any, office_url: str) -> AsyncIterator[Any]:
    """A citizen's phone: 375 × 812, touch, Chinese."""
    context = await chromium.new_context(
        base_url=office_url,
        viewport={"width": 375, "height": 812},
        locale="zh-CN",
        is_mobile=True,
        has_touch=True,
        device_scale_factor=2,
    )
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def desk(chromium: Any, office_url: str) -> AsyncIterator[Any]:
    """A clerk's screen: 1440 × 900."""
    context = await chromium.new_context(base_url=office_url, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield await context.new_page()
    await context.close()
