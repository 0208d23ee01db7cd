"""`handheld demo`: database, district, sandbox, server and worker on one machine; Ctrl-C stops all of it."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from kit import config, db
from kit.log import configure
from mobileapi.demo.accounts import DemoAccounts, accounts
from mobileapi.settings import load

START_S = 60.0


class CannotStart(Exception):
    """One clear sentence saying what is in the way and what to do."""


def demonstrate(*, port: int, sandbox_port: int, data: Path, reset: bool) -> None:
    """Starts everything and stays until Ctrl-C or until a part ends."""
    os.environ["PYTHONUNBUFFERED"] = "1"
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        with _only_one(data, reset=reset):
            _run(port=port, sandbox_port=sandbox_port, data=data.resolve())
    except CannotStart as reason:
        print(f"handheld: {reason}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("\nstopped; the data stay in", data)


def _as_interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _only_one(data: Path, *, reset: bool) -> Iterator[None]:
    """Holds the data folder's lock: two demonstrations never share one folder."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / ".lock").open("w")
    except OSError as error:
        raise CannotStart(
            f"the data folder {data} cannot be written ({error.strerror}); choose another with --data"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"the data folder {data} is in use by another run; stop that one or choose another with --data"
            ) from None
        if reset:
            for entry in data.iterdir():
                if entry.name != ".lock":
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        yield


def _run(*, port: int, sandbox_port: int, data: Path) -> None:
    for name, number in (("--port", port), ("--sandbox-port", sandbox_port)):
        _refuse_taken(name, number)
    parts: list[tuple[str, subprocess.Popen[bytes]]] = []
    try:
        sandbox = f"http://127.0.0.1:{sandbox_port}"
        parts.append(
            (
                "the sandbox",
                _start(
                    data,
                    "sandbox",
                    ["-m", "miniapp_stub.sandbox", "--port", str(sandbox_port), "--data", str(data / "sandbox")],
                ),
            )
        )
        url = db.start_embedded(data)
        db.url_for_children(url)
        _migrate(url)  # while the sandbox makes its keys
        _wait(parts, f"{sandbox}/", data=data)
        _environment(data, sandbox_credentials=data / "sandbox" / "credentials.env", port=port)
        _prepare(url, sandbox=sandbox)
        parts.append(("the worker", _start(data, "worker", ["-m", "mobileapi.cli", "worker"])))
        parts.append(("the server", _start(data, "server", ["-m", "mobileapi.cli", "serve", "--port", str(port)])))
        _wait(parts, f"http://127.0.0.1:{port}/health/ready", data=data)
        _say(port=port, sandbox=sandbox, told=accounts())
        _watch(parts, data=data)
    finally:
        _stop([process for _, process in reversed(parts)])


def _refuse_taken(option: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            if isinstance(error, OverflowError):
                raise CannotStart(f"{port} is no port; choose one from 1024 to 65535 with {option}") from None
            if isinstance(error, PermissionError):
                raise CannotStart(f"port {port} is not allowed to you; choose one above 1023 with {option}") from None
            raise CannotStart(
                f"port {port} is taken by another program; stop it or choose another with {option}"
            ) from None


def _environment(data: Path, *, sandbox_credentials: Path, port: int) -> None:
    """The settings of the demonstration, for this process and its children. What is set outside stays."""
    os.environ["HANDHELD_ENV"] = "demo"
    os.environ["HANDHELD_DATA_DIR"] = str(data)
    os.environ["HANDHELD_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    os.environ["HANDHELD_STAFF_OTP_ONCE"] = "false"  # two windows of one demonstration account, within half a minute
    os.environ.setdefault("HANDHELD_STAFF_SESSIONS", "many")  # many windows of one demonstration account
    for line in sandbox_credentials.read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and key.startswith("HANDHELD_"):
            os.environ[key] = value


def _migrate(url: str) -> None:
    from mobileapi import tables

    configure("ERROR")  # the children log to their files; here people read
    asyncio.run(tables.migrate(url))


def _prepare(url: str, *, sandbox: str) -> None:
    from mobileapi import app
    from mobileapi.demo import district

    settings = load().model_copy(update={"database_url": url})
    config.install(settings)

    async def prepare() -> None:
        async with app.opened(settings, serving=False):
            await district.load(sandbox=sandbox)

    asyncio.run(prepare())


def _start(data: Path, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
    """A part in a process group of its own, so that Ctrl-C reaches it through us and in order."""
    log = (data / f"{name}.log").open("ab")
    return subprocess.Popen([sys.executable, *arguments], stdout=log, stderr=log, start_new_session=True)  # noqa: S603 - our own parts


def _wait(parts: list[tuple[str, subprocess.Popen[bytes]]], url: str, *, data: Path) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        _refuse_dead(parts, data=data)
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                return
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"{parts[-1][0]} did not answer within {START_S:.0f} s; see the logs in {data}")


def _refuse_dead(parts: list[tuple[str, subprocess.Popen[bytes]]], *, data: Path) -> None:
    for name, process in parts:
        if process.poll() is not None:
            log = data / f"{name.removeprefix('the ')}.log"
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["nothing"]
            raise CannotStart(f"{name} ended by itself; its last words in {log}: {last[0][:300]}")


def _watch(
    parts: list[tuple[str, subprocess.Popen[bytes]]], *, data: Path, pause: Callable[[float], None] = time.sleep
) -> None:
    while True:
        _refuse_dead(parts, data=data)
        pause(0.5)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(12)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _say(*, port: int, sandbox: str, told: DemoAccounts) -> None:
    office = f"http://127.0.0.1:{port}"
    print(f"\n掌上办 Handheld Office is open.\n\n  citizens   {office}/app/\n  clerks     {office}/console/")
    print(
        f"  preview    {office}/preview/   (a phone on the desk)\n  API        {office}/docs\n  sandbox    {sandbox}/"
    )
    print(f"\n  demo accounts: {office}/demo/accounts (this machine only). Some to begin with:\n")
    shown: set[str] = set()
    for member in told.staff:
        if member.role not in shown:
            shown.add(member.role)
            print(f"    {member.role:<11} {member.username:<14} password {member.password}   totp {member.totp_secret}")
    for citizen in told.citizens[:2]:
        print(f"    citizen     {citizen.phone}    {citizen.platform}")
    print("\nCtrl-C stops everything; a second start keeps the data.", flush=True)
