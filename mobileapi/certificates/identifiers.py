"""
The identifier of an electronic certificate (GB/T 36904-2018) and its check character.

`1.2.156.3005.2.<type 21>.<issuer 18>.<serial>.<version 3>.<check>`; the check is ISO 7064 (GB/T 17710) MOD 37,36 over
the parts after the root, without dots.
"""

import secrets

ROOT = "1.2.156.3005.2"
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL_LENGTH = 20


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 of digits and capital letters. Raises ValueError on any other character."""
    rest = 36
    for character in body:
        rest = (rest + CHARACTERS.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return CHARACTERS[(37 - rest) % 36]


def identifier(*, type_code: str, issuer: str, serial: str, version: int = 1) -> str:
    """`type_code`: the issuer's or standard setter's 18-character code and three digits; `issuer`: 18 characters."""
    parts = [type_code, issuer, serial, f"{version:03}"]
    return ".".join([ROOT, *parts, check_character("".join(parts))])


def identifier_holds(whole: str) -> bool:
    """Whether the check character fits; identifiers of other issuers that do not fit deserve a warning only."""
    if not whole.startswith(f"{ROOT}."):
        return False
    *parts, check = whole.removeprefix(f"{ROOT}.").split(".")
    body = "".join(parts)
    return len(parts) == 4 and bool(body) and set(body) <= set(CHARACTERS) and check_character(body) == check


def fresh_serial() -> str:
    """20 random characters (103 bits): issued certificates cannot be counted or guessed."""
    return "".join(secrets.choice(CHARACTERS) for _ in range(SERIAL_LENGTH))
