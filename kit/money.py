"""Money is an integer of fen. Yuan appear only as text at the borders (bills of the channels, paper)."""

from decimal import Decimal, InvalidOperation

LARGEST_FEN = 10**17  # fits a BIGINT column with room for sums


class NotMoney(ValueError):
    """The text is not an amount of whole fen."""


def fen_from_yuan(text: str) -> int:
    """`"1234.50"` → 123450. Raises NotMoney for anything that is not exactly whole fen."""
    try:
        fen = Decimal(text.strip()) * 100
    except InvalidOperation as error:
        raise NotMoney(text[:20]) from error
    if not fen.is_finite() or abs(fen) > LARGEST_FEN or fen != fen.to_integral_value():
        raise NotMoney(text[:20])
    return int(fen)


def yuan_text(fen: int) -> str:
    """123450 → `"1234.50"`; negative amounts keep their sign."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def split_by_ratio(total_fen: int, ratios: list[int]) -> list[int]:
    """
    Shares that add up exactly to the total: largest remainder first, the earlier share on a tie.

    `split_by_ratio(10001, [50, 30, 20])` → `[5001, 3000, 2000]`.
    """
    whole = sum(ratios)
    shares = [total_fen * ratio // whole for ratio in ratios]
    by_remainder = sorted(range(len(ratios)), key=lambda i: -(total_fen * ratios[i] % whole))
    for i in by_remainder[: total_fen - sum(shares)]:
        shares[i] += 1
    return shares
