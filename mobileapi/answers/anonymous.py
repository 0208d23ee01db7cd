"""
Taking people out of a text before others may read it: numbers, names, addresses. Pure.

What the office publishes of itself (its telephones, the places of a guide) is passed in as `public` and stays. The
person who wrote the text is shown what was removed, and another person reads it again: a rule finds what has a shape,
not everything that can be recognised.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from kit.texts import Text, text

_DIGIT = r"[0-9０-９]"
_EDGE = r"(?<![0-9０-９A-Za-z])"
_END = r"(?![0-9０-９A-Za-z])"
_GAP = r"[\s\-－—]?"
_BEGINS = _EDGE + r"(?<![0-9０-９][\s\-－—])"
_ENDS = rf"(?!{_GAP}[0-9０-９A-Za-z])"  # of what is a part of a longer number, written in groups

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔"
    "康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧阳"
)
_TITLE = "先生|女士|小姐|同志|老师|师傅|阿姨|大爷|奶奶|爷爷|叔叔"


@dataclass(frozen=True)
class Kind:
    """One kind of thing that tells who somebody is; `stands` takes its place."""

    code: str
    name: Text
    pattern: re.Pattern[str]
    stands: str


def _kind(code: str, name: Text, pattern: str, stands: str) -> Kind:
    return Kind(code, name, re.compile(pattern), stands)


# The longer shapes first: an ID number holds what looks like a telephone.
NUMBERS = (
    _kind(
        "email", text("邮箱", "E-mail address"),
        r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", "〔邮箱〕",
    ),
    _kind(
        "id_number", text("身份证号", "ID number"),
        _BEGINS + rf"(?:{_DIGIT}{_GAP}){{17}}[0-9０-９Xxｘ]" + _ENDS, "〔身份证号〕",
    ),
    _kind(
        "card", text("银行卡号", "Card number"),
        _BEGINS + rf"(?:{_DIGIT}{_GAP}){{15,18}}{_DIGIT}" + _ENDS, "〔银行卡号〕",
    ),
    _kind(
        "mobile", text("手机号", "Mobile number"),
        _EDGE + rf"(?:(?:\+|00)?86{_GAP})?[1１][3-9３-９]{_DIGIT}{_GAP}{_DIGIT}{{4}}{_GAP}{_DIGIT}{{4}}" + _END,
        "〔手机号〕",
    ),
    _kind(
        "phone", text("电话", "Telephone"),
        _EDGE + rf"[（(]?0{_DIGIT}{{2,3}}[)）]?{_GAP}[2-8２-８]{_DIGIT}{{2,3}}{_GAP}{_DIGIT}{{4}}" + _END, "〔电话〕",
    ),
    _kind(
        "passport", text("证件号", "Document number"),
        _EDGE + r"(?:[A-Z]{1,2}\d{7,9}|[HMC]\d{8,10})" + _END, "〔证件号〕",
    ),
    _kind("case_number", text("编号", "Number of a case"), _EDGE + r"[A-Z]{2,4}\d{10,}" + _END, "〔编号〕"),
    _kind("digits", text("长数字", "Long number"), _EDGE + rf"(?:{_DIGIT}{_GAP}){{7,}}{_DIGIT}" + _END, "〔数字〕"),
)  # fmt: skip
_CALLED = r"(?:(?![我你他她住在到去请于是从往家的了])[\u4e00-\u9fff]){1,12}"  # a street, not the verb before it
_STREET, _HOUSES = r"(?:路|街|巷|弄|大道|村|小区|花园|新村|公寓)", "0-9０-９一二三四五六七八九十"
PEOPLE = (
    _kind(
        "plate", text("车牌", "Number plate"), r"[\u4e00-\u9fff][A-Z][·\s]?[A-Z0-9]{5,6}(?![A-Z0-9])", "〔车牌〕"
    ),
    _kind(
        "account", text("账号", "Account"),
        r"(?i:微信号?|QQ号?|wechat)\s*[:：是为]?\s*[A-Za-z0-9_-]{5,20}", "〔账号〕",
    ),
    _kind(
        "address", text("住址", "Address"),
        rf"(?:{_CALLED}{_STREET}\s*)?(?:[{_HOUSES}]{{1,5}}(?:号|弄|巷)\s*)?"
        rf"(?:[{_HOUSES}A-Za-z]{{1,4}}(?:栋|幢|座|号楼|单元|梯)\s*)+(?:[0-9０-９]{{1,5}}(?:室|房|号)?)?"
        rf"|{_CALLED}{_STREET}\s*[{_HOUSES}]{{1,5}}(?:号|弄)(?:[0-9０-９]{{1,5}}(?:室|房))?", "〔住址〕",
    ),
    _kind(
        "called", text("称呼", "Name"),
        rf"(?:欧阳|司徒|上官|诸葛|[{SURNAMES}])[\u4e00-\u9fff]{{0,2}}?(?=(?:{_TITLE}))", "〔姓名〕",
    ),
    _kind(
        "called", text("姓名", "Name"),
        rf"(?:(?<=我叫)|(?<=姓名[是为：:])|(?<=名字[是叫]))[{SURNAMES}][\u4e00-\u9fff]{{1,2}}"
        rf"|(?<=本人)[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[，,、。（(])", "〔姓名〕",
    ),
)  # fmt: skip
NAME = Kind("name", text("姓名", "Name"), re.compile(r"(?!)"), "〔姓名〕")


@dataclass(frozen=True)
class Removed:
    """One thing that was taken out: of what kind, and how it read."""

    kind: str
    name: Text
    was: str


def anonymised(said: str, *, names: Iterable[str] = (), public: Collection[str] = ()) -> tuple[str, list[Removed]]:
    """
    The text without what tells who somebody is, and what was removed. `names`: people known to be in it; `public`:
    numbers and places the office itself publishes.
    """
    removed: list[Removed] = []
    known = sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True)
    for name in known:
        exactly = replace(NAME, pattern=re.compile(re.escape(name)))
        said = _replaced(said, exactly, removed=removed, spared=lambda _: False)
    spared = [_plain(one) for one in public]
    for kind in (*NUMBERS, *PEOPLE):
        said = _replaced(said, kind, removed=removed, spared=lambda was: any(_plain(was) in one for one in spared))
    return said, removed


def without_numbers(said: str) -> str:
    """The text with the numbers of documents, telephones and cards masked; for words that staff read."""
    for kind in NUMBERS:
        said = kind.pattern.sub(kind.stands, said)
    return said


def _replaced(said: str, kind: Kind, *, removed: list[Removed], spared: Callable[[str], bool]) -> str:
    def stand(found: re.Match[str]) -> str:
        was = found.group()
        if spared(was):
            return was
        removed.append(Removed(kind.code, kind.name, was))
        return kind.stands

    return kind.pattern.sub(stand, said)


def _plain(said: str) -> str:
    """Without what people write between the figures."""
    return re.sub(r"[\s\-－—()（）]", "", said)
