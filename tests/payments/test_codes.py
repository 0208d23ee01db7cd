"""Payment codes: the pattern and the check digit of a region."""

import pytest

from kit import config
from mobileapi.settings import OfficeSettings
from payments import codes


@pytest.mark.parametrize(("digits", "check"), [("7992739871", 3), ("4401050420260000001", 2), ("0", 0), ("", 0)])
def test_luhn_digit_of_the_standard(digits: str, check: int) -> None:
    assert codes.luhn(digits) == check


@pytest.mark.parametrize(("digits", "check"), [("0794", 5), ("00200667308", 5)])
def test_mod_11_10_digit_of_the_standard(digits: str, check: int) -> None:
    assert codes.mod_11_10(digits) == check


@pytest.mark.parametrize("rule", ["luhn", "mod_11_10"])
def test_a_code_with_one_digit_mistaken_is_no_code(settings: OfficeSettings, rule: str) -> None:
    config.install(settings.model_copy(update={"payment_code_check": rule}))
    code = codes.completed("44010526112100000000")
    assert codes.is_code(code)
    for place in range(20):
        for digit in "0123456789":
            mistaken = code[:place] + digit + code[place + 1 :]
            assert codes.is_code(mistaken) == (digit == code[place]), mistaken


def test_without_a_rule_the_pattern_alone_decides(settings: OfficeSettings) -> None:
    assert codes.completed("44010526000000000017") == "44010526000000000017"
    assert codes.is_code("44010526000000000017")
    assert not codes.is_code("4401052600000000001")
