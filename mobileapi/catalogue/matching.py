"""
Matching: which item an everyday question is about. Pure; the words come from people who do not know what it is called.

BM25 over everything a guide says, its name and aliases counting most (Robertson and Zaragoza, "The Probabilistic
Relevance Framework", 2009). Words and pairs of neighbouring characters are both terms, so that a word the cutter took
apart is still met; a synonym of what was said counts a little. `bench/matching.py` tells how often it is right.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kit.texts import Text
from mobileapi.catalogue import words
from mobileapi.catalogue.guide import Guide

# How much a place of the guide tells about what the item is for.
NAME, ALIAS, ASKED, RESULT, CONDITION, CHOICE, ANSWERED, MATERIAL, STEP, ASIDE = (
    3,
    2,
    1.2,
    0.8,
    0.6,
    0.5,
    0.5,
    0.4,
    0.3,
    0.2,
)
PAST_ASKED, PAST_ANSWERED = 1.0, 0.2  # published answers, beside what the guide itself says
SATURATION, LENGTH, SYNONYM, PAIR = 2.0, 0.6, 0.15, 0.8  # BM25's k1 and b; a term's worth beside a word that was said
BEST = 3
SURE = 1.2  # the best item's department is meant when no other department's item comes within this factor
LEAST = 3.0  # below, the words hardly touch anything in the catalogue


@dataclass(frozen=True)
class Match:
    code: str
    department: str
    score: float  # comparable within one question only


class Matcher:
    """The guides of one edition of the catalogue, as an index from terms to items."""

    def __init__(
        self,
        guides: Sequence[Guide],
        synonyms: Sequence[Sequence[str]],
        *,
        past: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        """`past`: item → questions that were asked before, each with the answer that was published."""
        self._items = [(guide.code, guide.department) for guide in guides]
        self._synonyms = [[words.normal(word) for word in group] for group in synonyms]
        weights = [_weights(guide) for guide in guides]
        lengths = [sum(weight.values()) for weight in weights]
        mean = sum(lengths) / max(1, len(lengths))
        told = Counter(term for weight in weights for term in weight)
        for guide, weight in zip(guides, weights, strict=True):
            _learn(weight, (past or {}).get(guide.code, ()))
        # How rare a word of the guides is, answers do not change: phrases of the office would else drown its names.
        found_in = Counter(term for weight in weights for term in weight)
        found_in.update({term: often - found_in[term] for term, often in told.items()})
        self._worth: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for n, weight in enumerate(weights):
            damping = SATURATION * (1 - LENGTH + LENGTH * lengths[n] / mean)
            for term, often in weight.items():
                rarity = math.log(1 + (len(guides) - found_in[term] + 0.5) / (found_in[term] + 0.5))
                self._worth[term].append((n, rarity * often * (SATURATION + 1) / (often + damping)))

    def best(self, question: str, *, most: int = BEST) -> list[Match]:
        """The likeliest items, best first; none when the words touch hardly anything."""
        scores: defaultdict[int, float] = defaultdict(float)
        for term, counts in self._asked(question).items():
            for n, worth in self._worth.get(term, ()):
                scores[n] += worth * counts
        likely = sorted(((score, n) for n, score in scores.items() if score >= LEAST), key=lambda s: (-s[0], s[1]))
        return [Match(*self._items[n], score) for score, n in likely[:most]]

    def _asked(self, question: str) -> dict[str, float]:
        asked = dict(_terms(words.essence(question)))
        whole = words.normal(question)
        for group in self._synonyms:
            if any(word in whole for word in group):
                for word in group:
                    for term, worth in _terms(word):
                        asked.setdefault(term, worth * SYNONYM)
        return asked


def department_of(matches: Sequence[Match]) -> str | None:
    """The department that is meant; None when another one is nearly as likely."""
    if not matches:
        return None
    best = matches[0]
    rival = next((m.score for m in matches if m.department != best.department), 0.0)
    return best.department if best.score >= rival * SURE else None


def _terms(said: str) -> Iterator[tuple[str, float]]:
    """Each word and each pair of characters with its worth. A pair is marked, for it is not the word spelled so."""
    for word in words.words_of(said):
        if len(word) > 1 or word.isascii():
            yield word, 1.0
    for pair in words.pairs_of(said):
        yield f"‖{pair}", PAIR


def _weights(guide: Guide) -> dict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for weight, said in _said(guide):
        for term, _ in _terms(said):
            weights[term] += weight
    return weights


def _said(guide: Guide) -> Iterator[tuple[float, str]]:
    yield from _each(NAME, [guide.name.zh, guide.name.en])
    yield from _each(ALIAS, guide.aliases)
    for faq in guide.faq:
        yield from _each(ASKED, [faq.q])
        yield from _each(ANSWERED, [faq.a])
    yield RESULT, guide.result.name.zh
    yield from _each(CONDITION, guide.conditions)
    for material in guide.materials:
        yield from _each(MATERIAL, [material.name])
        yield from _each(ASIDE, [material.reason, material.note])
    for question in guide.questions:
        yield from _each(CHOICE, [question.text, question.why, *(option.text for option in question.options)])
    yield from _each(STEP, (step.name for step in guide.steps))
    yield from _each(ASIDE, (basis.law for basis in guide.legal_basis))


def _learn(weights: dict[str, float], past: Iterable[tuple[str, str]]) -> None:
    """
    Adds what was asked before. A term counts once however many asked with it, and the item is not taken to be longer:
    answers of busy items would else push quiet ones aside.
    """
    learned: dict[str, float] = {}
    for question, answer in past:
        for worth, said in ((PAST_ASKED, question), (PAST_ANSWERED, answer)):
            for term, _ in _terms(said):
                learned[term] = max(learned.get(term, 0.0), worth)
    for term, worth in learned.items():
        weights[term] = weights.get(term, 0.0) + worth


def _each(weight: float, said: Iterable[Text | str | None]) -> Iterator[tuple[float, str]]:
    for one in said:
        if one:
            yield weight, one.zh if isinstance(one, Text) else one
