"""Asking for a bill and fetching its archive: the address lives thirty seconds and takes a plain GET."""

import re
import secrets
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from miniapp_stub.sandbox import shelves
from miniapp_stub.sandbox.alipay.errors import TradeRefusal
from miniapp_stub.sandbox.alipay.trade import parameters
from miniapp_stub.sandbox.alipay.trade.bills import files, prepared
from miniapp_stub.sandbox.alipay.trade.bills.discrepancies import retell
from miniapp_stub.sandbox.alipay.trade.trades import Answer, Asked, ok
from miniapp_stub.sandbox.retelling import DiscrepancyRefused, Row
from miniapp_stub.sandbox.world import World

DOWNLOAD_PATH = "/downloadBillFile.resource"
DOWNLOAD_LIFE_S = 30
DAY_SHAPE = re.compile(r"\d{4}-\d\d-\d\d")
KINDS = {"trade": prepared.TRADE, "signcustomer": prepared.FUND}


def download_url(world: World, asked: Asked, *, wrong_amount: bool = False) -> Answer:
    """`alipay.data.dataservice.bill.downloadurl.query` → `bill_download_url`. Monthly bills are not played."""
    content = parameters.content(asked)
    shelf = KINDS.get(str(content.get("bill_type")))
    if shelf is None:
        raise parameters.wrong("bill_type须为trade或signcustomer")
    day = _day(world, content.get("bill_date"))
    rows, flaws = shelves.bill_of(world, shelf, day)
    if wrong_amount and shelf is prepared.TRADE:
        rows = _with_wrong_amount(rows)
    frame = files.Frame(world.store.setting("alipay_seller_id"), day, flaws)
    archive = files.trade_archive if shelf is prepared.TRADE else files.fund_archive
    packed = archive(rows, frame=frame)
    if packed is None:
        raise absent()
    return ok({"bill_download_url": _offered(world, packed, day=day, bill_type=str(content["bill_type"]))})


def download(world: World, request: Request) -> Response:
    """`GET /downloadBillFile.resource?…&token=`: the archive, or a page that says the address has ended."""
    row = world.store.one(
        "SELECT content FROM downloads WHERE token = ? AND expires_at > ?",
        request.query_params.get("token", ""),
        world.clock.now(),
    )
    if row is None:
        return Response("下载链接已失效，请重新获取", 403, media_type="text/html; charset=utf-8")
    return Response(bytes(row["content"]), media_type="application/octet-stream")


def absent() -> TradeRefusal:
    return TradeRefusal("isp.bill_not_exist")


def _offered(world: World, packed: bytes, *, day: date, bill_type: str) -> str:
    token, now = secrets.token_urlsafe(32), world.clock.now()
    world.store.run("DELETE FROM downloads WHERE expires_at <= ?", now)
    world.store.run("INSERT INTO downloads VALUES (?, ?, ?)", token, packed, now + DOWNLOAD_LIFE_S)
    about = f"bizType={bill_type}&userId={world.store.setting('alipay_seller_id')}0156&fileType=csv.zip"
    return f"{world.base_url}{DOWNLOAD_PATH}?{about}&bizDates={day:%Y%m%d}&token={token}"


def _day(world: World, value: object) -> date:
    """A past day or, kinder than the platform, today."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and DAY_SHAPE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or day > shelves.today(world):
        raise parameters.wrong("bill_date须为yyyy-MM-dd格式的过去日期")
    return day


def _with_wrong_amount(rows: list[Row]) -> list[Row]:
    try:
        return retell(rows, discrepancies={"amount": 1}, seed=0).rows
    except DiscrepancyRefused:
        return rows
