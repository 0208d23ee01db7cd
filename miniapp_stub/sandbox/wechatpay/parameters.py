"""Parameter checks shared by orders and refunds; each refusal names field, value and rule."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from miniapp_stub.sandbox.access import is_loopback
from miniapp_stub.sandbox.wechatpay.errors import PayError, param_error

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def text(body: dict[str, Any], field: str, *, most: int, required: bool = True) -> str:
    """A string of 1 to `most` characters, or "" when optional and absent."""
    value = body.get(field)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise param_error(f"/{field}", value, issue="必填，且须为字符串" if value is None else "须为字符串")
    if not value.strip() or len(value) > most:
        raise param_error(f"/{field}", value, issue=f"长度须为1-{most}个字符")
    return value


def block(body: dict[str, Any], field: str) -> dict[str, Any]:
    """A required JSON object inside the body."""
    value = body.get(field)
    if not isinstance(value, dict):
        raise param_error(f"/{field}", value, issue="必填，且须为对象")
    return value


def fen(amount: dict[str, Any], field: str) -> int:
    """A whole number of fen, at least one; `true` is no number."""
    value = amount.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise param_error(f"/amount/{field}", value, issue="须为大于0的整数，单位为分")
    return value


def currency(amount: dict[str, Any]) -> None:
    if amount.get("currency", "CNY") != "CNY":
        raise param_error("/amount/currency", amount["currency"], issue="境内商户号仅支持CNY")


def number(body: dict[str, Any], field: str, *, pattern: re.Pattern[str]) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise param_error(f"/{field}", value, issue="只能是规定长度的数字、大小写字母和规定符号")
    return value


def notify_url(body: dict[str, Any], *, required: bool = True) -> str:
    """At most 255 characters, HTTPS, no query. Plain HTTP passes for loopback only: a laptop may be a merchant."""
    url = text(body, "notify_url", most=255, required=required)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        scheme_ok = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    except ValueError:
        scheme_ok = False
    if not scheme_ok or not parts.hostname or "?" in url or "#" in url:
        raise param_error("/notify_url", url, issue="须为https地址，且不能携带参数")
    return url


def moment(body: dict[str, Any], field: str) -> float | None:
    """RFC 3339 to the second with a numeric offset, as epoch seconds; None when absent."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise param_error(f"/{field}", value, issue="须为RFC3339格式，如2026-01-02T08:00:00+08:00")
    try:
        return datetime.fromisoformat(value).timestamp()
    except (ValueError, OverflowError) as error:
        raise param_error(f"/{field}", value, issue="不是存在的时刻") from error


def merchant(given: object, *, ours: str) -> None:
    """The merchant number of a query or a closing.

    Raises PayError MCH_NOT_EXISTS.
    """
    if given is None:
        raise param_error("mchid", given, issue="必填")
    if given != ours:
        raise PayError("MCH_NOT_EXISTS", "商户号不存在")
