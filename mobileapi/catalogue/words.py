"""
Words: how Chinese text becomes search terms. Pure.

jieba cuts words; pairs of neighbouring characters are kept beside them, so that a two-character word is found however
the text around it was cut. Initials and full pinyin let people type letters.
"""

import logging
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import jieba
from pypinyin import Style, lazy_pinyin

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+|[a-z0-9]+")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
EMPTY = frozenset("的了吗呢啊吧我您你和与及或在是有要想请把被给去来个能可不没怎么什哪需") | {"可以"}

# What people wrap their question in. It says nothing about the item, so it is taken off a query, longest first.
_WRAPPING = re.compile(
    r"请问|我想要?|我要|帮我|怎么办理|怎么办|怎么弄|怎么样|怎么|怎样|如何|咋办|咋|在哪里|在哪儿|在哪|哪里|哪儿"
    r"|需要准备|需要带|需要|要带|带什么|什么材料|哪些材料|什么手续|哪些手续|什么证件|办理流程|流程|手续费?|多少钱|多久|几天"
    r"|可以吗|行吗|有什么|有哪些|什么|哪些|办理|申请|的|了|吗|呢|啊|吧|\?|？"
)


def normal(text: str) -> str:
    """Full-width letters narrow, capitals small, runs of space one."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()


def essence(query: str) -> str:
    """The query without its wrapping: 营业执照怎么办 → 营业执照. When nothing is left, the query itself."""
    bare = normal(query)
    left = re.sub(r"\s+", " ", _WRAPPING.sub(" ", bare)).strip()
    return left if len(left.replace(" ", "")) >= 2 else bare


def warm_up(cache: Path) -> None:
    """Loads the dictionary (about a second); its cache stays in our own folder, not in a shared one."""
    cutter = _cutter()
    if not cutter.initialized:
        cache.mkdir(parents=True, exist_ok=True)
        cutter.tmp_dir = str(cache)
        cutter.initialize()


@lru_cache(maxsize=1)
def _cutter() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def teach(words: Iterable[str]) -> None:
    """Makes the words known to the cutter, so that it does not take them apart."""
    for word in words:
        if len(word) > 1:
            _cutter().add_word(normal(word))


def words_of(text: str) -> list[str]:
    """All words of a text, long ones and the ones inside them, in order."""
    return [w for w in (c.strip() for c in _cutter().cut_for_search(normal(text))) if _means_something(w)]


def terms_of(query: str) -> list[str]:
    """The words of a query, each once, at most a dozen. A single character only counts when there is nothing longer."""
    cut = (c.strip() for c in _cutter().cut(essence(query)))
    meant = [w for w in cut if _means_something(w)]
    return list(dict.fromkeys([w for w in meant if len(w) > 1] or meant))[:12]


def _means_something(word: str) -> bool:
    return bool(_RUN.fullmatch(word)) and word not in EMPTY


def pairs_of(text: str) -> list[str]:
    """Neighbouring Chinese characters, two by two."""
    runs = (run for run in _RUN.findall(normal(text)) if _CHINESE.match(run))
    return [run[n : n + 2] for run in runs for n in range(len(run) - 1)]


def letters_of(text: str) -> list[str]:
    """Pinyin and its initials, of each word and of the whole: 身份证 → shenfenzheng, sfz."""
    found: list[str] = []
    for word in [*words_of(text), "".join(_CHINESE.findall(text))]:
        if len(word) > 1 and _CHINESE.match(word):
            found.append("".join(lazy_pinyin(word)))
            found.append("".join(lazy_pinyin(word, style=Style.FIRST_LETTER)))
    return [letters for letters in dict.fromkeys(found) if letters.isascii() and letters.isalnum()]
