"""
What is said in a consultation, looked at before it is kept: numbers that identify people are hidden, words nobody
should have to read are noticed. Pure: a text and a list of words in, a verdict out.

Hidden are resident IDs (GB 11643-1999, by their check character and day of birth), bank cards (ISO/IEC 7812, by Luhn)
and mobile phones, also in full-width digits or with blanks and hyphens between; and what follows "the password is".
Numbers within longer numbers are left alone: a payment code or an order's number is nobody's card.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from auth.documents import is_citizen_number
from kit import clock

Side = Literal["citizen", "clerk", "note", "house"]
Span = tuple[int, int]

ID_NUMBER, BANK_CARD, PHONE, PASSWORD = "id_number", "bank_card", "phone", "password"
ABUSIVE, FORBIDDEN, REFUSED, VARIABLE = "abusive", "forbidden", "refused", "variable"
# What stands in a quick reply until a conversation gives it a value; in either language.
VARIABLES = {
    "姓名": "name", "受理编号": "case_number", "事项": "item", "办结日期": "due_date",
    "name": "name", "case number": "case_number", "item": "item", "due date": "due_date",
}  # fmt: skip
_RAW = re.compile(r"\{\s*(?:" + "|".join(VARIABLES) + r")\s*\}")

# What is looked for in whose words. A clerk gives the telephone of an office in the clear; a note is about a person.
NUMBERS: dict[Side, frozenset[str]] = {
    "citizen": frozenset({ID_NUMBER, BANK_CARD, PHONE, PASSWORD}),
    "clerk": frozenset({ID_NUMBER, BANK_CARD}),
    "note": frozenset({ID_NUMBER, BANK_CARD, PHONE}),
    "house": frozenset({ID_NUMBER, BANK_CARD, PHONE}),
}

# One character to one: full-width forms, and the decimal digits of every script.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DIGITS = {
    code: ord("0") + unicodedata.decimal(chr(code))
    for code in range(0x660, min(sys.maxunicode, 0x1FBFA))
    if unicodedata.category(chr(code)) == "Nd"
}
_RINGED = {0x2460 + n: ord("1") + n for n in range(9)} | {0x2776 + n: ord("1") + n for n in range(9)}
PLAIN = _WIDE | _DIGITS | _RINGED
_DIGIT = re.compile(r"[\d①-⑨❶-❾]")

_BETWEEN = r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-‐-―−_·・./]"
_LONG = re.compile(rf"[0-9](?:{_BETWEEN}{{0,3}}[0-9]){{10}}")
_RUN = re.compile(r"[0-9]+(?:[xX](?![0-9A-Za-z]))?")
_JOINT = re.compile(rf"{_BETWEEN}{{1,3}}")
_CARD_JOINT = re.compile(r"[\s\-‐-―−\u200b-\u200f\u2060\ufeff\u00ad]{1,3}")
_PHONE = re.compile(r"(?:(?:00)?86)?(1[3-9][0-9]{9})")
_PHONE_PARTS = {(11,), (3, 4, 4), (3, 8), (4, 4, 3), (7, 4)}
_LONGEST = 21  # digits in a chain: a card has 19, a phone with 0086 has 15
_TOLD = re.compile(
    r"(?:密码|口令|验证码|动态码|安全码|cvv2?|password|passwd|pin)\s*(?:是|为|:|=|is\b)\s*([!-)+-~]{3,32})",
    re.IGNORECASE,
)
_MAYBE_TOLD = re.compile(r"[码令CcPpＣｃＰｐ]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    `shown`: the text as everybody reads it. `kinds`: what was found in it. `times`: how many of the words.
    `kept`: what may be sealed beside it; passwords are in neither. Nothing found: both are the text itself.
    """

    shown: str
    kept: str
    kinds: frozenset[str] = frozenset()
    times: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A forbidden word; `strict`: not sent even when the clerk confirms it."""

    text: str
    strict: bool = False


# Between the characters of a word these count for nothing. A comma or a full stop ends a word, and so does a line.
_NOTHING = " \t\u3000\u00a0-_.*~·・|/\\+=^#@&'\"`<>()[]{}…—–\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_SQUEEZED: dict[int, int | None] = PLAIN | {ord(c): None for c in _NOTHING}
_SQUEEZED |= {wide: None for wide, plain in _WIDE.items() if chr(plain) in _NOTHING}


def squeezed(text: str) -> str:
    """As words are compared: plain width, small letters, nothing in between."""
    return text.translate(_SQUEEZED).lower()


@dataclass(frozen=True)
class WordList:
    """Words to be found in a text, and harmless compounds they may be a part of (他妈 in 他妈妈)."""

    words: tuple[Word, ...] = ()
    harmless: tuple[str, ...] = ()
    _any: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _firsts: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _from: dict[str, list[tuple[str, Word]]] = field(init=False, repr=False, compare=False)
    _safe: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        plain = {squeezed(word.text): word for word in self.words}
        plain.pop("", None)
        known = sorted(plain, key=len, reverse=True)
        starts: dict[str, list[tuple[str, Word]]] = {}
        for one in known:
            starts.setdefault(one[0], []).append((one, plain[one]))
        object.__setattr__(self, "_any", re.compile("|".join(map(re.escape, known))) if known else None)
        begin = "".join({c for one in starts for c in _ways_of(one)})
        object.__setattr__(self, "_firsts", re.compile(f"[{re.escape(begin)}]" if begin else r"(?!)"))
        object.__setattr__(self, "_from", starts)
        object.__setattr__(self, "_safe", tuple(filter(None, map(squeezed, self.harmless))))

    def found(self, text: str) -> list[tuple[Span, Word]]:
        """Where its words stand in the text, from left to right, none within another."""
        if self._any is None or self._firsts.search(text) is None or self._any.search(squeezed(text)) is None:
            return []
        places = [(at, c) for at, one in enumerate(text) for c in squeezed(one)]
        plain, found, at = "".join(c for _, c in places), list[tuple[Span, Word]](), 0
        while (hit := self._any.search(plain, at)) is not None:
            at = hit.start() + 1
            for word, told in self._from[plain[hit.start()]]:
                end = hit.start() + len(word)
                first, last = places[hit.start()][0], places[min(end, len(places)) - 1][0]
                around = _ends(text, first, last)
                if plain.startswith(word, hit.start()) and self._stands(plain, hit.start(), word, around=around):
                    found.append(((first, last + 1), told))
                    at = end
                    break
        return found

    def _stands(self, plain: str, start: int, word: str, *, around: str) -> bool:
        """Not a part of a longer word in Latin letters, nor of a harmless compound."""
        if (_latin(word[0]) and _latin(around[0])) or (_latin(word[-1]) and _latin(around[1])):
            return False
        for compound in self._safe:
            offset = compound.find(word)
            while offset >= 0:
                if start >= offset and plain.startswith(compound, start - offset):
                    return False
                offset = compound.find(word, offset + 1)
        return True


def _ways_of(character: str) -> str:
    """The ways a first character may be written."""
    ways = character + character.upper()
    return ways + "".join(chr(ord(c) + 0xFEE0) for c in ways if 0x21 <= ord(c) <= 0x7E)


def _ends(text: str, first: int, last: int) -> str:
    """The characters right before and right after a place; blanks at the ends."""
    return (text[first - 1] if first else " ") + (text[last + 1] if last + 1 < len(text) else " ")


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


NO_WORDS = WordList()


def judge(text: str, *, side: Side, words: WordList = NO_WORDS) -> Verdict:
    """What is found in the words of that side. What is shown is masked so often that another look finds nothing."""
    wanted = NUMBERS[side]
    kept, told = _without_passwords(text) if PASSWORD in wanted else (text, False)
    shown, kinds, times = kept, {PASSWORD} if told else set[str](), 0
    if side != "citizen":  # their words stay where they are: whoever writes is asked
        named = words.found(text)
        times, kinds = len(named), kinds | {REFUSED if word.strict else FORBIDDEN for _, word in named}
        kinds |= {VARIABLE} if side == "clerk" and "{" in text and _RAW.search(text) else set()
    while True:
        numbers = list(_numbers(shown, wanted)) if _DIGIT.search(shown) else []
        named = words.found(shown) if side == "citizen" else []
        if not numbers and not named:
            return Verdict(shown, kept, frozenset(kinds), times)
        times, kinds = times + len(named), kinds | {kind for _, kind in numbers} | ({ABUSIVE} if named else set())
        spans = [(span, _left_open(kind)) for span, kind in numbers]
        before, shown = shown, _starred(shown, spans + [(span, (0, 0)) for span, _ in named])
        assert shown != before, "something of every span is a letter or a digit"


def masked(text: str) -> str:
    """The text of a reason, a comment or a notice with its numbers hidden; of these nothing else is kept."""
    return judge(text, side="house").shown


def _without_passwords(text: str) -> tuple[str, bool]:
    """What was told as a password is taken out before anything is kept, character by character."""
    if _MAYBE_TOLD.search(text) is None:
        return text, False
    plain = text.translate(_WIDE)
    told, characters = [found.span(1) for found in _TOLD.finditer(plain)], list(text)
    for start, end in told:
        characters[start:end] = "*" * (end - start)
    return "".join(characters), bool(told)


def _left_open(kind: str) -> tuple[int, int]:
    """How many digits stay at the beginning and at the end: enough for its owner to know which one was meant."""
    return (0, 4) if kind == BANK_CARD else (3, 4)


def _starred(text: str, spans: list[tuple[Span, tuple[int, int]]]) -> str:
    """Letters and digits of the spans become stars, but for those left open; what stands between them stays."""
    characters = list(text)
    for (start, end), (head, tail) in spans:
        places = [at for at in range(start, end) if text[at].isalnum()]
        for at in places[head : len(places) - tail]:
            characters[at] = "*"
    return "".join(characters)


def _numbers(text: str, wanted: frozenset[str]) -> Iterator[tuple[Span, str]]:
    """Numbers that stand by themselves, or in groups; of what begins at a place the longest."""
    plain = text.translate(PLAIN)
    if _LONG.search(plain) is None:
        return
    runs = [(m.start(), m.end()) for m in _RUN.finditer(plain)]
    at = 0
    while at < len(runs):
        chains = list(_chains(plain, runs, at))
        for last, parts, joint in reversed(chains):
            kind = _kind(parts, cards_may=joint, wanted=wanted)
            if kind is not None:
                end = runs[last][1]
                yield (_eleven_before(plain, end) if kind == PHONE else runs[at][0], end), kind
                at = last
                break
        at += 1


def _eleven_before(plain: str, end: int) -> int:
    """Where the last eleven digits begin: a country's code in front of a phone is nobody's secret."""
    return [at for at in range(end) if plain[at].isdigit()][-11]


def _chains(plain: str, runs: list[Span], first: int) -> Iterator[tuple[int, list[str], bool]]:
    """The run, the run and its neighbour, and so on: last place, parts, whether a card may be written like that."""
    parts, long, cards = [plain[slice(*runs[first])]], runs[first][1] - runs[first][0], True
    yield first, list(parts), cards
    for place in range(first + 1, len(runs)):
        joint = plain[runs[place - 1][1] : runs[place][0]]
        long += runs[place][1] - runs[place][0]
        if parts[-1][-1] in "xX" or long > _LONGEST or _JOINT.fullmatch(joint) is None:
            return
        parts.append(plain[slice(*runs[place])])
        cards = cards and _CARD_JOINT.fullmatch(joint) is not None
        yield place, list(parts), cards


def _kind(parts: list[str], *, cards_may: bool, wanted: frozenset[str]) -> str | None:
    number = "".join(parts).upper()
    if ID_NUMBER in wanted and len(number) == 18 and is_citizen_number(number, today=clock.now().date()):
        return ID_NUMBER
    grouped = len(parts) == 1 or (cards_may and all(len(part) >= 3 for part in parts[:-1]))
    if BANK_CARD in wanted and grouped and is_bank_card(number):
        return BANK_CARD
    return PHONE if PHONE in wanted and _is_phone(parts) else None


def _is_phone(parts: list[str]) -> bool:
    whole = _PHONE.fullmatch("".join(parts))
    if whole is None:
        return False
    own = parts[1:] if parts[0] in {"86", "0086"} else [parts[0][-11:] if len(parts) == 1 else parts[0], *parts[1:]]
    return tuple(map(len, own)) in _PHONE_PARTS


def is_bank_card(number: str) -> bool:
    """16 to 19 digits, or the 15 of one issuer, that could be a card's: Luhn, and no beginning that none has."""
    if not number.isdigit() or not number.isascii() or number[0] in "01" or number.startswith("20"):
        return False
    if not 16 <= len(number) <= 19 and not (len(number) == 15 and number[:2] in {"34", "37"}):
        return False
    return luhn(number) and len(set(number)) > 1


def luhn(number: str) -> bool:
    """Whether the digits fit the formula of ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    plain = [int(digit) for digit in number[-1::-2]]
    return (sum(plain) + sum(digit - 9 if digit > 9 else digit for digit in doubled)) % 10 == 0


def all_words(words: Iterable[tuple[str, bool]], harmless: Iterable[str]) -> WordList:
    """A list made of (word, strict) and harmless compounds."""
    return WordList(tuple(Word(text, strict) for text, strict in words), tuple(harmless))
