"""Bills: the bytes of the files, the two steps to fetch them, and what they are told to get wrong."""

import gzip
import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from miniapp_stub.sandbox.wechatpay.bills import files
from miniapp_stub.sandbox.wechatpay.bills.discrepancies import CLASSES, DiscrepancyRefused, retell
from miniapp_stub.sandbox.wechatpay.bills.rows import ALL_COLUMNS, Row, fee_text, yuan
from tests.sandbox.merchant import Merchant, new_number
from tests.sandbox_server import ControlRefused

SAMPLE = (
    "`2026-01-02 08:00:05,`wx0000000000000001,`1900000001,`0,`,`4200000000202601020000000001,`GOV202601020001,"
    "`oTest00000000000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`123.45,`0.00,`0,`0,`0.00,`0.00,`,`,`行政缴款,罚没,`,"
    "`0.74000,`0.60%,`123.45,`0.00,`"
)
TRADE, FUND = "/v3/bill/tradebill", "/v3/bill/fundflowbill"
ORDER_MONEY, REFUND_MONEY = ALL_COLUMNS.index("订单金额"), ALL_COLUMNS.index("申请退款金额")


def day_of(offset_s: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(hours=8, seconds=offset_s)).date().isoformat()


def split(line: str) -> list[str]:
    return line.removeprefix("`").split(",`")


def fetch(merchant: Merchant, target: str, *, packed: bool = False) -> bytes:
    """Both steps; the digest is that of the bytes before packing."""
    offer = merchant.get(target + ("&tar_type=GZIP" if packed else "")).json()
    path = offer["download_url"].removeprefix(merchant.sandbox.url)
    answer = merchant.get(path)
    assert answer.status_code == 200
    assert "Wechatpay-Signature" not in answer.headers
    content = gzip.decompress(answer.content) if packed else answer.content
    assert (offer["hash_type"], offer["hash_value"]) == ("SHA1", hashlib.sha1(content).hexdigest())
    return content


def data(content: bytes) -> list[list[str]]:
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    return [split(line) for line in lines[1:-3]]


def at_quiet_day(merchant: Merchant, days: int) -> str:
    """Move to a day of its own, at noon; returns it."""
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0) + timedelta(days=days)
    merchant.sandbox.control("/clock", {"offset_s": (noon - datetime.now(UTC)).total_seconds()})
    return noon.date().isoformat()


def sample_row() -> Row:
    return dict(zip(ALL_COLUMNS, split(SAMPLE), strict=True))


def test_one_row_bill_is_right_to_the_byte() -> None:
    content = files.trade_bill([sample_row()], bill_type="ALL")
    assert content is not None
    assert len(content) == 828
    assert hashlib.sha1(content).hexdigest() == "0a2a8b3566c7e93affd9ac779eaa77e4dc991b55"


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (1, "0.01"), (12345, "123.45"), (-74, "-0.74"), (10**10, "100000000.00")]
)
def test_fen_become_yuan_text(fen: int, text: str) -> None:
    assert yuan(fen) == text
    assert fee_text(fen) == text + "000"


@pytest.mark.parametrize("packed", [False, True])
def test_day_of_payment_and_refund_is_told(merchant: Merchant, packed: bool) -> None:
    day = at_quiet_day(merchant, 1 if packed else 2)
    merchant.sandbox.control("/refunds", {"mode": "hold"})
    number, refund = merchant.paid(), new_number("RF")
    merchant.refund(number, refund=345, out_refund_no=refund, reason="多缴")
    content = fetch(merchant, f"{TRADE}?bill_date={day}&bill_type=ALL", packed=packed)
    assert content.startswith("\ufeff交易时间,公众账号ID,商户号,".encode())
    paid, refunded = (dict(zip(ALL_COLUMNS, row, strict=True)) for row in data(content))
    assert (paid["交易状态"], paid["订单金额"], paid["应结订单金额"], paid["手续费"]) == (
        "SUCCESS",
        "123.45",
        "123.45",
        "0.74000",
    )
    assert (paid["微信退款单号"], paid["商户退款单号"], paid["退款金额"]) == ("0", "0", "0.00")
    assert (refunded["交易状态"], refunded["退款状态"], refunded["退款类型"]) == ("REFUND", "PROCESSING", "ORIGINAL")
    assert (refunded["订单金额"], refunded["退款金额"], refunded["申请退款金额"]) == ("0.00", "3.45", "3.45")
    assert (refunded["商户订单号"], refunded["商户退款单号"], refunded["手续费"]) == (number, refund, "-0.02000")
    assert content.decode().split("\r\n")[-2] == "`2.0,`123.45,`3.45,`0.0,`0.72,`123.45,`3.45"


def test_success_and_refund_bills_have_their_own_columns(merchant: Merchant) -> None:
    day = at_quiet_day(merchant, 3)
    number = merchant.paid()
    merchant.refund(number, refund=345)
    success = fetch(merchant, f"{TRADE}?bill_date={day}&bill_type=SUCCESS").decode("utf-8-sig").split("\r\n")
    assert success[0].split(",")[14:] == ["商品名称", "商户数据包", "手续费", "费率", "订单金额", "费率备注"]
    assert success[-3:-1] == ["总交易单数,应结订单总金额,手续费总金额,订单总金额", "`1.0,`123.45,`0.74,`123.45"]
    refund = fetch(merchant, f"{TRADE}?bill_date={day}&bill_type=REFUND").decode("utf-8-sig").split("\r\n")
    assert refund[0].split(",")[14:17] == ["退款申请时间", "退款成功时间", "微信退款单号"]
    assert len(refund[0].split(",")) == 29
    assert len(split(refund[1])) == 29


def test_coupon_lowers_the_settled_money_only(merchant: Merchant) -> None:
    day = at_quiet_day(merchant, 4)
    merchant.paid(coupon_fen=2345)
    (row,) = data(fetch(merchant, f"{TRADE}?bill_date={day}"))
    told = dict(zip(ALL_COLUMNS, row, strict=True))
    assert (told["应结订单金额"], told["代金券金额"], told["订单金额"]) == ("100.00", "23.45", "123.45")


def test_fund_flow_adds_up_to_the_balance(merchant: Merchant) -> None:
    day = at_quiet_day(merchant, 5)
    before = Decimal(merchant.sandbox.control("/account")["balance_fen"]) / 100
    number = merchant.paid()
    merchant.refund(number, refund=12345, reason="重复,缴纳")
    content = fetch(merchant, f"{FUND}?bill_date={day}&account_type=BASIC", packed=True)
    rows = data(content)
    assert [(row[4], row[5], row[6]) for row in rows] == [
        ("交易", "收入", "123.45"),
        ("扣除交易手续费", "支出", "0.74"),
        ("退款", "支出", "123.45"),
        ("退回交易手续费", "收入", "0.74"),
    ]
    assert rows[2][9] == "重复,缴纳"
    assert Decimal(rows[-1][7]) == before
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0].split(",")[6:8] == ["收支金额(元)", "账户结余(元)"]
    assert lines[-3:-1] == ["资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`4.0,`2.0,`124.19,`2.0,`124.19"]


@pytest.mark.parametrize(
    "target", [f"{TRADE}?bill_date={{day}}", f"{FUND}?bill_date={{day}}", f"{FUND}?account_type=FEES&bill_date={{day}}"]
)
def test_day_without_movement_has_no_statement(merchant: Merchant, target: str) -> None:
    answer = merchant.get(target.format(day=at_quiet_day(merchant, 40)))
    assert (answer.status_code, answer.json()["code"]) == (400, "NO_STATEMENT_EXIST")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bill_type=ALL", "PARAM_ERROR"),
        ("bill_date=20260101", "PARAM_ERROR"),
        ("bill_date=2026-02-30", "PARAM_ERROR"),
        (f"bill_date={day_of(3 * 86400)}", "PARAM_ERROR"),
        (f"bill_date={day_of(-100 * 86400)}", "INVALID_REQUEST"),
        (f"bill_date={day_of()}&bill_type=EVERYTHING", "PARAM_ERROR"),
        (f"bill_date={day_of()}&tar_type=ZIP", "PARAM_ERROR"),
    ],
)
def test_bill_parameters_are_checked(merchant: Merchant, query: str, code: str) -> None:
    merchant.paid()
    assert merchant.get(f"{TRADE}?{query}").json()["code"] == code


def test_download_address_lives_five_minutes_and_wants_a_signature(merchant: Merchant) -> None:
    merchant.paid()
    offer = merchant.get(f"{TRADE}?bill_date={day_of()}").json()
    path = offer["download_url"].removeprefix(merchant.sandbox.url)
    assert merchant.get(path, signed=b"x").status_code == 401
    assert merchant.get(path).status_code == 200
    merchant.sandbox.control("/clock", {"offset_s": 301})
    assert merchant.get(path).json()["code"] == "INVALID_REQUEST"


def test_bill_not_ready_and_absent_are_faults(merchant: Merchant) -> None:
    merchant.paid()
    target = f"{TRADE}?bill_date={day_of()}"
    for kind, code in (("not_ready", "STATEMENT_CREATING"), ("absent", "NO_STATEMENT_EXIST")):
        merchant.sandbox.control("/faults", {"where": "bill", "kind": kind, "times": 1})
        assert merchant.get(target).json()["code"] == code
    assert merchant.get(target).status_code == 200


def test_bill_with_wrong_amount_hashes_right_and_lies(merchant: Merchant) -> None:
    day = at_quiet_day(merchant, 6)
    merchant.paid()
    merchant.sandbox.control("/faults", {"where": "bill", "kind": "wrong_amount"})
    (row,) = data(fetch(merchant, f"{TRADE}?bill_date={day}"))
    assert row[ORDER_MONEY] != "123.45"


def day_with_rows(merchant: Merchant, days: int, *, payments: int, refunds: int) -> tuple[str, list[str]]:
    day = at_quiet_day(merchant, days)
    numbers = [merchant.paid(wait=False) for _ in range(payments)]
    for number in numbers[:refunds]:
        merchant.refund(number, refund=345)
    return day, numbers


def prepare(merchant: Merchant, day: str, /, **discrepancies: int) -> list[dict[str, Any]]:
    injected: list[dict[str, Any]] = merchant.sandbox.control(
        "/bills", {"channel": "wechat", "day": day, "discrepancies": discrepancies, "seed": 1}
    )["injected"]
    return injected


def test_every_class_is_injected_and_reported(merchant: Merchant) -> None:
    day, numbers = day_with_rows(merchant, 7, payments=12, refunds=2)
    truth = data(fetch(merchant, f"{TRADE}?bill_date={day}"))
    wanted = dict.fromkeys(CLASSES, 1)
    injected = prepare(merchant, day, **wanted)
    assert Counter(one["class"] for one in injected) == Counter(wanted)
    told = data(fetch(merchant, f"{TRADE}?bill_date={day}"))
    by_class = {one["class"]: one for one in injected}
    trade_numbers = Counter(row[6] for row in told if row[9] in ("SUCCESS", "REVOKED"))
    assert trade_numbers[by_class["missing_there"]["out_trade_no"]] == 0
    assert trade_numbers[by_class["cross_midnight"]["out_trade_no"]] == 0
    assert trade_numbers[by_class["missing_here"]["out_trade_no"]] == 1
    assert by_class["missing_here"]["out_trade_no"] not in numbers
    assert trade_numbers[by_class["duplicate"]["out_trade_no"]] == 2
    whole = [row for row in told if len(row) == 27]
    assert by_class["refund_missing"]["out_refund_no"] not in [row[15] for row in whole]
    assert by_class["orphan_refund"]["out_refund_no"] in [row[15] for row in whole]
    column = {name: ALL_COLUMNS.index(name) for name in ALL_COLUMNS}
    for name in ("amount", "status", "fee", "merchant", "currency"):
        change = by_class[name]
        (row,) = [row for row in whole if row[6] == change["out_trade_no"] and row[14] == "0"]
        assert row[column[change["column"]]] == change["now"] != change["was"]
    (row,) = [row for row in whole if row[15] == by_class["refund_amount"]["out_refund_no"]]
    assert row[REFUND_MONEY] == by_class["refund_amount"]["now"] != "3.45"
    (short,) = [row for row in told if len(row) != 27]
    assert short[6] == by_class["malformed_row"]["out_trade_no"]
    assert len(told) == len(truth) - 3 + 3
    touched = [one["out_trade_no"] for one in injected if "out_refund_no" not in one]
    assert len(set(touched)) == len(touched)
    merchant.sandbox.control(f"/bills?day={day}", method="DELETE")
    assert data(fetch(merchant, f"{TRADE}?bill_date={day}")) == truth


def test_cross_midnight_payment_turns_up_in_the_next_days_bill(merchant: Merchant) -> None:
    day, numbers = day_with_rows(merchant, 9, payments=2, refunds=0)
    (moved,) = prepare(merchant, day, cross_midnight=1)
    following = at_quiet_day(merchant, 10)
    (row,) = data(fetch(merchant, f"{TRADE}?bill_date={following}"))
    assert (row[0], row[6]) == (f"{following} 00:00:01", moved["out_trade_no"])
    assert moved["out_trade_no"] in numbers
    assert moved["paid_at"].startswith(day)


def test_truncated_file_hashes_right_and_lacks_its_summary(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 11, payments=3, refunds=0)
    assert prepare(merchant, day, truncated=1) == [{"class": "truncated"}]
    lines = fetch(merchant, f"{TRADE}?bill_date={day}").decode("utf-8-sig").split("\r\n")
    assert [len(split(line)) == 27 for line in lines[1:]] == [True, True, False]


def test_hash_mismatch_leaves_the_file_whole(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 12, payments=1, refunds=0)
    prepare(merchant, day, hash_mismatch=1)
    offer = merchant.get(f"{TRADE}?bill_date={day}").json()
    content = merchant.get(offer["download_url"].removeprefix(merchant.sandbox.url)).content
    assert hashlib.sha1(content).hexdigest() != offer["hash_value"]
    assert len(data(content)) == 1


def test_prepared_bill_stays_while_the_day_goes_on(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 13, payments=1, refunds=0)
    prepare(merchant, day)
    merchant.paid()
    assert len(data(fetch(merchant, f"{TRADE}?bill_date={day}"))) == 1
    merchant.sandbox.control("/bills", method="DELETE")
    assert len(data(fetch(merchant, f"{TRADE}?bill_date={day}"))) == 2


@pytest.mark.parametrize("discrepancies", [{"invented": 1}, {"amount": -1}, {"amount": 9}, {"refund_missing": 1}])
def test_impossible_discrepancy_is_refused_and_prepares_nothing(
    merchant: Merchant, discrepancies: dict[str, int]
) -> None:
    day, _ = day_with_rows(merchant, 14, payments=1, refunds=0)
    with pytest.raises(ControlRefused) as caught:
        prepare(merchant, day, **discrepancies)
    assert caught.value.code == "DISCREPANCY_REFUSED"
    assert merchant.sandbox.control("/bills")["bills"] == []


def prepare_fund(merchant: Merchant, day: str, /, **discrepancies: int) -> list[dict[str, Any]]:
    body = {"channel": "wechat", "kind": "fund", "day": day, "discrepancies": discrepancies, "seed": 1}
    injected: list[dict[str, Any]] = merchant.sandbox.control("/bills", body)["injected"]
    return injected


def test_fund_lines_are_told_wrong_and_the_trade_bill_stays_true(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 15, payments=4, refunds=1)
    trade, fund = f"{TRADE}?bill_date={day}", f"{FUND}?bill_date={day}"
    true_trade, true_lines = data(fetch(merchant, trade)), data(fetch(merchant, fund))
    injected = prepare_fund(merchant, day, missing_there=1, missing_here=1, amount=1)
    told = {row[2]: row for row in data(fetch(merchant, fund))}
    truth = {row[2]: row for row in true_lines}
    by_class = {one["class"]: one for one in injected}
    assert truth.keys() - told.keys() == {by_class["missing_there"]["flow"]}
    assert told.keys() - truth.keys() == {by_class["missing_here"]["flow"]}
    (changed,) = [row for flow, row in told.items() if flow in truth and row != truth[flow]]
    assert changed[6] == by_class["amount"]["now"]
    assert data(fetch(merchant, trade)) == true_trade
    merchant.sandbox.control(f"/bills?day={day}&kind=fund", method="DELETE")
    assert data(fetch(merchant, fund)) == true_lines


def test_two_fund_lines_cancel_out_in_every_total(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 16, payments=4, refunds=0)
    target = f"{FUND}?bill_date={day}"
    truth = fetch(merchant, target)
    assert [one["class"] for one in prepare_fund(merchant, day, cancelling=1)] == ["cancelling"] * 2
    told = fetch(merchant, target)
    assert told.split(b"\r\n")[-2] == truth.split(b"\r\n")[-2]
    changed = [(a, b) for a, b in zip(data(truth), data(told), strict=True) if a != b]
    assert sorted(Decimal(b[6]) - Decimal(a[6]) for a, b in changed) == [Decimal("-0.01"), Decimal("0.01")]
    assert len({a[5] for a, _ in changed}) == 1


def test_a_fund_bill_breaks_off_and_hashes_wrong_as_asked(merchant: Merchant) -> None:
    day, _ = day_with_rows(merchant, 17, payments=2, refunds=0)
    target = f"{FUND}?bill_date={day}"
    prepare_fund(merchant, day, truncated=1)
    lines = fetch(merchant, target).decode("utf-8-sig").split("\r\n")
    assert [len(split(line)) == 11 for line in lines[1:]] == [True, True, True, False]
    prepare_fund(merchant, day, hash_mismatch=1)
    offer = merchant.get(target).json()
    content = merchant.get(offer["download_url"].removeprefix(merchant.sandbox.url)).content
    assert hashlib.sha1(content).hexdigest() != offer["hash_value"]


def rows_of(count: int) -> list[Row]:
    return [
        sample_row() | {"商户订单号": f"GOV{n:06d}", "交易时间": f"2026-01-02 08:{n // 60:02d}:{n % 60:02d}"}
        for n in range(count)
    ]


def test_same_seed_retells_alike() -> None:
    asked = {"amount": 2, "missing_there": 1, "missing_here": 1}
    first, again, other = (retell(rows_of(20), discrepancies=asked, seed=seed) for seed in (3, 3, 4))
    assert (first.rows, first.injected) == (again.rows, again.injected)
    assert first.injected != other.injected


def test_retelling_leaves_the_truth_alone() -> None:
    rows = rows_of(5)
    retell(rows, discrepancies={"amount": 5}, seed=0)
    assert rows == rows_of(5)
    with pytest.raises(DiscrepancyRefused):
        retell(rows, discrepancies={"amount": 6}, seed=0)


def test_summary_adds_up_what_is_printed() -> None:
    telling = retell(rows_of(3), discrepancies={"amount": 1}, seed=0)
    content = files.trade_bill(telling.rows, bill_type="ALL")
    assert content is not None
    summary = split(content.decode().split("\r\n")[-2])
    assert Decimal(summary[5]) == sum(Decimal(row["订单金额"]) for row in telling.rows)
    assert date.fromisoformat("2026-01-02").isoformat() in content.decode()
