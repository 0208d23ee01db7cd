"""Money is whole fen wherever it goes: no float in its paths, no fen lost between yuan and fen, no share lost in a split."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies

from kit.money import LARGEST_FEN, NotMoney, fen_from_yuan, split_by_ratio, yuan_text

ROOT = Path(__file__).resolve().parent.parent.parent
MOST = 10_000_000
PATHS = sorted([ROOT / "kit" / "money.py", *(ROOT / "payments").rglob("*.py")])

# Seconds are floats, and nothing else may be: how the names on such a line end, or what they are.
ENDINGS, NAMES = ("_s", "_S", "_at"), {"at", "seconds", "until", "started", "waited", "now"}


def floats_in(tree: ast.AST) -> Iterator[ast.expr]:
    """Float literals, calls and annotations of float, and divisions that make one."""
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        named = isinstance(node, ast.Name) and node.id == "float"
        divided = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_a_path(node)
        if literal or named or divided:
            assert isinstance(node, ast.expr)
            yield node


def _joins_a_path(node: ast.BinOp) -> bool:
    """`folder / "name"` is no division."""
    return isinstance(node.right, (ast.Constant, ast.JoinedStr)) and not isinstance(
        getattr(node.right, "value", ""), (int, float)
    )


def is_no_money_in_floats(line: str) -> bool:
    if "Decimal(" in line:
        return True  # a Decimal divided by a whole number is a Decimal
    words = line.replace("(", " ").replace(")", " ").replace(",", " ").replace(":", " ").replace("=", " ").split()
    return any(word in NAMES or word.endswith(ENDINGS) for word in words)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_float_comes_near_an_amount(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    found = {node.lineno: lines[node.lineno - 1].strip() for node in floats_in(ast.parse(source))}
    assert [line for line in found.values() if not is_no_money_in_floats(line)] == []


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("fee_fen = amount * 0.006", 1), ("yuan = fen / 100", 1), ("total = float(text)", 1), ("fee: float = 0", 1),
        ("fee = fen * 60 // 10000", 0), ("path = folder / 'receipt.typ'", 0),
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(line: str, times: int) -> None:
    found = [node for node in floats_in(ast.parse(line)) if not is_no_money_in_floats(line)]
    assert len(found) == times


def test_every_amount_up_to_a_hundred_thousand_yuan_comes_back_as_it_went() -> None:
    step = 1 if os.environ.get("SLOW") else 97
    assert all(fen_from_yuan(yuan_text(fen)) == fen for fen in range(0, MOST + 1, step))


@given(strategies.integers(-LARGEST_FEN, LARGEST_FEN))
def test_any_amount_comes_back_as_it_went(fen: int) -> None:
    assert fen_from_yuan(yuan_text(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("0.29", 29), ("4.35", 435), ("1.10", 110), ("1234567.89", 123456789), ("-0.01", -1), ("7", 700)]
)
def test_text_that_floats_get_wrong_is_read_right(text: str, fen: int) -> None:
    assert fen_from_yuan(text) == fen


@pytest.mark.parametrize("text", ["0.005", "1e-3", "NaN", "Infinity", "", "1,000.00", "0x10", "1.2.3", "1e400"])
def test_what_is_not_whole_fen_is_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        fen_from_yuan(text)


@given(
    strategies.integers(0, 10**12), strategies.lists(strategies.integers(0, 10_000), min_size=1, max_size=6).filter(any)
)
@settings(max_examples=500)
def test_shares_of_a_split_add_up_and_stray_by_less_than_a_fen(total: int, ratios: list[int]) -> None:
    shares = split_by_ratio(total, ratios)
    assert sum(shares) == total
    whole = sum(ratios)
    assert all(abs(share * whole - total * ratio) < whole for share, ratio in zip(shares, ratios, strict=True))
