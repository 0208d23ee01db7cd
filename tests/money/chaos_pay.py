"""
Money under every stop: each flow, in each way, at each place where it waits.

    python -m tests.money.chaos_pay [--flows create,notify] [--ways killed-waiting,…] [--every 7] [--seconds 500]

Prints a line a flow and way, and closes with the points stopped, the violations, and what people were charged beside
what they owed. Exits 1 when anything was violated.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.database import private_postgres
from tests.money.flows import FLOWS, Flow
from tests.money.office import doors, install_settings
from tests.money.stopping import How
from tests.money.trial import Ground, Outcome, Unfinished, own_database, run
from tests.sandbox_server import start_sandbox

_phones, _grounds = itertools.count(13_000_000_001), itertools.count(1)


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


def stopped(ground: Ground, flow: Flow, ways: list[How], *, every: int) -> Tally:
    """One flow in all ways at all places. After a violation the next trial begins on fresh ground."""
    total, waits = Tally(), _waits(ground, flow)
    for how in ways:
        tally, began = Tally(), time.monotonic()
        left = list(range(1, len(flow.calls) + 1) if how.at_the_channel else range(1, waits + 1, every))
        while left:
            with own_database(ground, f"trial_{next(_grounds)}") as url:
                while left and not _one(ground, flow, url=url, how=how, k=left.pop(0), tally=tally):
                    pass
        print(f"{flow.name:14} {how:16} {tally.points:4} points   violations {len(tally.findings)}   "
              f"{time.monotonic() - began:5.1f} s", flush=True)  # fmt: skip
        total.join(tally)
    return total


def _waits(ground: Ground, flow: Flow) -> int:
    """How often the act waits when nothing happens to it."""
    with own_database(ground, f"trial_{next(_grounds)}") as url:
        whole = run(ground, flow, url=url, how=None, k=0, phone=str(next(_phones)))
    assert not whole.findings, f"{flow.name} undisturbed: {whole.findings}"
    return whole.points


def _one(ground: Ground, flow: Flow, *, url: str, how: How, k: int, tally: Tally) -> bool:
    """One trial; whether something was violated."""
    where = f"{flow.name} {how} at {k}"
    try:
        outcome = run(ground, flow, url=url, how=how, k=k, phone=str(next(_phones)))
    except Unfinished as error:
        tally.points += 1
        findings = [f"{where}: {error}"]
    else:
        tally.add(outcome)
        findings = [f"{where}: {finding}" for finding in outcome.findings]
    for finding in findings:
        print(f"    {finding}", flush=True)
    tally.findings += findings
    return bool(findings)


def main() -> int:
    given = arguments()
    total, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-pay-") as folder, private_postgres() as template:
        with unheard(), start_sandbox(Path(folder) / "channel") as platform:
            install_settings(platform, Path(folder))
            platform.control("/refunds", {"mode": "auto", "delay_s": 0.0})
            ground = Ground(template, platform, doors())
            for flow in (flow for flow in FLOWS if flow.name in given.flows):
                total.join(stopped(ground, flow, given.ways, every=given.every))
    print(f"points stopped {total.points}   violations {len(total.findings)}   charged {total.charged_fen} fen, "
          f"dues {total.dues_fen} fen   {'equal' if total.charged_fen == total.dues_fen else 'NOT EQUAL'}   "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if total.findings or total.charged_fen != total.dues_fen else 0


@contextmanager
def unheard() -> Iterator[None]:
    """What the channel's server says of callers that died on it is nobody's reading; its processes start here."""
    spoken, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(spoken, 2)


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
