"""
What a staff password must be (GB/T 22239-2019 level 3: unique, complex, changed). Pure decisions; the sentences are
what people read. Long passphrases and every letter of Unicode are welcome: nothing is cut, nothing forbidden.
"""

import re
from dataclasses import dataclass
from typing import Literal

from auth.credentials.config import CredentialSettings
from auth.credentials.hashing import normal
from auth.credentials.weak import WEAK_WORDS
from kit.errors import FieldError
from kit.texts import Text, text

LONGEST = 128
LEET = str.maketrans("@4301!$5", "aaeoiiss")
Rule = Literal["too_short", "too_long", "too_plain", "like_user_name", "too_common", "used_before"]


@dataclass(frozen=True)
class Policy:
    """The rules in numbers, as the settings have them."""

    min_length: int
    classes: int
    passphrase_length: int
    history: int
    days: int
    max_length: int = LONGEST


def policy_of(settings: CredentialSettings) -> Policy:
    return Policy(
        settings.staff_password_length, settings.staff_password_classes, settings.staff_passphrase_length,
        settings.staff_password_history, settings.staff_password_days,
    )  # fmt: skip


def broken_rules(password: str, *, username: str, policy: Policy) -> list[Rule]:
    """Every rule the password breaks by itself; whether it was used before only the hashes tell."""
    plain = normal(password)
    broken: list[Rule] = []
    if len(plain) < policy.min_length:
        broken.append("too_short")
    if len(plain) > policy.max_length:
        broken.append("too_long")
    if len(plain) < policy.passphrase_length and classes_in(plain) < policy.classes:
        broken.append("too_plain")
    if _like(plain, username):
        broken.append("like_user_name")
    if _common(plain):
        broken.append("too_common")
    return broken


def classes_in(password: str) -> int:
    """How many of: lower case, upper case, digits, anything else (signs, spaces, letters without case such as 汉字)."""
    return len({_class(letter) for letter in password})


def _class(letter: str) -> str:
    if letter.isdecimal():
        return "digit"
    if letter.islower():
        return "lower"
    return "upper" if letter.isupper() else "other"


def _like(password: str, username: str) -> bool:
    folded, name = password.casefold(), normal(username).casefold()
    return len(name) > 2 and (name in folded or name[::-1] in folded)


def _common(password: str) -> bool:
    """A known word with digits and signs around it or in it (P@ssw0rd2026!), or hardly any different characters."""
    folded = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded).translate(LEET)
    words = {"".join(c for c in form if c.isalpha()) for form in (folded, core)}
    return bool(words & WEAK_WORDS) or len(set(folded)) < 5


def said(rule: Rule, policy: Policy) -> Text:
    """The rule in a sentence."""
    return {
        "too_short": text(f"至少 {policy.min_length} 个字符", f"At least {policy.min_length} characters"),
        "too_long": text(f"最多 {policy.max_length} 个字符", f"At most {policy.max_length} characters"),
        "too_plain": text(
            f"小写字母、大写字母、数字、其他字符中至少 {policy.classes} 种；"
            f"{policy.passphrase_length} 个字符以上的长口令不限",
            f"{policy.classes} of: lower case, upper case, digits, other characters; a passphrase of "
            f"{policy.passphrase_length} characters may be plain",
        ),
        "like_user_name": text("不能包含用户名", "Does not contain the user name"),
        "too_common": text("不能是常见、容易被猜到的密码", "Not one of the passwords everybody guesses first"),
        "used_before": text(f"不能与最近 {policy.history} 次用过的密码相同", f"Not one of your last {policy.history}"),
    }[rule]


def faults(rules: list[Rule], policy: Policy) -> list[FieldError]:
    return [FieldError(field="new", code=rule, detail=said(rule, policy)) for rule in rules]
