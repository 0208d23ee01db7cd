"""The grounds as citizens read them."""

import pytest

from auth.privacy.laws import law
from auth.privacy.lookups import purpose_of
from mobileapi.personal import CONTRIBUTORS


@pytest.mark.parametrize(
    ("ground", "zh", "en"),
    [
        ("PIPL 45", "《个人信息保护法》第 45 条", "Personal Information Protection Law art. 45"),
        (
            "PIPL 13(1)(3), 34; Civil Code 161-164",
            "《个人信息保护法》第 13 条第 1 款第 3 项、第 34 条；《民法典》第 161 至 164 条",
            "Personal Information Protection Law art. 13(1)(3), 34; Civil Code art. 161-164",
        ),
        (
            "Archives Law; State Council Decree 716",
            "《档案法》；国务院令第 716 号",
            "Archives Law; State Council Decree 716",
        ),
    ],
)
def test_a_ground_is_called_by_the_name_of_the_law(ground: str, zh: str, en: str) -> None:
    assert (law(ground).zh, law(ground).en) == (zh, en)


def test_every_ground_of_every_package_has_its_name() -> None:
    for entry in [entry for contributor in CONTRIBUTORS for entry in contributor.kept]:
        said = law(entry.ground)
        assert "条" in said.zh or "》" in said.zh, entry.table
        assert "PIPL" not in said.zh + (said.en or ""), entry.table


def test_what_the_log_notes_by_itself_is_told_in_both_languages_and_typed_words_as_typed() -> None:
    assert purpose_of("case HZ20261121000001").zh == "办理办件 HZ20261121000001"
    assert purpose_of("case HZ20261121000001").en == "Case HZ20261121000001"
    assert purpose_of("verification").in_language("zh") == "核验身份"
    assert purpose_of("核对户口").in_language("en") == "核对户口"
