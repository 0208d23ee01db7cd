"""What a staff password must be, as a table."""

import pytest

from auth.credentials.config import CredentialSettings
from auth.credentials.policy import Rule, broken_rules, classes_in, policy_of

POLICY = policy_of(CredentialSettings(_env_file=None))


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Haizhu-window-7", []),
        ("Hz-win-7x", ["too_short"]),
        ("Hz-win-7xy", []),
        ("alllowercaseletters", ["too_plain"]),
        ("correct horse battery staple", []),  # a passphrase may be plain
        ("海珠区政务服务中心三楼东侧第七号窗口今日开放", []),
        ("海珠窗口 Seven 号办事大厅", []),
        ("Ключ-от-дома-1", []),
        ("ga.chen-Window-7", ["like_user_name"]),
        ("NEHC.AG-Window-7", ["like_user_name"]),
        ("P@ssw0rd2026!", ["too_common"]),
        ("Admin@123456", ["too_common"]),
        ("Qwertyuiop1!", ["too_common"]),
        ("Aa1!Aa1!Aa1!", ["too_common"]),  # four different characters
        ("Ab1!xyzq" * 16, []),
        ("Ab1!xyzq" * 16 + "x", ["too_long"]),
        ("short", ["too_short", "too_plain"]),
        ("\uff21\uff42-window-7", []),  # full width letters are the letters
    ],
)
def test_a_password_breaks_exactly_these_rules(password: str, broken: list[Rule]) -> None:
    assert broken_rules(password, username="ga.chen", policy=POLICY) == broken


def test_letters_without_case_are_a_class_of_their_own() -> None:
    assert classes_in("aA1汉") == 4
    assert classes_in("汉字！ ") == 1


def test_one_password_is_one_whatever_form_it_is_typed_in() -> None:
    composed, decomposed = "Cafe\u0301-Fenster-7", "Caf\u00e9-Fenster-7"
    rules = [broken_rules(p, username="x", policy=POLICY) for p in (composed, decomposed)]
    assert rules[0] == rules[1] == []
