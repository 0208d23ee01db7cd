"""
Numbers that identify people and bodies: which could exist, and which cannot. Pure functions, nothing is looked up.

Resident IDs follow GB 11643-1999 (ISO 7064 MOD 11-2), and so do the residence permits of 港澳 (divisions 81 and 82)
and 台湾 (83) and the foreigners' permanent residence card of 2023 (its first digit is 9). Credit codes follow
GB 32100-2015, the body codes within them GB 11714-1997.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
EIGHTEEN = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3 to the (place - 1), modulo 31
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Document(StrEnum):
    RESIDENT_ID = "resident_id"
    HMT_RESIDENCE = "hmt_residence"  # 港澳台居民居住证
    FOREIGN_RESIDENCE = "foreign_residence"  # 外国人永久居留身份证, both editions
    HM_PERMIT = "hm_permit"  # 港澳居民来往内地通行证
    TW_PERMIT = "tw_permit"  # 台湾居民来往大陆通行证
    PASSPORT = "passport"


SHAPES = {
    Document.HM_PERMIT: re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),  # with the count of renewals in the older print
    Document.TW_PERMIT: re.compile(r"\d{8}|\d{10}[A-Z0-9]", re.ASCII),
    Document.PASSPORT: re.compile(r"(?=.*\d)[A-Z0-9]{5,12}", re.ASCII),
}
OLD_FOREIGN = re.compile(r"[A-Z]{3}\d{4}(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)  # country, place, yymmdd, order


def normal(number: str) -> str:
    """The form a number is kept and compared in: full-width and lower-case letters made plain, no blanks."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def could_exist(document: Document, number: str, *, today: date) -> bool:
    """Whether a document of this kind could carry the number, which is in its normal form."""
    if document in SHAPES:
        return SHAPES[document].fullmatch(number) is not None
    if document is Document.FOREIGN_RESIDENCE:
        return old_foreign_could_exist(number) or (number.startswith("9") and is_citizen_number(number, today=today))
    if not is_citizen_number(number, today=today):
        return False
    of_hmt, of_foreigner = number[:2] in {"81", "82", "83"}, number.startswith("9")
    return of_hmt if document is Document.HMT_RESIDENCE else not of_hmt and not of_foreigner


def is_citizen_number(number: str, *, today: date) -> bool:
    """
    Whether 18 characters could be a number of GB 11643-1999: a real day of birth from 1900 to `today`, and the check
    character. Divisions that were dissolved keep their codes and are not looked up.
    """
    if not EIGHTEEN.fullmatch(number):
        return False
    born = born_on(number)
    return born is not None and date(1900, 1, 1) <= born <= today and number[17] == check_character(number[:17])


def born_on(number: str) -> date | None:
    """The day of birth in a number of 18 characters; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def check_character(digits: str) -> str:
    """The 18th character for the first 17."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def old_foreign_could_exist(number: str) -> bool:
    """The permanent residence card before 2023, 15 characters: country, place, birth as yymmdd, order."""
    parts = OLD_FOREIGN.fullmatch(number)
    if parts is None:
        return False
    year, month, day, _ = (int(part) for part in parts.groups())
    try:
        date(2000 + year, month, day)  # 2000 is a leap year as 1900 is not: what either century had passes
    except ValueError:
        return False
    return True


def credit_check(first: str) -> str:
    """The 18th character of a credit code for its first 17. The outer modulo matters: a sum of 0 gives 0, not 31."""
    weighed = sum(CREDIT_ALPHABET.index(symbol) * weight for symbol, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - weighed % 31) % 31]


def is_credit_code_shaped(code: str) -> bool:
    """18 symbols of the standard's alphabet, with six digits for the division."""
    return len(code) == 18 and all(symbol in CREDIT_ALPHABET for symbol in code) and code[2:8].isdigit()


def is_credit_code(code: str) -> bool:
    """
    Whether the code fits its own check symbol. Codes that do not have been issued for real: whoever is shown a misfit
    may confirm the code from the certificate (`is_credit_code_shaped` still has to hold).
    """
    return is_credit_code_shaped(code) and credit_check(code[:17]) == code[17]


def body_check(body: str) -> str:
    """The 9th character of an organisation body code for its first 8 (GB 11714-1997). Told, never enforced."""
    weighed = sum(int(symbol, 36) * weight for symbol, weight in zip(body, BODY_WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - weighed % 11, str(11 - weighed % 11))


def masked(number: str) -> str:
    """The first three and the last four of a long number, the first and the last two of a short one."""
    if len(number) >= 11:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}"
