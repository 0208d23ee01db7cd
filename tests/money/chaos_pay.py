"""
Money under every stop: each flow, in each way, at each place where it waits.

    python -m tests.money.chaos_pay [--flows create,notify] [--ways killed-waiting,…] [--every 7] [--seconds 500]

Prints a line a flow and way, and closes with the points stopped, the violations, and what people were charged beside
what they owed. Exits 1 when anything was violated.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.database import private_postgres
from tests.money.flows import FLOWS, Flow
from tests.money.office import doors, install_settings
from tests.money.stopping import How
from tests.money.trial import Ground, Outcome, Unfinished, run
from tests.sandbox_server import start_sandbox

_phones = itertools.count(13_000_000_001)


@dataclass
class Tally:
    points: int = 0
    charged_fen: int = 0
    dues_fen: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.points += 1
        self.charged_fen += outcome.charged_fen
        self.dues_fen += outcome.dues_fen

    def join(self, other: "Tally") -> None:
        self.points += other.points
        self.charged_fen += other.charged_fen
        self.dues_fen += other.dues_fen
        self.findings += other.findings


def places(ground: Ground, flow: Flow, how: How, *, every: int) -> Iterator[int]:
    """Where the act is stopped: each call to the channel, or every so many suspensions, the last one in any case."""
    if how.at_the_channel:
        yield from range(1, len(flow.calls) + 1)
        return
    whole = run(ground, flow, how=None, k=0, phone=str(next(_phones)))
    assert not whole.findings, f"{flow.name} undisturbed: {whole.findings}"
    yield from range(1, whole.points + 1, every)


def stopped(ground: Ground, flow: Flow, how: How, *, every: int) -> Tally:
    """One flow, one way, all places."""
    tally, began = Tally(), time.monotonic()
    for k in places(ground, flow, how, every=every):
        where = f"{flow.name} {how} at {k}"
        try:
            outcome = run(ground, flow, how=how, k=k, phone=str(next(_phones)))
        except Unfinished as error:
            tally.points += 1
            tally.findings.append(f"{where}: {error}")
            continue
        tally.add(outcome)
        tally.findings += [f"{where}: {finding}" for finding in outcome.findings]
    print(f"{flow.name:14} {how:16} {tally.points:4} points   violations {len(tally.findings)}   "
          f"{time.monotonic() - began:5.1f} s", flush=True)  # fmt: skip
    for finding in tally.findings:
        print(f"    {finding}", flush=True)
    return tally


def main() -> int:
    given = arguments()
    total, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-pay-") as folder, private_postgres() as template:
        with start_sandbox(Path(folder) / "channel") as platform:
            install_settings(platform, Path(folder))
            platform.control("/refunds", {"mode": "auto", "delay_s": 0.0})
            ground = Ground(template, platform, doors())
            for flow in (flow for flow in FLOWS if flow.name in given.flows):
                for how in given.ways:
                    total.join(stopped(ground, flow, how, every=given.every))
    print(f"points stopped {total.points}   violations {len(total.findings)}   charged {total.charged_fen} fen, "
          f"dues {total.dues_fen} fen   {'equal' if total.charged_fen == total.dues_fen else 'NOT EQUAL'}   "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if total.findings or total.charged_fen != total.dues_fen else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=_listed, default=[flow.name for flow in FLOWS])
    parser.add_argument("--ways", type=lambda text: [How(word) for word in _listed(text)], default=list(How))
    parser.add_argument("--every", type=int, default=1)
    return parser.parse_args()


def _listed(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


if __name__ == "__main__":
    sys.exit(main())
