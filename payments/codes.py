"""
What a payment code looks like. Its layout and check digit are each finance department's own (facts differ from region
to region), so both are settings: a pattern, and the rule its last digit follows, if any.
"""

import re

from kit.config import current
from payments.config import PaymentSettings


def luhn(digits: str) -> int:
    """The check digit of ISO/IEC 7812-1 annex B for `digits`."""
    doubled = (int(d) * (2 - n % 2) for n, d in enumerate(reversed(digits)))
    return -sum(d - 9 if d > 9 else d for d in doubled) % 10


def mod_11_10(digits: str) -> int:
    """The check digit of ISO/IEC 7064 MOD 11,10 for `digits`."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10


CHECKS = {"luhn": luhn, "mod_11_10": mod_11_10}


def is_code(value: str) -> bool:
    """Whether this can be a payment code of this region: its pattern, and its check digit where the region has one."""
    settings = current(PaymentSettings)
    if not re.fullmatch(settings.payment_code_pattern, value):
        return False
    check = CHECKS.get(settings.payment_code_check)
    return check is None or value[-1] == str(check(value[:-1]))


def completed(digits: str) -> str:
    """`digits` with the check digit in the place of the last one, where the region has one."""
    check = CHECKS.get(current(PaymentSettings).payment_code_check)
    return digits if check is None else digits[:-1] + str(check(digits[:-1]))
