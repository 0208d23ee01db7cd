"""What is hidden in a text and what is left alone. Numbers of the standards' own examples, and made ones."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.documents import check_character, is_citizen_number
from chat.words import all_words, is_bank_card, judge, luhn, masked, squeezed

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("我的身份证11010519491231002X，谢谢", "我的身份证110***********002X，谢谢", "id_number"),
        ("440308199901101512", "440***********1512", "id_number"),
        ("330102199003071230号", "330***********1230号", "id_number"),
        ("11010519491231002x", "110***********002x", "id_number"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１０***********００２Ｘ", "id_number"),
        ("110105 19491231 002X", "110*** ******** 002X", "id_number"),
        ("110105-19491231-002X", "110***-********-002X", "id_number"),
        ("ID:11010519491231002X.", "ID:110***********002X.", "id_number"),
        ("11010\u200b519491231002X", "110**\u200b*********002X", "id_number"),
        ("卡号4111111111111111", "卡号************1111", "bank_card"),
        ("4111 1111 1111 1111", "**** **** **** 1111", "bank_card"),
        ("6222021234567890128", "***************0128", "bank_card"),
        ("６２２２０２１２３４５６７８９０１２８", "***************０１２８", "bank_card"),
        ("打13800138000找我", "打138****8000找我", "phone"),
        ("+86 138-0013-8000", "+86 138-****-8000", "phone"),
        ("8613800138000", "86138****8000", "phone"),
        ("１３８００１３８０００", "１３８****８０００", "phone"),
        ("①③⑧00138000", "①③⑧****8000", "phone"),
        ("密码是abc123!", "密码是*******", "password"),
        ("验证码：884213", "验证码：******", "password"),
        ("my password is hunter2", "my password is *******", "password"),
    ],
)
def test_what_identifies_a_person_is_hidden_from_everybody(text: str, shown: str, kind: str) -> None:
    verdict = judge(text, side="citizen")
    assert (verdict.shown, verdict.kinds) == (shown, frozenset({kind}))


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # check character wrong
        "11010120000230001X",  # 30 February
        "31010519491231002X",  # check character wrong
        "91110000101623741K",  # a credit code
        "办件编号 HZ20261121000127K",
        "缴款码 44010526110000000013",  # twenty digits
        "订单 4200001234202611210123456789",
        "事项 000109101001",
        "金额 12,345.67 元，共 1,200,000 元",
        "2026-11-21 13:05，2026年11月21日 13:05:09",
        "咨询电话 020-00002411，投诉 12345",
        "15 000 000 000",
        "0123456789012345",
        "2026112109114412",  # a time of sixteen digits
        "我的密码忘了怎么办",
        "请问身份证丢了怎么补办？",
    ],
)
def test_numbers_of_the_office_are_left_alone(text: str) -> None:
    verdict = judge(text, side="citizen")
    assert (verdict.shown, verdict.kept, verdict.kinds) == (text, text, frozenset())


def test_of_two_phones_in_a_row_each_is_hidden() -> None:
    assert judge("13800138000 13900139000", side="citizen").shown == "138****8000 139****9000"


def test_a_password_is_not_kept_at_all_and_everything_else_is() -> None:
    verdict = judge("卡4111111111111111密码是hunter2", side="citizen")
    assert verdict.kept == "卡4111111111111111密码是*******"
    assert verdict.kinds == {"bank_card", "password"}


def test_a_clerk_gives_an_office_phone_in_the_clear_and_no_id_number() -> None:
    verdict = judge("请打13800138000，带11010519491231002X的原件", side="clerk")
    assert (verdict.shown, verdict.kinds) == ("请打13800138000，带110***********002X的原件", frozenset({"id_number"}))
    assert judge("回电13800138000", side="note").shown == "回电138****8000"
    assert masked("因13800138000停机") == "因138****8000停机"


WORDS = all_words([("傻逼", False), ("他妈", False), ("sb", False), ("加我微信", True)], ["他妈妈"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("你这个傻逼", "你这个**"),
        ("傻 逼", "* *"),
        ("傻*逼", "***"),
        ("傻—·逼", "*—·*"),
        ("傻\u200b逼", "*\u200b*"),
        ("ＳＢ", "**"),
        ("S b!", "* *!"),
        ("他妈的", "**的"),
        ("他妈妈他妈", "他妈妈**"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, shown: str) -> None:
    verdict = judge(text, side="citizen", words=WORDS)
    assert (verdict.shown, verdict.kinds, verdict.kept) == (shown, frozenset({"abusive"}), text)


@pytest.mark.parametrize("text", ["他妈妈的户口", "他 妈妈", "usb 接口", "this big", "as best", "傻，逼我办", "傻\n逼"])
def test_a_harmless_compound_is_no_such_word(text: str) -> None:
    assert judge(text, side="citizen", words=WORDS).kinds == frozenset()


def test_a_clerks_words_stay_and_are_named_by_how_bad_they_are() -> None:
    assert judge("你这个傻逼", side="clerk", words=WORDS).kinds == {"forbidden"}
    verdict = judge("加 我 微 信，傻逼", side="clerk", words=WORDS)
    assert (verdict.shown, verdict.kinds, verdict.times) == (
        "加 我 微 信，傻逼",
        frozenset({"refused", "forbidden"}),
        2,
    )


def id_numbers() -> st.SearchStrategy[str]:
    born = st.dates(date(1900, 1, 1), TODAY)
    made = st.builds(
        lambda region, day, order: f"{region}{day:%Y%m%d}{order:03}", st.integers(110000, 659999), born,
        st.integers(0, 999),
    )  # fmt: skip
    return made.map(lambda first: first + check_character(first))


def cards() -> st.SearchStrategy[str]:
    first = st.builds(
        lambda head, rest: head + rest,
        st.sampled_from(["62", "4", "52", "35"]),
        st.text("0123456789", min_size=14, max_size=16),
    )
    return first.map(lambda digits: next(digits[:18] + last for last in "0123456789" if luhn(digits[:18] + last)))


def written(number: str, joint: str, group: int, *, wide: bool) -> str:
    parts = [number[at : at + group] for at in range(0, len(number), group)]
    text = joint.join(parts)
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}) if wide else text


OTHER = st.text(st.characters(codec="utf-8", exclude_categories=("Nd", "No", "Cs")), max_size=20)
WRITTEN = st.tuples(st.sampled_from(["", " ", "-", "  "]), st.integers(4, 8), st.booleans())


def plain(text: str) -> str:
    return squeezed(text).upper()


@given(before=OTHER, number=st.one_of(id_numbers(), cards()), how=WRITTEN, after=OTHER)
def test_no_number_of_a_person_is_left_in_what_is_shown(
    before: str, number: str, how: tuple[str, int, bool], after: str
) -> None:
    text = f"{before}，{written(number, how[0], how[1], wide=how[2])}，{after}"
    verdict = judge(text, side="citizen")
    assert number not in plain(verdict.shown)
    assert verdict.kinds & {"id_number", "bank_card"}
    assert len(verdict.shown) == len(text), "only characters are replaced, none comes or goes"


@given(st.text(st.sampled_from("0123456789Xx -*，１２３密码是傻逼他妈sb"), max_size=60))
def test_what_is_shown_shows_nothing_more_to_another_look(text: str) -> None:
    once = judge(text, side="citizen", words=WORDS)
    again = judge(once.shown, side="citizen", words=WORDS)
    assert (again.shown, again.kinds) == (once.shown, frozenset())


@given(st.text("0123456789", min_size=20, max_size=40), st.integers(0, 10**9))
def test_longer_numbers_and_amounts_are_not_touched(long: str, amount: int) -> None:
    text = f"编号{long}，金额{amount / 100:.2f}元"
    assert judge(text, side="citizen").shown == text


@given(st.one_of(id_numbers(), cards()))
def test_the_vectors_made_here_are_real(number: str) -> None:
    assert is_citizen_number(number, today=TODAY) or is_bank_card(number)


def test_a_look_costs_next_to_nothing() -> None:
    """Printed, not judged: microseconds a text, by a list of three hundred words."""
    words = all_words([(f"坏词{n}", False) for n in range(300)], ["坏词典"])
    told = {}
    for name, text in (
        ("plain", "请问身份证丢了怎么补办，需要带什么材料？"),
        ("with a phone", "我的电话是13800138000"),
        ("4,000 characters", "请问" * 2000),
    ):
        times, began = (2000, time.perf_counter()) if len(text) < 100 else (20, time.perf_counter())
        for _ in range(times):
            judge(text, side="citizen", words=words)
        told[name] = round((time.perf_counter() - began) / times * 1e6, 1)
    print("a look at a text, µs:", told)
    assert set(told) == {"plain", "with a phone", "4,000 characters"}
