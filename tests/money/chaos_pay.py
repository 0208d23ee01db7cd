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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.database import private_postgres
from tests.money.every_flow import EVERY_FLOW
from tests.money.flows import Flow
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


class Databases:
    """One database for all trials of a flow, and a fresh one after a violation."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._open, self._url = ground, ExitStack(), ""

    def url(self) -> str:
        if not self._url:
            self._url = self._open.enter_context(own_database(self._ground, f"trial_{next(_grounds)}"))
        return self._url

    def leave(self) -> None:
        self._open.close()
        self._url = ""


def stopped(ground: Ground, flow: Flow, ways: list[How], *, every: int) -> Tally:
    """One flow in all ways at all places, after it went through undisturbed once."""
    databases = Databases(ground)
    try:
        total, waits = _undisturbed(ground, flow, databases)
        for how in ways if waits else ():
            total.join(_one_way(ground, flow, databases, how=how, waits=waits, every=every))
        return total
    finally:
        databases.leave()


def _one_way(ground: Ground, flow: Flow, databases: Databases, *, how: How, waits: int, every: int) -> Tally:
    tally, began = Tally(), time.monotonic()
    places = (
        range(1, len(flow.calls) + 1) if how.at_the_channel else range(min(1 + every // 2, waits), waits + 1, every)
    )
    for k in places:
        outcome = _tried(ground, flow, databases, how=how, k=k, tally=tally)
        if outcome is not None:
            tally.add(outcome)
        else:
            tally.points += 1
    print(f"{flow.name:15} {how:16} {tally.points:4} points   violations {len(tally.findings)}   "
          f"{time.monotonic() - began:5.1f} s", flush=True)  # fmt: skip
    return tally


def _undisturbed(ground: Ground, flow: Flow, databases: Databases) -> tuple[Tally, int]:
    """How often the act waits when nothing happens to it; 0 when something is violated even so."""
    tally = Tally()
    whole = _tried(ground, flow, databases, how=None, k=0, tally=tally)
    return tally, 0 if whole is None or tally.findings else whole.points


def _tried(
    ground: Ground, flow: Flow, databases: Databases, *, how: How | None, k: int, tally: Tally
) -> Outcome | None:  # fmt: skip
    """One trial, whose findings are told; nothing when it came to no end."""
    where = f"{flow.name} {how} at {k}" if how else f"{flow.name} undisturbed"
    outcome = None
    try:
        outcome = run(ground, flow, url=databases.url(), how=how, k=k, phone=str(next(_phones)))
        findings = [f"{where}: {finding}" for finding in outcome.findings]
    except Unfinished as error:
        findings = [f"{where}: {error}"]
    for finding in findings:
        print(f"    {finding}", flush=True)
    tally.findings += findings
    if findings:
        databases.leave()
    return outcome


def main() -> int:
    given = arguments()
    total, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-pay-") as folder, private_postgres() as template:
        with unheard(), start_sandbox(Path(folder) / "channel") as platform:
            install_settings(platform, Path(folder))
            platform.control("/refunds", {"mode": "auto", "delay_s": 0.0})
            ground = Ground(template, platform, doors())
            for flow in (flow for flow in EVERY_FLOW if flow.name in given.flows):
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
    parser.add_argument("--flows", type=_listed, default=[flow.name for flow in EVERY_FLOW])
    parser.add_argument("--ways", type=lambda text: [How(word) for word in _listed(text)], default=list(How))
    parser.add_argument("--every", type=int, default=1)
    return parser.parse_args()


def _listed(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


if __name__ == "__main__":
    sys.exit(main())
