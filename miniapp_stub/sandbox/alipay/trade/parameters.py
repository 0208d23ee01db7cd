"""`biz_content` and its fields, checked as the platform does; each refusal names the field."""

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from miniapp_stub.sandbox.access import is_loopback
from miniapp_stub.sandbox.alipay.errors import TradeRefusal
from miniapp_stub.sandbox.clock import BEIJING, DAY, HOUR, MINUTE, beijing
from miniapp_stub.sandbox.wire import Unreadable, json_object

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_]{1,64}")
OUT_REQUEST_NO = re.compile(r"[0-9A-Za-z_\-|*]{1,64}")
YUAN = re.compile(r"(0|[1-9]\d{0,8})(\.\d{1,2})?")
SPAN = re.compile(r"([1-9]\d{0,4})([mhdc])")
MOST_FEN = 10_000_000_000
LONGEST_S = 15 * DAY
SPAN_S = {"m": MINUTE, "h": HOUR, "d": DAY}
NOT_IN_SUBJECTS = set("/=&")

Content = dict[str, Any]


def content(asked: dict[str, str]) -> Content:
    """The JSON object in `biz_content`. Raises TradeRefusal."""
    try:
        return json_object(asked.get("biz_content", "").encode())
    except Unreadable:
        raise wrong("biz_content须为JSON对象") from None


def canonical(asked: Content) -> str:
    return json.dumps(asked, ensure_ascii=False, sort_keys=True)


def text(asked: Content, field: str, *, most: int, required: bool = True) -> str:
    """A string of 1 to `most` characters, or "" when optional and absent."""
    value = asked.get(field)
    if value in (None, "") and not required:
        return ""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise wrong(f"{field}须为1-{most}个字符")
    return value


def number(asked: Content, field: str, *, pattern: re.Pattern[str]) -> str:
    value = asked.get(field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise wrong(f"{field}格式不正确")
    return value


def subject(asked: Content) -> str:
    value = text(asked, "subject", most=256)
    if NOT_IN_SUBJECTS & set(value):
        raise wrong("subject不能包含/=&")
    return value


def fen(asked: Content, field: str) -> int:
    """Yuan as text (a JSON number passes) with two decimals at most, from 0.01 to 100,000,000, as integer fen."""
    value = asked.get(field)
    written = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not YUAN.fullmatch(written) or Decimal(written) == 0:
        raise wrong(f"{field}须为大于0且至多两位小数的金额，单位为元")
    amount = int(Decimal(written).scaleb(2))
    if amount > MOST_FEN:
        raise TradeRefusal("ACQ.TOTAL_FEE_EXCEED")
    return amount


def notify_url(asked: dict[str, str]) -> str:
    """A public parameter, optional. Plain HTTP passes for loopback only: a laptop may be a seller."""
    url = asked.get("notify_url", "")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    except ValueError:
        fits = False
    if not fits or len(url) > 256:
        raise wrong("notify_url不正确")
    return url


def expiry(asked: Content, *, now: float) -> float:
    """`time_expire` (a moment) or `timeout_express` (`30m`, `2h`, `1d`, `1c`: the end of today); 15 days by default."""
    if "time_expire" in asked:
        return _moment(asked["time_expire"], now=now)
    span = asked.get("timeout_express", "15d")
    fits = SPAN.fullmatch(span) if isinstance(span, str) else None
    if fits is None:
        raise wrong("timeout_express不正确")
    if fits[2] == "c":
        return beijing(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() + DAY
    return now + min(int(fits[1]) * SPAN_S[fits[2]], LONGEST_S)


def wrong(reason: str) -> TradeRefusal:
    return TradeRefusal("ACQ.INVALID_PARAMETER", reason=reason)


def _moment(value: object, *, now: float) -> float:
    try:
        ends = datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).timestamp()
    except ValueError:
        raise wrong("time_expire格式应为yyyy-MM-dd HH:mm:ss") from None
    if ends <= now:
        raise wrong("time_expire须晚于当前时间")
    return min(ends, now + LONGEST_S)
