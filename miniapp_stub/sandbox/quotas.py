"""Call quotas of the platforms, counted over a sliding window in real time."""

import time
from collections import defaultdict, deque


class Quotas:
    """Counts are per name (`refund`, `login:<openid>`) and live in memory: a restart forgives."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def count(self, name: str, *, within_s: float) -> int:
        """How many calls were noted under the name in the last `within_s` seconds."""
        calls = self._calls[name]
        horizon = time.monotonic() - within_s
        while calls and calls[0] <= horizon:
            calls.popleft()
        return len(calls)

    def forgive(self) -> None:
        self._calls.clear()

    def note(self, name: str) -> None:
        self._calls[name].append(time.monotonic())

    def spend(self, name: str, *, limit: int, within_s: float) -> bool:
        """Note one call; False, and nothing noted, when the limit is used up."""
        if self.count(name, within_s=within_s) >= limit:
            return False
        self.note(name)
        return True
