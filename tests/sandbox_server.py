"""The platform sandbox as a process of its own, for tests of either side.

    sandbox = start_sandbox(tmp_path_factory.mktemp("sandbox"))
    person = sandbox.control("/people", {"platform": "wechat", "phone": "13800000001"})
    sandbox.stop()

Its business clock, faults and prepared bills outlive a test: put them back with `calm()`.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

ROOT = Path(__file__).resolve().parent.parent


class ControlRefused(AssertionError):
    """The sandbox refused a control request; `code` says why."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('message')}")
        self.status, self.code, self.body = status, body.get("code"), body


@dataclass
class SandboxServer:
    """A running sandbox. `credentials` has the lines of `credentials.env`; `client` reaches any path of it."""

    url: str
    credentials: dict[str, str]
    process: subprocess.Popen[str]
    client: httpx2.Client

    def control(self, path: str, json: dict[str, Any] | None = None, *, method: str | None = None) -> dict[str, Any]:
        """Call `/_sandbox{path}`: POST with a body, GET without, or the method named.

        Raises ControlRefused on any refusal. Blocks: from an async test whose own loop must answer a notice, use
        `control_async`.
        """
        return _answer(
            self.client.request(method or ("GET" if json is None else "POST"), _url(self.url, path), json=json)
        )

    async def control_async(
        self, path: str, json: dict[str, Any] | None = None, *, method: str | None = None
    ) -> dict[str, Any]:
        """`control` without blocking the event loop."""
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
            verb = method or ("GET" if json is None else "POST")
            return _answer(await client.request(verb, _url(self.url, path), json=json))

    def calm(self) -> None:
        """Lift faults, forgive quotas, set the clock right, forget prepared bills, let refunds succeed by themselves."""
        self.control("/quotas", method="DELETE")
        self.control("/faults", method="DELETE")
        self.control("/clock", {"offset_s": 0})
        self.control("/bills", method="DELETE")
        self.control("/refunds", {"mode": "auto", "delay_s": 2.0})
        self.control("/signing", {"public_key_share": 1.0, "former_key_share": 0.0})

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.communicate(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_sandbox(data_dir: Path, *, port: int = 0) -> SandboxServer:
    """Start a sandbox over `data_dir` on a free port and return when it accepts connections."""
    command = [sys.executable, "-m", "miniapp_stub.sandbox", "--port", str(port), "--data", str(data_dir)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ready = process.stdout.readline().split()
    if not ready:
        raise RuntimeError(f"the sandbox did not start: exit code {process.wait(timeout=10)}")
    client = httpx2.Client(trust_env=False, timeout=30)
    return SandboxServer(ready[1], read_credentials(data_dir), process, client)


def read_credentials(data_dir: Path) -> dict[str, str]:
    """The NAME=value lines of the data folder's `credentials.env`."""
    lines = (data_dir / "credentials.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def _url(base: str, path: str) -> str:
    return f"{base}/_sandbox{path.removeprefix('/_sandbox')}"


def _answer(response: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if response.status_code != 200:
        raise ControlRefused(response.status_code, body)
    return body
