import asyncio
import sys

from tests.flows import FLOWS
from tests.flows.town import Town


async def walk(url: str, *, chosen: list[str]) -> int:
    steps = 0

    def say(sentence: str) -> None:
        nonlocal steps
        steps += 1
        print(f"  ✓ {sentence}", flush=True)

    async with Town.visit(url) as town:
        for name, flow in FLOWS.items():
            if chosen and name not in chosen:
                continue
            print(name, flush=True)
            try:
                await flow(town, say)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the walk ends with one line
                print(f"  ✗ {type(error).__name__}: {error}")
                return 1
    print(f"{steps} steps of {len(chosen or FLOWS)} flows passed")
    return 0


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    try:
        sys.exit(asyncio.run(walk(address, chosen=sys.argv[2:])))
    except OSError:
        sys.exit(f"no office answers at {address}; start one with `make run`")
