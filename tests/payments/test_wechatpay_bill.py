"""The trade bill, byte for byte."""

import gzip
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.channels.base import StatementRefused
from payments.channels.bill import UNREADABLE
from payments.channels.packed import uncompressed
from payments.channels.wechatpay_bill import BOM, HEADER, SUMMARY_HEADER, TradeBill, _whole_lines

ROW = (
    "`2026-01-02 08:00:05,`wx0000000000000001,`1900000001,`0,`,`4200000000202601020000000001,`GOV202601020001,"
    "`oTest00000000000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`123.45,`0.00,`0,`0,`0.00,`0.00,`,`,`行政缴款,罚没,`,"
    "`0.74000,`0.60%,`123.45,`0.00,`"
).encode()
SUMMARY = b"`1.0,`123.45,`0.00,`0.0,`0.74,`123.45,`0.00"
VECTOR = BOM + b"\r\n".join([HEADER, ROW, SUMMARY_HEADER, SUMMARY]) + b"\r\n"


def read(content: bytes, *, closely: bool = False) -> tuple[TradeBill, list[dict[str, str]]]:
    """Rows as PostgreSQL takes them: the backtick stands between values, the comma stays at their ends."""
    bill = TradeBill(closely=closely)
    lines = b"".join(bill.read(content)).decode().removesuffix("\r\n").split("\r\n")
    values = [[plain(value) for value in re.split(r"(?<!\\)`", line)] for line in lines if line]
    return bill, [dict(zip(bill.columns, row, strict=True)) for row in values]


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"t": "\t"}.get(found[1], found[1]), value.removesuffix(","))


def with_rows(*rows: bytes, summary: bytes = SUMMARY) -> bytes:
    return BOM + b"\r\n".join([HEADER, *rows, SUMMARY_HEADER, summary]) + b"\r\n"


def test_the_vector_is_the_published_one() -> None:
    assert len(VECTOR) == 828
    assert hashlib.sha1(VECTOR).hexdigest() == "0a2a8b3566c7e93affd9ac779eaa77e4dc991b55"


def test_every_value_of_the_vector_is_read() -> None:
    bill, (row,) = read(VECTOR)
    assert (row["at"], row["merchant"], row["number"]) == ("2026-01-02 08:00:05", "1900000001", "GOV202601020001")
    assert (row["raw"], row["fee"], row["rate"]) == ("行政缴款,罚没", "0.74000", "0.60%")
    assert (row["total"], row["applied"], row["rate_note"]) == ("123.45", "0.00", "")
    assert bill.summary == {
        "count": "1.0", "settled": "123.45", "refunded": "0.00", "coupon_refunded": "0.0", "fees": "0.74",
        "total": "123.45", "applied": "0.00",
    }  # fmt: skip
    assert (bill.rows, bill.sha1, bill.size) == (1, "0a2a8b3566c7e93affd9ac779eaa77e4dc991b55", 828)


@given(st.integers(1, 900))
def test_chunks_of_any_size_hold_the_same_whole_lines(step: int) -> None:
    chunks = (VECTOR[at : at + step] for at in range(0, len(VECTOR), step))
    blocks = list(_whole_lines(chunks))
    assert b"".join(blocks) == VECTOR
    assert all(block.endswith(b"\r\n") for block in blocks)


@pytest.mark.parametrize("row", [ROW, ROW.replace("行政".encode(), b"`a,b`"), ROW.replace("行政".encode(), b"a\tc")])
def test_rows_taken_as_they_came_and_rows_taken_closely_are_the_same(row: bytes) -> None:
    content = with_rows(*[ROW] * 3, row, *[ROW] * 3)
    assert read(content, closely=True)[1] == read(content)[1]


@pytest.mark.parametrize(
    "broken",
    [
        ROW.replace(b",`CNY", b""),
        ROW + b",`more",
        ROW.replace("行政".encode(), b"\xff\xfe"),
        ROW.replace(b"OTHERS", b"OTH\0ERS"),
        b"not a row at all",
        b"",
    ],
)
def test_a_row_that_is_none_is_set_aside_and_the_rest_is_read(broken: bytes) -> None:
    bill, rows = read(with_rows(ROW, broken, ROW))
    assert [row["at"] for row in rows] == ["2026-01-02 08:00:05", UNREADABLE, "2026-01-02 08:00:05"]
    assert bill.rows == 3


def test_what_copy_would_misread_is_escaped() -> None:
    row = ROW.replace("罚没".encode(), b"a\\b\tc")
    bill = TradeBill()
    block = b"".join(bill.read(with_rows(row)))
    assert b"a\\\\b\\tc" in block
    assert block.count(b"\n") == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (VECTOR[: len(VECTOR) // 2], "truncated"),
        (VECTOR[: VECTOR.index(SUMMARY)], "truncated"),
        (VECTOR[:-10], "truncated"),
        (b"", "truncated"),
        (VECTOR.replace("费率备注".encode(), "备注".encode(), 1), "header"),
        (VECTOR + b"`1\r\n", "after_summary"),
        (BOM + HEADER + b"\r\n`" + b"x" * 40_000, "line_too_long"),
    ],
)
def test_a_file_that_is_no_bill_is_refused_whole(content: bytes, why: str) -> None:
    with pytest.raises(StatementRefused) as caught:
        list(TradeBill().read(content))
    assert caught.value.why == why


def test_a_bill_comes_compressed_or_plain() -> None:
    assert b"".join(uncompressed(gzip.compress(VECTOR))) == b"".join(uncompressed(VECTOR)) == VECTOR


def test_a_bill_that_inflates_without_end_is_capped() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(StatementRefused) as caught:
        for _ in uncompressed(bomb, cap=10_000_000):
            pass
    assert caught.value.why == "too_large"


@pytest.mark.parametrize("damage", [slice(0, 60), slice(20, None)])
def test_damaged_compression_is_refused_or_found_by_the_hash(damage: slice) -> None:
    content = gzip.compress(VECTOR)[damage] if damage.start == 0 else b"\x1f\x8b" + gzip.compress(VECTOR)[damage]
    try:
        assert b"".join(uncompressed(content)) != VECTOR
    except StatementRefused as error:
        assert error.why == "damaged"
