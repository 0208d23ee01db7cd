"""What is taken out of a text before others read it, and what the office says of itself and stays."""

import pytest

from mobileapi.answers.anonymous import anonymised, without_numbers

TABLE = [
    ("我的证号是440105199001011230", "我的证号是〔身份证号〕", ["id_number"]),
    ("11010519491231002X 能办吗", "〔身份证号〕 能办吗", ["id_number"]),
    ("440105 19900101 1230", "〔身份证号〕", ["id_number"]),
    ("４４０１０５１９９００１０１１２３０", "〔身份证号〕", ["id_number"]),
    ("卡号6222 0212 3456 7890 123", "卡号〔银行卡号〕", ["card"]),
    ("手机13800138000", "手机〔手机号〕", ["mobile"]),
    ("电话+86 138 0013 8000。", "电话〔手机号〕。", ["mobile"]),
    ("座机020-83001234", "座机〔电话〕", ["phone"]),
    ("座机（020）8300 1234", "座机〔电话〕", ["phone"]),
    ("发到 zhang.wei@example.com 吧", "发到 〔邮箱〕 吧", ["email"]),
    ("护照E12345678", "护照〔证件号〕", ["passport"]),
    ("办件HZ202611210001", "办件〔编号〕", ["case_number"]),
    ("缴款码 4401 0000 1234 5678 9012", "缴款码 〔数字〕", ["digits"]),
    ("车牌粤A12345罚款", "车牌〔车牌〕罚款", ["plate"]),
    ("加我微信abc_12345", "加我〔账号〕", ["account"]),
    ("我住江南大道12号3栋502室", "我住〔住址〕", ["address"]),
    ("张先生您好", "〔姓名〕先生您好", ["called"]),
    ("欧阳女士请稍等", "〔姓名〕女士请稍等", ["called"]),
    ("我叫李小明，想问", "我叫〔姓名〕，想问", ["called"]),
]
KEPT = [
    "需要带身份证原件和户口簿复印件1份，15个工作日办结。",
    "2026年11月21日起执行，费用20元，可在3号窗口办理。",
    "请在周一至周五 09:00-12:00 到大厅。",
    "依据《居民身份证法》第十一条。",
    "黄牛都是骗人的，高龄津贴不收费。",
]


@pytest.mark.parametrize(("said", "clean", "kinds"), TABLE)
def test_what_tells_who_somebody_is_goes(said: str, clean: str, kinds: list[str]) -> None:
    found, removed = anonymised(said)
    assert [one.kind for one in removed] == kinds
    assert found == clean


@pytest.mark.parametrize("said", KEPT)
def test_what_an_answer_needs_stays(said: str) -> None:
    assert anonymised(said) == (said, [])


def test_known_people_go_by_their_names_and_who_wrote_is_told() -> None:
    said, removed = anonymised("王小二的材料陈立群已看过，请王小二补相片", names=["王小二", "陈立群", "", "王"])
    assert said == "〔姓名〕的材料〔姓名〕已看过，请〔姓名〕补相片"
    assert sorted(one.was for one in removed) == ["王小二", "王小二", "陈立群"]


def test_what_the_office_publishes_of_itself_stays() -> None:
    public = ["020-00001111", "新港中路397号", "12345"]
    said = "请到新港中路397号，咨询020-00001111，投诉12345；不要打02088887777"
    clean, removed = anonymised(said, public=public)
    assert clean == "请到新港中路397号，咨询020-00001111，投诉12345；不要打〔电话〕"
    assert [one.was for one in removed] == ["02088887777"]


def test_looking_twice_finds_nothing_more() -> None:
    for said, clean, _ in TABLE:
        assert anonymised(anonymised(said)[0]) == (clean, [])


def test_in_words_for_staff_numbers_are_masked_and_names_stay() -> None:
    assert without_numbers("张先生13800138000说慢") == "张先生〔手机号〕说慢"
