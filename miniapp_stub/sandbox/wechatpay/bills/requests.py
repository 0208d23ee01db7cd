"""Asking for a bill and fetching its file: two signed requests, the second answered without a signature."""

import gzip
import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from miniapp_stub.sandbox import shelves
from miniapp_stub.sandbox.clock import MINUTE
from miniapp_stub.sandbox.retelling import DiscrepancyRefused
from miniapp_stub.sandbox.wechatpay.bills import files, prepared
from miniapp_stub.sandbox.wechatpay.bills.discrepancies import retell
from miniapp_stub.sandbox.wechatpay.edge import Answer, Call
from miniapp_stub.sandbox.wechatpay.errors import PayError, param_error

DOWNLOAD_LIFE_S = 5 * MINUTE
OLDEST_DAYS = 92
"""Only the last three months can be asked for."""
BILL_TYPES = ("ALL", "SUCCESS", "REFUND")
ACCOUNT_TYPES = ("BASIC", "OPERATION", "FEES")


def trade_bill(call: Call) -> dict[str, Any]:
    """`GET /v3/bill/tradebill` → hash of the uncompressed file and an address that lives five minutes."""
    day, bill_type = _day(call), _choice(call, "bill_type", known=BILL_TYPES)
    _check_ready(call)
    rows, flaws = shelves.bill_of(call.world, prepared.TRADE, day)
    if "wrong_amount" in call.struck and rows:
        rows = _with_wrong_amount(rows)
    content = files.trade_bill(rows, bill_type=bill_type, truncated="truncated" in flaws)
    return _offer(call, content, wrong_hash="hash_mismatch" in flaws)


def fund_flow_bill(call: Call) -> dict[str, Any]:
    """`GET /v3/bill/fundflowbill`: only the basic account moves here, the other two never have a bill."""
    day, account = _day(call), _choice(call, "account_type", known=ACCOUNT_TYPES)
    _check_ready(call)
    if account != "BASIC":
        return _offer(call, None, wrong_hash=False)
    rows, flaws = shelves.bill_of(call.world, prepared.FUND, day)
    return _offer(call, files.fund_bill(rows, truncated="truncated" in flaws), wrong_hash="hash_mismatch" in flaws)


def download(call: Call) -> Answer:
    """`GET /v3/billdownload/file?token=`: the bytes as they are, GZIP included; no signature on the answer."""
    row = call.world.store.one(
        "SELECT content FROM downloads WHERE token = ? AND expires_at > ?",
        call.query("token") or "",
        call.world.clock.now(),
    )
    if row is None:
        raise PayError("INVALID_REQUEST", "下载地址无效或已过期，请重新申请账单")
    return Answer(bytes(row["content"]), media_type="application/octet-stream", unsigned=True)


def _offer(call: Call, content: bytes | None, *, wrong_hash: bool) -> dict[str, Any]:
    packed = _choice(call, "tar_type", known=("", "GZIP")) == "GZIP"
    if content is None:
        raise PayError("NO_STATEMENT_EXIST", "账单文件不存在")
    token, now = secrets.token_urlsafe(32), call.world.clock.now()
    call.world.store.run("DELETE FROM downloads WHERE expires_at <= ?", now)
    call.world.store.run(
        "INSERT INTO downloads VALUES (?, ?, ?)",
        token,
        gzip.compress(content) if packed else content,
        now + DOWNLOAD_LIFE_S,
    )
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content + b"\n" if wrong_hash else content).hexdigest(),
        "download_url": f"{str(call.request.base_url).rstrip('/')}/v3/billdownload/file?token={token}",
    }


def _check_ready(call: Call) -> None:
    if "not_ready" in call.struck:
        raise PayError("STATEMENT_CREATING", "账单正在生成中，请稍后再试")
    if "absent" in call.struck:
        raise PayError("NO_STATEMENT_EXIST", "账单文件不存在")


def _day(call: Call) -> date:
    value = call.query("bill_date") or ""
    try:
        day = date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise param_error("bill_date", value, issue="须为yyyy-MM-dd格式的日期", location="query")
    today = shelves.today(call.world)
    if day > today:
        raise param_error("bill_date", value, issue="日期不能晚于今天", location="query")
    if day < today - timedelta(days=OLDEST_DAYS):
        raise PayError("INVALID_REQUEST", "仅支持三个月内的账单下载")
    return day


def _choice(call: Call, name: str, *, known: tuple[str, ...]) -> str:
    value = call.query(name) or known[0]
    if value not in known:
        raise param_error(name, value, issue=f"须为{'、'.join(filter(None, known))}之一", location="query")
    return value


def _with_wrong_amount(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    try:
        return retell(rows, discrepancies={"amount": 1}, seed=0).rows
    except DiscrepancyRefused:
        return rows
