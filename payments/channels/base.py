"""
A way money comes to us: WeChat Pay and Alipay, and whoever comes later, by the same Protocol.

A channel knows nothing of bills and tables. It is asked with plain values, answers with facts, and raises one of the
errors below; what its own codes mean is translated in its file and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from payments.channels.bill import BillReader

BEIJING = ZoneInfo("Asia/Shanghai")  # the channels' own zone, whatever the city's


class ChannelError(Exception):
    """Something went wrong between us and a channel."""


class ChannelUnknown(ChannelError):
    """No answer we can trust. `maybe_done`: the channel may have acted on the request."""

    def __init__(self, why: str, *, maybe_done: bool) -> None:
        super().__init__(why)
        self.maybe_done = maybe_done


class ChannelRefused(ChannelError):
    """The channel said no, for good. `code` is the channel's own word, for logs and people, never for decisions."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OutOfOrder(ChannelRefused):
    """The number is used, paid or closed there: ask what became of it."""


class NotEnoughMoney(ChannelRefused):
    """Our balance there is short: the same refund number later."""


class NoSuchThing(ChannelRefused):
    """The channel does not know the order or refund."""


class NoStatement(ChannelRefused):
    """No trade on that day, says the channel."""


class StatementNotReady(ChannelError):
    """The bill is still being made."""


class StatementRefused(ChannelError):
    """The whole bill is not what a bill must be. `why` in a word: hash, header, truncated, totals, merchant …"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotAuthentic(ChannelError):
    """A signature does not hold. `probe`: one of the channel's own deliberate tests."""

    def __init__(self, why: str, *, probe: bool = False) -> None:
        super().__init__(why)
        self.why, self.probe = why, probe


class Unintelligible(ChannelError):
    """Authentic, but not what it should look like."""


@dataclass(frozen=True)
class PrepayAsk:
    number: str
    description: str
    amount_fen: int
    scene: str  # miniapp | qr
    open_id: str
    expires_at: datetime
    notify_url: str


class Standing(StrEnum):
    """Where an order stands at the channel."""

    PAID = "paid"
    NOT_PAID = "not_paid"
    PAYING = "paying"
    CLOSED = "closed"
    ABSENT = "absent"


@dataclass(frozen=True)
class PaymentFact:
    """What a channel says about an order. Money and time are set when it is paid."""

    channel: str
    number: str
    standing: Standing
    merchant: str = ""
    app: str = ""
    transaction_id: str = ""
    amount_fen: int = 0
    currency: str = ""
    paid_at: datetime | None = None


class RefundStanding(StrEnum):
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    ABNORMAL = "abnormal"
    CLOSED = "closed"
    ABSENT = "absent"


@dataclass(frozen=True)
class RefundFact:
    channel: str
    refund_number: str
    standing: RefundStanding
    merchant: str = ""
    channel_refund_id: str = ""
    amount_fen: int = 0
    accepted_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class OrderNews:
    """
    A notice that something became of an order, without saying it well enough to be believed: a refund told by its
    running total, a trade that was closed. The channel is asked.
    """

    channel: str
    number: str
    refund_number: str = ""


@dataclass(frozen=True)
class RefundAsk:
    number: str
    transaction_id: str
    refund_number: str
    amount_fen: int
    total_fen: int
    reason: str


@dataclass(frozen=True)
class NoticeEnvelope:
    """A notice whose signature holds; its contents are still closed."""

    sender_id: str
    event: str
    content: bytes


@dataclass(frozen=True)
class StatementBytes:
    """
    A day's bill as it came, possibly compressed, and the hash its uncompressed bytes must have; None when the channel
    tells no hash.
    """

    content: bytes
    sha1: str | None


class PaymentChannel(Protocol):
    name: str
    callback_path: str  # where its notices come to, below our public address
    fee_basis_points: int  # the agreed fee in 1/10,000 of the amount

    @property
    def merchant(self) -> str: ...

    @property
    def app(self) -> str: ...

    async def prepay(self, ask: PrepayAsk) -> dict[str, str]:
        """What the payer's side needs, to be kept. Raises ChannelUnknown, ChannelRefused, OutOfOrder."""
        ...

    def client_parameters(self, prepay: Mapping[str, str]) -> dict[str, str]:
        """What the payer's side is given now, freshly signed."""
        ...

    async def query(self, number: str) -> PaymentFact:
        """Raises ChannelUnknown, ChannelRefused; an order nobody knows there stands as ABSENT."""
        ...

    async def close(self, number: str) -> None:
        """Raises ChannelUnknown, OutOfOrder (ask what became of it), ChannelRefused."""
        ...

    async def refund(self, ask: RefundAsk) -> RefundFact:
        """Raises ChannelUnknown, NotEnoughMoney, ChannelRefused."""
        ...

    async def query_refund(self, refund_number: str, *, number: str = "") -> RefundFact:
        """
        By our number of the refund, and that of the order it belongs to. Raises ChannelUnknown, ChannelRefused; a
        refund nobody knows there stands as ABSENT.
        """
        ...

    async def statement(self, day: date, *, kind: str) -> StatementBytes:
        """The bill of a day, `kind` trade or fund. Raises NoStatement, StatementNotReady, ChannelUnknown."""
        ...

    def reader(self, kind: str, *, closely: bool = False) -> BillReader:
        """For one bill of that kind. `closely`: slower, when the database refused what the reader had taken as rows."""
        ...

    async def authentic(self, headers: Mapping[str, str], content: bytes) -> NoticeEnvelope:
        """Proves a notice by its raw bytes. Raises NotAuthentic, Unintelligible."""
        ...

    def opened(self, content: bytes) -> PaymentFact | RefundFact | OrderNews:
        """What an authentic notice says. Raises Unintelligible."""
        ...
