"""
The line to a channel: its calls under one breaker, and an eye on its clock.

Signatures carry the time and are refused five minutes apart (WeChat Pay), requests likewise (Alipay). An answer to our
own question, which TLS brought, tells how far our clock is off before that happens; a notice from behind tells nothing,
it may be an old one sent again.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from prometheus_client import Gauge

from kit.log import logger
from kit.outbound import Answer, Breaker, OutsideUnreachable, outside
from payments.channels.base import ChannelUnknown

log = logger("channel")
ALARM_S = 300  # from here on signatures are refused
ALARM_EVERY_S = 60.0
DOWN = frozenset({502, 503, 504})  # somebody in front of the channel answers in its place
SKEW = Gauge("handheld_channel_clock_skew_seconds", "How far a channel's clock is ahead of ours", ["channel"])
_told_at: dict[str, float] = {}  # channel → when its clock was last complained about
RESTING = Gauge("handheld_channel_resting", "1 while a channel is not asked because it does not answer", ["channel"])


def wire_time() -> datetime:
    """
    The time the wire lives in: the machine's, also while a drill has moved `kit.clock`, because the channel's clock
    does not move with ours and would refuse our signatures.
    """
    return datetime.now(UTC)


def saw_clock(channel: str, *, ahead_s: float) -> None:
    """Notes how far the channel's clock is ahead of ours (negative: behind); five minutes apart people are told."""
    SKEW.labels(channel).set(round(ahead_s))
    now = time.monotonic()
    if abs(ahead_s) >= ALARM_S and now - _told_at.get(channel, -ALARM_EVERY_S) >= ALARM_EVERY_S:
        _told_at[channel] = now
        log.error("channel_clock_skew", channel=channel, ahead_s=round(ahead_s), act="set this machine's clock")


class Line:
    """Calls to one channel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.breaker = Breaker()

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, deadline_s: float = 8.0,
        cap: int = 1 << 20,
    ) -> Answer:  # fmt: skip
        """One request, one answer, whatever its status. Raises ChannelUnknown; resting, within milliseconds."""
        try:
            self.breaker.refuse_while_open()
            answer = await outside().call(method, url, headers=headers, content=content, deadline_s=deadline_s, cap=cap)
        except OutsideUnreachable as error:
            if error.maybe_done or not self.breaker.is_open:
                self.breaker.saw(answer=False)
            self._tell()
            raise ChannelUnknown(str(error), maybe_done=error.maybe_done) from error
        if answer.status == 429:
            self.rest()
        else:
            self.breaker.saw(answer=answer.status not in DOWN)
        self._look_at_the_clock(answer)
        self._tell()
        return answer

    def rest(self) -> None:
        """The channel says "too often": it is left alone for a while that grows."""
        self.breaker.saw_too_often()
        log.warning("channel_says_too_often", channel=self.channel, times=self.breaker.refusals)
        self._tell()

    def _tell(self) -> None:
        RESTING.labels(self.channel).set(int(self.breaker.is_open))

    def _look_at_the_clock(self, answer: Answer) -> None:
        try:
            there = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return
        if there.tzinfo is not None:
            saw_clock(self.channel, ahead_s=(there - wire_time()).total_seconds())
