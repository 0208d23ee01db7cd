"""Alipay's bills: the bytes of the archives, the address that ends soon, and what they are told to get wrong."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from miniapp_stub.sandbox.alipay.trade.bills.discrepancies import CLASSES, WHOLE_FILE
from miniapp_stub.sandbox.alipay.trade.bills.rows import FUND_COLUMNS, TRADE_COLUMNS
from tests.sandbox.merchant import open_letterbox
from tests.sandbox.seller import Seller, refusal
from tests.sandbox_server import ControlRefused, SandboxServer

ASK = "alipay.data.dataservice.bill.downloadurl.query"


@pytest.fixture
def seller(platform: SandboxServer) -> Iterator[Seller]:
    box, server = open_letterbox()
    box.word = b"success"
    yield Seller(platform, box)
    platform.calm()
    server.shutdown()
    server.server_close()


def at_quiet_day(seller: Seller, days: int) -> str:
    """Move to a day of its own, at noon; returns it."""
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0) + timedelta(days=days)
    seller.sandbox.control("/clock", {"offset_s": (noon - datetime.now(UTC)).total_seconds()})
    return noon.date().isoformat()


def asked(seller: Seller, day: str, kind: str = "trade") -> dict[str, Any]:
    return seller.trade(ASK, {"bill_type": kind, "bill_date": day})


def get(seller: Seller, url: str) -> httpx2.Response:
    return seller.sandbox.client.get(url)


def members(content: bytes) -> dict[str, str]:
    """Member's name → its text; the archive's check sums are checked on the way."""
    with zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gbk") as archive:
        return {name: archive.read(name).decode("gbk") for name in archive.namelist()}


def fetch(seller: Seller, day: str, kind: str = "trade") -> tuple[str, str]:
    """Detail and summary of a day's bill."""
    answer = get(seller, asked(seller, day, kind)["bill_download_url"])
    assert answer.status_code == 200
    texts = members(answer.content)
    (summary,) = (name for name in texts if "汇总" in name)
    (detail,) = texts.keys() - {summary}
    assert "明细" in detail
    return texts[detail], texts[summary]


def rows(detail: str) -> list[dict[str, str]]:
    """The rows between header and end, tabulators off; a row cut short has fewer columns."""
    lines = detail.split("\r\n")
    header = lines[4].split(",")
    data = [line for line in lines[5:] if line and not line.startswith("#")]
    return [dict(zip(header, [value.strip("\t") for value in line.split(",")], strict=False)) for line in data]


def test_payments_and_refunds_are_told_to_the_letter(seller: Seller) -> None:
    day = at_quiet_day(seller, 61)
    number = seller.paid()
    seller.refund(number, "3.45", out_request_no="B1", refund_reason="多缴")
    detail, summary = fetch(seller, day)
    lines = detail.split("\r\n")
    first, after = date.fromisoformat(day), date.fromisoformat(day) + timedelta(days=1)
    assert lines[:5] == [
        "#支付宝业务明细查询",
        f"#账号：[{seller.seller_id}0156]",
        f"#起始日期：[{first:%Y年%m月%d日} 00:00:00]   终止日期：[{after:%Y年%m月%d日} 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        ",".join(TRADE_COLUMNS),
    ]
    assert len(TRADE_COLUMNS) == 25
    assert lines[7:11] == [
        "#-----------------------------------------业务明细列表结束------------------------------------",
        "#交易合计：1笔，商家实收共123.45元，商家优惠共0.00元",
        "#退款合计：1笔，商家实收退款共-3.45元，商家优惠退款共0.00元",
        f"#导出时间：[{after:%Y年%m月%d日} 06:27:10]",
    ]
    trade_no = seller.query(number)["trade_no"]
    assert lines[5].startswith(f"{trade_no}\t,{number}\t,交易\t,行政缴款,{day} ")
    assert lines[5].endswith(",138****01\t,123.45,123.45,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.74,0.00,")
    assert lines[6].endswith(",138****01\t,-3.45,-3.45,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,B1\t,0.02,0.00,多缴")
    assert summary.split("\r\n")[6] == "合计,,1,1,120.00,120.00,0.00,0.00,0.00,-0.72,0.00,119.28"
    assert fetch(seller, day) == (detail, summary)


def test_member_names_are_gbk_and_not_marked_as_utf_8(seller: Seller) -> None:
    day = at_quiet_day(seller, 62)
    seller.paid()
    content = get(seller, asked(seller, day)["bill_download_url"]).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [member.flag_bits & 0x800 for member in archive.infolist()] == [0, 0]
    compact = day.replace("-", "")
    assert sorted(members(content)) == [
        f"{seller.seller_id}0156_{compact}_业务明细(汇总).csv",
        f"{seller.seller_id}0156_{compact}_业务明细.csv",
    ]


def test_the_balance_account_adds_up(seller: Seller) -> None:
    day = at_quiet_day(seller, 63)
    before = Decimal(seller.sandbox.control("/account?channel=alipay")["balance_fen"]) / 100
    number = seller.paid()
    seller.refund(number, "123.45", out_request_no="F1")
    detail, summary = fetch(seller, day, "signcustomer")
    told = rows(detail)
    assert tuple(told[0]) == FUND_COLUMNS
    assert [(row["业务类型"], row["收入金额（+元）"], row["支出金额（-元）"]) for row in told] == [
        ("在线支付", "123.45", "0.00"),
        ("收费", "0.00", "-0.74"),
        ("交易退款", "0.00", "-123.45"),
        ("服务费退回", "0.74", "0.00"),
    ]
    assert {row["商户订单号"] for row in told} == {number}
    assert told[2]["备注"] == "F1"
    assert Decimal(told[-1]["账户余额（元）"]) == before
    assert "#支出合计：2笔，共-124.19元\r\n#收入合计：2笔，共124.19元\r\n" in detail
    assert "合计,2,124.19,2,-124.19,0.00" in summary


@pytest.mark.parametrize("kind", ["trade", "signcustomer"])
def test_a_day_without_movement_has_no_bill(seller: Seller, kind: str) -> None:
    assert refusal(asked(seller, at_quiet_day(seller, 80), kind)) == ("40004", "isp.bill_not_exist")


@pytest.mark.parametrize(
    ("kind", "day"),
    [("trade", "20260101"), ("trade", "2026-02-30"), ("trade", "2126-01-01"), ("balance", "2026-01-01")],
)
def test_bill_parameters_are_checked(seller: Seller, kind: str, day: str) -> None:
    assert refusal(asked(seller, day, kind)) == ("40004", "ACQ.INVALID_PARAMETER")


def test_the_address_ends_after_thirty_seconds(seller: Seller) -> None:
    day = at_quiet_day(seller, 64)
    seller.paid()
    url = asked(seller, day)["bill_download_url"]
    assert get(seller, url).status_code == 200
    noon = seller.sandbox.control("/clock")["offset_s"]
    seller.sandbox.control("/clock", {"offset_s": noon + 31})
    assert get(seller, url).status_code == 403
    assert get(seller, url[:-1]).status_code == 403


def day_with_rows(seller: Seller, days: int, *, payments: int, refunds: int) -> tuple[str, list[str]]:
    day = at_quiet_day(seller, days)
    numbers = [seller.paid(wait=False) for _ in range(payments)]
    for number in numbers[:refunds]:
        seller.refund(number, "3.45")
    return day, numbers


def prepare(seller: Seller, day: str, kind: str = "trade", /, **discrepancies: int) -> list[dict[str, Any]]:
    body = {"channel": "alipay", "kind": kind, "day": day, "discrepancies": discrepancies, "seed": 1}
    injected: list[dict[str, Any]] = seller.sandbox.control("/bills", body)["injected"]
    return injected


def test_every_class_of_rows_is_injected_and_reported(seller: Seller) -> None:
    day, numbers = day_with_rows(seller, 65, payments=12, refunds=2)
    truth = rows(fetch(seller, day)[0])
    injected = prepare(seller, day, **dict.fromkeys(CLASSES, 1))
    assert Counter(one["class"] for one in injected) == Counter(dict.fromkeys(CLASSES, 1))
    told = rows(fetch(seller, day)[0])
    by_class = {one["class"]: one for one in injected}
    payments = Counter(row["商户订单号"] for row in told if row.get("业务类型") != "退款")
    gone = [by_class[name]["out_trade_no"] for name in ("missing_there", "cross_midnight")]
    assert [payments[number] for number in gone] == [0, 0]
    assert payments[by_class["missing_here"]["out_trade_no"]] == 1
    assert by_class["missing_here"]["out_trade_no"] not in numbers
    assert payments[by_class["duplicate"]["out_trade_no"]] == 2
    whole = [row for row in told if len(row) == 25]
    refunds = [row["退款批次号/请求号"] for row in whole]
    assert by_class["refund_missing"]["out_refund_no"] not in refunds
    assert by_class["orphan_refund"]["out_refund_no"] in refunds
    for name in ("amount", "status", "fee"):
        change = by_class[name]
        (row,) = [row for row in whole if row["商户订单号"] == change["out_trade_no"] and row["业务类型"] != "退款"]
        assert row[change["column"]] == change["now"] != change["was"]
    (row,) = [row for row in whole if row["退款批次号/请求号"] == by_class["refund_amount"]["out_refund_no"]]
    assert row["订单金额（元）"] == by_class["refund_amount"]["now"] != "-3.45"
    (short,) = [row for row in told if len(row) != 25]
    assert short["商户订单号"] == by_class["malformed_row"]["out_trade_no"]
    assert len(told) == len(truth)
    seller.sandbox.control(f"/bills?day={day}&channel=alipay", method="DELETE")
    assert rows(fetch(seller, day)[0]) == truth


def test_all_fifteen_classes_exist_at_both_channels() -> None:
    from miniapp_stub.sandbox.wechatpay.bills import discrepancies as wechat

    assert {*CLASSES, *WHOLE_FILE} == {*wechat.CLASSES, *wechat.WHOLE_FILE}
    assert len({*CLASSES, *WHOLE_FILE}) == 15


def test_a_payment_past_midnight_is_told_in_the_next_days_bill(seller: Seller) -> None:
    day, _ = day_with_rows(seller, 67, payments=2, refunds=0)
    (moved,) = prepare(seller, day, cross_midnight=1)
    following = at_quiet_day(seller, 68)
    (row,) = rows(fetch(seller, following)[0])
    assert (row["完成时间"], row["商户订单号"]) == (f"{following} 00:00:01", moved["out_trade_no"])


def test_a_truncated_bill_breaks_off_and_has_no_end(seller: Seller) -> None:
    day, _ = day_with_rows(seller, 69, payments=3, refunds=0)
    assert prepare(seller, day, truncated=1) == [{"class": "truncated"}]
    detail, _ = fetch(seller, day)
    assert [len(row) == 25 for row in rows(detail)] == [True, True, False]
    assert "列表结束" not in detail


def test_a_broken_hash_is_that_of_the_archive(seller: Seller) -> None:
    day, _ = day_with_rows(seller, 70, payments=1, refunds=0)
    prepare(seller, day, hash_mismatch=1)
    content = get(seller, asked(seller, day)["bill_download_url"]).content
    with pytest.raises(zipfile.BadZipFile, match="Bad CRC"):
        members(content)


def test_another_merchant_and_another_currency_are_told_of_the_file(seller: Seller) -> None:
    day, _ = day_with_rows(seller, 71, payments=1, refunds=0)
    prepare(seller, day, merchant=1, currency=1)
    detail, summary = fetch(seller, day)
    assert seller.seller_id not in detail + summary
    assert "订单金额（港元）" in detail and "订单金额（元）" not in detail


def test_fund_lines_are_told_wrong_and_two_may_cancel_out(seller: Seller) -> None:
    day, _ = day_with_rows(seller, 72, payments=6, refunds=0)
    truth, _ = fetch(seller, day, "signcustomer")
    injected = prepare(seller, day, "fund", cancelling=1)
    assert [one["class"] for one in injected] == ["cancelling", "cancelling"]
    told, _ = fetch(seller, day, "signcustomer")
    assert told.split("#支出合计")[1] == truth.split("#支出合计")[1]
    changed = [(a, b) for a, b in zip(rows(truth), rows(told), strict=True) if a != b]
    assert sorted(Decimal(b["收入金额（+元）"]) - Decimal(a["收入金额（+元）"]) for a, b in changed) == [
        Decimal("-0.01"),
        Decimal("0.01"),
    ]
    prepare(seller, day, "fund", missing_there=1, missing_here=1, amount=1)
    assert len(rows(fetch(seller, day, "signcustomer")[0])) == len(rows(truth))
    assert {(one["channel"], one["kind"]) for one in seller.sandbox.control("/bills")["bills"]} == {("alipay", "fund")}


def test_faults_strike_the_bill_and_its_address(seller: Seller) -> None:
    day = at_quiet_day(seller, 73)
    seller.paid()
    for kind in ("not_ready", "absent"):
        seller.sandbox.control("/faults", {"where": "bill", "kind": kind, "times": 1, "channel": "alipay"})
        assert refusal(asked(seller, day)) == ("40004", "isp.bill_not_exist")
    seller.sandbox.control("/faults", {"where": "bill", "kind": "wrong_amount", "times": 1})
    assert rows(fetch(seller, day)[0])[0]["订单金额（元）"] != "123.45"
    url = asked(seller, day)["bill_download_url"]
    seller.sandbox.control("/faults", {"where": "download", "kind": "http_500", "times": 1})
    assert get(seller, url).status_code == 500
    assert get(seller, url).status_code == 200


@pytest.mark.parametrize("discrepancies", [{"invented": 1}, {"amount": -1}, {"amount": 9}, {"refund_missing": 1}])
def test_an_impossible_discrepancy_is_refused_and_prepares_nothing(
    seller: Seller, discrepancies: dict[str, int]
) -> None:
    day, _ = day_with_rows(seller, 74, payments=1, refunds=0)
    with pytest.raises(ControlRefused) as caught:
        prepare(seller, day, **discrepancies)
    assert caught.value.code == "DISCREPANCY_REFUSED"
    assert seller.sandbox.control("/bills")["bills"] == []
