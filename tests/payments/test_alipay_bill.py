"""Alipay's bills as they come: GBK in a ZIP, tabs behind values, totals in comments."""

import hashlib
import io
import zipfile

import pytest

from payments.channels import packed as packed_bills
from payments.channels.alipay_bill import FundBill, TradeBill
from payments.channels.base import StatementRefused
from payments.channels.bill import UNREADABLE

SELLER, APP = "2088000000000001", "2021000000000001"
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
FUND_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注"
)


def row(**changes: str) -> str:
    """A payment of 123.45; keys are column names, `服务费` without its brackets too."""
    names = HEADER.split(",")
    values = dict.fromkeys(names, "") | {
        "支付宝交易号": "2026010222001400000000000001", "商户订单号": "GOV202601020001", "业务类型": "交易",
        "商品名称": "行政缴款", "创建时间": "2026-01-02 08:00:00", "完成时间": "2026-01-02 08:00:05",
        "对方账户": "*明(138****0000)", "订单金额（元）": "123.45", "商家实收（元）": "123.45", "服务费（元）": "-0.74",
        "分润（元）": "0.00",
    }  # fmt: skip
    values |= {name if name in values else f"{name}（元）": value for name, value in changes.items()}
    return ",".join(f"{value}\t" for value in values.values())


REFUND = {
    "业务类型": "退款", "订单金额": "-23.45", "商家实收": "-23.45", "退款批次号/请求号": "HHR1", "服务费": "0.14",
    "完成时间": "2026-01-02 09:00:00",
}  # fmt: skip


def details(rows: list[str], *, header: str = HEADER, totals: tuple[str, ...] | None = None, word: str = "业务") -> str:
    lines = [
        f"#支付宝{word}明细查询", f"#账号：[{SELLER}0156]",
        "#起始日期：[2026年01月02日 00:00:00]   终止日期：[2026年01月03日 00:00:00]",
        f"#-----------------------------------------{word}明细列表----------------------------------------",
        header, *rows,
    ]  # fmt: skip
    if totals is not None:
        lines += [f"#-----------------------------------------{word}明细列表结束------------------------------------"]
        lines += [f"#{total}" for total in totals] + ["#导出时间：[2026年01月03日 09:00:00]"]
    return "\r\n".join(lines) + "\r\n"


ONE_EACH = (
    "交易合计：1笔，商家实收共123.45元，商家优惠共0.00元",
    "退款合计：1笔，商家实收退款共-23.45元，商家优惠退款共0.00元",
)


def summary(*, paid: int = 1, back: int = 1, fees: str = "-0.60") -> str:
    header = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）,分润（元）,实收净额（元）"
    return (
        f"#支付宝业务汇总查询\r\n{header}\r\n合计\t,\t,{paid}\t,{back}\t,100.00\t,100.00\t,{fees}\t,0.00\t,99.40\t\r\n"
    )


class GbkName(zipfile.ZipInfo):
    """A member whose name is GBK, without the flag that would say UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - as the library calls it
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def packed(*members: tuple[str, str | bytes]) -> bytes:
    """As Alipay packs: names and texts in GBK."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(GbkName(name), text if isinstance(text, bytes) else text.encode("gbk"))
    return buffer.getvalue()


def read(bill: TradeBill | FundBill, content: bytes) -> list[dict[str, str]]:
    lines = b"".join(bill.read(content)).decode().splitlines()
    return [dict(zip(bill.columns, line.split("\t"), strict=True)) for line in lines]


def trade() -> TradeBill:
    return TradeBill(merchant=SELLER, app=APP)


def day(rows: list[str], totals: tuple[str, ...] | None = ONE_EACH, **more: str) -> bytes:
    return packed(("20260102_业务明细.csv", details(rows, totals=totals, **more)))


def test_a_payment_and_a_refund_are_told_apart_and_their_money_is_positive() -> None:
    bill = trade()
    payment, refund = read(bill, day([row(), row(**REFUND)]))
    assert payment == {
        "at": "2026-01-02 08:00:05", "app": APP, "merchant": SELLER, "transaction_id": "2026010222001400000000000001",
        "number": "GOV202601020001", "refund_number": "", "state": "SUCCESS", "refund_state": "", "currency": "CNY",
        "settled": "123.45", "refunded": "0.00", "total": "123.45", "applied": "0.00", "fee": "0.74", "rate": "",
        "raw": "",
    }  # fmt: skip
    money = ("settled", "refunded", "total", "applied", "fee")
    assert [refund[name] for name in money] == ["0.00", "23.45", "0.00", "23.45", "-0.14"]
    assert (refund["refund_number"], refund["refund_state"]) == ("HHR1", "SUCCESS")
    assert (bill.rows, bill.summary) == (2, {"count": "2", "settled": "123.45", "refunded": "23.45"})


@pytest.mark.parametrize("summary_first", [False, True])
def test_the_details_are_found_wherever_they_stand_and_the_summary_is_held_against_them(summary_first: bool) -> None:
    members = [
        ("d_业务明细.csv", details([row(), row(**REFUND)], totals=ONE_EACH)),
        ("d_业务明细(汇总).csv", summary()),
    ]
    bill = trade()
    assert len(read(bill, packed(*(reversed(members) if summary_first else members)))) == 2
    assert bill.summary["fees"] == "0.60"
    for wrong in (summary(paid=2), summary(back=0), "#nothing\r\n"):
        with pytest.raises(StatementRefused, match=r"totals|summary"):
            read(trade(), packed(members[0], ("d_业务明细(汇总).csv", wrong)))


def test_a_comma_in_the_name_or_the_note_moves_nothing() -> None:
    named, noted = row(商品名称="罚款,第1,期"), row(备注="a,b")
    first, second = read(trade(), day([named, noted]))
    assert first == second
    assert first["number"] == "GOV202601020001"


def test_columns_are_found_by_name() -> None:
    names, values = HEADER.split(","), row().split(",")
    turned = ",".join(reversed(names))
    (only,) = read(trade(), day([",".join(reversed(values))], header=turned))
    assert (only["total"], only["fee"], only["at"]) == ("123.45", "0.74", "2026-01-02 08:00:05")


@pytest.mark.parametrize("piece", [700, 1001, 1 << 20])
def test_it_is_the_same_in_whatever_pieces_it_is_unpacked(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(packed_bills, "CHUNK", piece)
    content, bill = day([row(), row(**REFUND)]), trade()
    assert len(read(bill, content)) == 2
    assert (bill.size, bill.sha1) == (len(content), hashlib.sha1(content).hexdigest())


@pytest.mark.parametrize(
    "bad",
    [
        "half,a,row",
        row(业务类型="转账"),
        row(订单金额="12a"),
        row(订单金额="-1.00"),
        row(**(REFUND | {"订单金额": "23.45"})),
        row(**(REFUND | {"退款批次号/请求号": ""})),
        row(服务费="x"),
        row(完成时间="2026-01-02 24:00:00"),
        row(完成时间=""),
        row(商品名称="a,b", 创建时间="", 完成时间=""),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_text(bad: str) -> None:
    bill = trade()
    good, aside = read(bill, day([row(), bad]))
    assert (good["number"], aside["at"], bill.rows) == ("GOV202601020001", UNREADABLE, 2)
    assert aside["raw"][:4] == bad.replace("\t", " ")[:4]


def test_bytes_that_are_no_gbk_spoil_one_row_only() -> None:
    text = details([row(), row(商品名称="@@"), row()], totals=ONE_EACH).encode("gbk").replace(b"@@", b"\xff\xff")
    rows = read(trade(), packed(("d_业务明细.csv", text)))
    assert [line["at"] == UNREADABLE for line in rows] == [False, True, False]


def test_a_backslash_does_not_break_out_of_its_value() -> None:
    (only,) = read(trade(), day([row(商户订单号="A\\nB")]))
    assert only["number"] == "A\\\\nB"  # as COPY writes one backslash


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not an archive", "damaged"),
        (b"", "damaged"),
        (day([row()])[:200], "damaged"),
        (day([row()], None), "truncated"),
        (day([row()], ()), "truncated"),
        (day([row()], header=HEADER.replace("服务费（元）", "手续费")), "header"),
        (day([row()], header=HEADER + ",商户订单号"), "header"),
        (packed(("d_业务明细(汇总).csv", summary())), "header"),
        (packed(*[(f"{n}.csv", "x") for n in range(17)]), "archive"),
    ],
)
def test_a_bill_that_is_none_is_refused_whole(content: bytes, why: str) -> None:
    with pytest.raises(StatementRefused) as caught:
        read(trade(), content)
    assert caught.value.why == why


def test_rows_behind_the_end_are_refused() -> None:
    text = details([row()], totals=ONE_EACH) + row() + "\r\n"
    with pytest.raises(StatementRefused, match="after_summary"):
        read(trade(), packed(("d_业务明细.csv", text)))


def test_the_bill_of_another_account_says_whose_it_is() -> None:
    text = details([row()], totals=ONE_EACH).replace(SELLER, "2088000000000009")
    (only,) = read(trade(), packed(("d_业务明细.csv", text)))
    assert only["merchant"] == "20880000000000090156"
    with pytest.raises(StatementRefused, match="merchant"):
        fund_text = details([], header=FUND_HEADER, totals=FUND_TOTALS, word="账务").replace(SELLER, "2088000000000009")
        read(FundBill(merchant=SELLER, app=APP), packed(("d_账务明细.csv", fund_text)))


FUND_TOTALS = ("支出合计：2笔，共-24.19元", "收入合计：2笔，共123.59元")


def fund_row(flow: str, kind: str, *, came: str = "", went: str = "", balance: str = "100.00") -> str:
    values = [
        flow, "2026010222001400000000000001", "GOV202601020001", "行政缴款", "2026-01-02 08:00:05", "", came, went,
        balance, "支付宝", kind, "",
    ]  # fmt: skip
    return ",".join(f"{value}\t" for value in values)


def test_movements_of_the_account_are_signed_and_named() -> None:
    rows = [
        fund_row("1", "在线支付", came="123.45"), fund_row("2", "收费", went="-0.74"),
        fund_row("3", "交易退款", came="0.00", went="-23.45"), fund_row("4", "退费", came="0.14", went="0.00"),
        fund_row("5", "转账", went="5"), fund_row("6", "在线支付", came="1.00", went="-1.00"), fund_row("7", "在线支付"),
    ]  # fmt: skip
    bill = FundBill(merchant=SELLER, app=APP)
    told = read(bill, packed(("d_账务明细.csv", details(rows, header=FUND_HEADER, totals=FUND_TOTALS, word="账务"))))
    assert [(line["what"], line["amount"]) for line in told[:5]] == [
        ("payment", "123.45"), ("fee", "-0.74"), ("refund", "-23.45"), ("fee_back", "0.14"), ("other", "-5.00"),
    ]  # fmt: skip
    assert [line["at"] for line in told[5:]] == [UNREADABLE, UNREADABLE]
    assert (told[0]["business"], told[0]["flow"], told[0]["balance"]) == (
        "2026010222001400000000000001", "1", "100.00",
    )  # fmt: skip
    assert bill.summary == {
        "count": "4", "income_count": "2", "income": "123.59", "expense_count": "2", "expense": "24.19",
    }  # fmt: skip
