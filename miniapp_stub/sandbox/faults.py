"""Faults on demand: which call goes wrong, and how, decided by a seed alone.

Each rule owns a generator made from its seed and draws once per call at its place, so the n-th call at that place meets
the same fate in every run, whatever the ids are.
"""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import anyio

SILENCE_S = 30.0
"""How long a `timeout_*` fault keeps the line open without a word, unless `delay_s` says otherwise."""
LATENESS_S = 2.0
"""How late a `delay` fault answers, unless `delay_s` says otherwise."""
DRIP_S = 0.5
"""How long a `drip` fault waits between two bytes, unless `delay_s` says otherwise."""
PATIENCE_S = 5.0
"""How long a `reorder` fault holds an answer back when no other call comes, unless `delay_s` says otherwise."""
CHANNELS = ("wechat", "alipay")

_LINE = frozenset({"delay", "drop", "timeout_before", "timeout_after", "http_500"})
_CALL = _LINE | {"duplicate", "reorder", "tamper", "busy", "redirect", "oversized", "drip", "truncate"}
_SIGNED_API = _CALL | {"forge"}

KINDS_AT: dict[str, frozenset[str]] = {
    "login": _CALL,
    "workplace": _LINE,
    "work_message": _LINE,
    "gateway": frozenset({"tamper", "forge"}),
    "token": _CALL,
    "phone": _CALL,
    "message": _CALL | {"not_subscribed"},
    "prepay": _SIGNED_API | {"wrong_amount"},
    "query": _SIGNED_API | {"wrong_amount"},
    "close": _SIGNED_API,
    "refund": _SIGNED_API | {"wrong_amount"},
    "bill": _SIGNED_API | {"wrong_amount", "not_ready", "absent"},
    "sms": _LINE,
    "name": _LINE,
    "face": _LINE,
    "download": _CALL,
    "certificates": _SIGNED_API,
    "notify": frozenset(
        {
            "delay",
            "drop",
            "duplicate",
            "reorder",
            "forge",
            "tamper",
            "wrong_amount",
            "timeout_before",
            "timeout_after",
            "http_500",
            "probe",
        }
    ),
}


class FaultRefused(ValueError):
    """The rule names a place or kind that does not exist, or a figure out of range."""


@dataclass
class Rule:
    """One fault at one place, of one channel or of both. `rate` is a probability, `times` caps how often it strikes."""

    where: str
    kind: str
    rate: float = 1.0
    seed: int = 0
    for_s: float | None = None
    delay_s: float | None = None
    times: int | None = None
    channel: str | None = None
    drawn: int = 0
    struck: int = 0
    started: float = field(default_factory=time.monotonic)
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - reproducible on purpose

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.where, self.kind, self.channel

    @property
    def over(self) -> bool:
        spent = self.times is not None and self.struck >= self.times
        return spent or (self.for_s is not None and time.monotonic() - self.started > self.for_s)

    @property
    def wait_s(self) -> float:
        if self.delay_s is not None:
            return self.delay_s
        return {"delay": LATENESS_S, "drip": DRIP_S, "reorder": PATIENCE_S}.get(self.kind, SILENCE_S)

    def draw(self) -> bool:
        self.drawn += 1
        hit = self._dice.random() < self.rate
        self.struck += hit
        return hit

    def public(self) -> dict[str, object]:
        names = ("where", "kind", "rate", "seed", "for_s", "delay_s", "times", "channel", "drawn", "struck")
        return {name: getattr(self, name) for name in names} | {"over": self.over}


Struck = dict[str, float]
"""The kinds that struck this call, each with its waiting time in seconds."""


class Faults:
    """The rules in force. One rule per place and kind; setting it again starts it afresh."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._turns: dict[str, anyio.Event] = {}

    def set(self, rule: Rule) -> Rule:
        """Put a rule in force.

        Raises FaultRefused: unknown place, a kind that makes no sense there, or a figure out of range.
        """
        if rule.where not in KINDS_AT:
            raise FaultRefused(f"where must be one of {_listed(KINDS_AT)}")
        if rule.kind not in KINDS_AT[rule.where]:
            raise FaultRefused(
                f"{rule.kind} makes no sense at {rule.where}; kinds there: {_listed(KINDS_AT[rule.where])}"
            )
        if rule.channel not in (None, *CHANNELS):
            raise FaultRefused(f"channel must be one of {_listed(CHANNELS)}")
        if not 0 <= rule.rate <= 1:
            raise FaultRefused("rate must lie between 0 and 1")
        if min(rule.for_s or 0, rule.delay_s or 0, rule.times or 0) < 0:
            raise FaultRefused("for_s, delay_s and times must not be negative")
        self.rules = [old for old in self.rules if old.key != rule.key]
        self.rules.append(rule)
        return rule

    def clear(self) -> int:
        """Lift all rules; returns how many there were."""
        count, self.rules = len(self.rules), []
        return count

    def strike(self, where: str, *, channel: str | None = None) -> Struck:
        """Draw for one call at a place: every rule in force there, for this channel or for all, draws once."""
        live = [rule for rule in self.rules if rule.where == where and not rule.over]
        return {rule.kind: rule.wait_s for rule in live if rule.channel in (None, channel) and rule.draw()}

    async def take_turn(self, where: str, *, patience_s: float | None) -> None:
        """One held back waits for the next answer of its place, with patience; every other lets the held ones go."""
        if patience_s is not None:
            with anyio.move_on_after(patience_s):
                await self._turns.setdefault(where, anyio.Event()).wait()
        elif waiting := self._turns.pop(where, None):
            waiting.set()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
