"""`python -m miniapp_stub.sandbox --port 8001 --data DIR [--host 127.0.0.1]`."""

import argparse
import socket
import sys
from pathlib import Path

import uvicorn

from miniapp_stub.sandbox.app import create_app
from miniapp_stub.sandbox.credentials import CREDENTIALS_FILE


def main() -> int:
    """Serve until interrupted; the credentials file follows the port in use (`--port 0` takes a free one).

    The line with the address is printed when connections are accepted, so a caller may wait for it.
    """
    chosen = _arguments()
    try:
        listening = _listen(chosen.host, chosen.port)
    except OSError as error:
        print(
            f"cannot listen on {chosen.host}:{chosen.port} ({error.strerror}); choose another --port", file=sys.stderr
        )
        return 2
    base_url = f"http://{reachable_host(chosen.host)}:{listening.getsockname()[1]}"
    try:
        app = create_app(chosen.data, base_url=base_url)
    except OSError as error:
        print(f"cannot keep data in {chosen.data} ({error.strerror}); choose another --data", file=sys.stderr)
        return 2
    print(f"sandbox {base_url} credentials {chosen.data.resolve() / CREDENTIALS_FILE}", flush=True)
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def reachable_host(host: str) -> str:
    """The name clients on this machine use for a listening address."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - recognised, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m miniapp_stub.sandbox", description="WeChat, WeChat Pay and Alipay sandbox"
    )
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="folder for keys, people and charges")
    return parser.parse_args()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


if __name__ == "__main__":
    sys.exit(main())
