"""The ways a notice goes beside the app, and how far it has come on one."""

from enum import StrEnum


class Way(StrEnum):
    WECHAT = "wechat"
    ALIPAY = "alipay"
    SMS = "sms"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # surely not sent
    UNKNOWN = "unknown"  # it may have gone out; nothing else is tried, for twice is once too often


MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENDING}),
    # Sending again after a crash may tell twice, so what was being sent then is given up.
    DeliveryState.SENDING: frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN}),
    DeliveryState.SENT: frozenset(),
    DeliveryState.FAILED: frozenset(),
    DeliveryState.UNKNOWN: frozenset(),
}
