"""Finding the published answer to an everyday question. Pure, over the same words as the question matcher."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mobileapi.catalogue import words

ASKED, ANSWERED, PAIR = 1.0, 0.25, 0.5
LEAST = 0.34  # of what the question is worth by itself: below, an answer only touches it
SURE = 0.6  # enough to be offered before a conversation is opened


@dataclass(frozen=True)
class Published:
    """A published answer. `stale`: the guide it relies on says something else now."""

    id: UUID
    item: str
    question: str
    answer: str
    guide_version: int
    stale: bool
    reviewed_at: datetime


@dataclass(frozen=True)
class Found:
    """`share`: how much of what was asked the answer meets, 0 to 1."""

    answer: Published
    share: float


class Finder:
    """The published answers, as an index from words to answers."""

    def __init__(self, answers: Sequence[Published], synonyms: Sequence[Sequence[str]]) -> None:
        self._answers = answers
        self._same = {w: {words.normal(o) for o in group} for group in synonyms for w in map(words.normal, group)}
        weights = [_weights(one) for one in answers]
        found_in = Counter(term for weight in weights for term in weight)
        self._rarity = {t: math.log(1 + (len(answers) + 1) / n) for t, n in found_in.items()}
        self._unknown = math.log(2 + len(answers))
        self._worth: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for n, weight in enumerate(weights):
            for term, worth in weight.items():
                self._worth[term].append((n, worth))

    def find(self, asked: str, *, item: str | None = None, most: int = 5) -> list[Found]:
        """The answers that meet what is asked best; of one item only, when it is named."""
        terms = dict(_terms(words.essence(asked)))
        whole = sum(worth * self._rarity.get(term, self._unknown) for term, worth in terms.items())
        met: defaultdict[int, float] = defaultdict(float)
        for term, worth in terms.items():
            for n, weight in self._met(term).items():
                met[n] += worth * weight * self._rarity.get(term, self._unknown)
        found = [Found(self._answers[n], min(1.0, score / whole)) for n, score in met.items() if whole]
        wanted = [f for f in found if f.share >= LEAST and (item is None or f.answer.item == item)]
        return sorted(wanted, key=lambda f: (-f.share, str(f.answer.id)))[:most]

    def _met(self, term: str) -> dict[int, float]:
        """Answer → how well it meets the term, by the word itself or one that means the same."""
        best: dict[int, float] = {}
        for same in {term, *self._same.get(term, ())}:
            for n, weight in self._worth.get(same, ()):
                best[n] = max(best.get(n, 0.0), weight)
        return best


def _terms(said: str) -> Iterator[tuple[str, float]]:
    for word in words.words_of(said):
        if len(word) > 1 or word.isascii():
            yield word, 1.0
    for pair in words.pairs_of(said):
        yield f"‖{pair}", PAIR


def _weights(one: Published) -> dict[str, float]:
    weights = {term: ANSWERED for term, _ in _terms(one.answer)}
    weights.update({term: ASKED for term, _ in _terms(one.question)})
    return weights
