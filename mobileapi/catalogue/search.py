"""
Search: a weighted tsvector of words for every item, and a ranking that puts the right item first.

Weights: A the name, B aliases and pinyin, C what the guide says, D pairs of characters. A term counts by how rare it
is; a synonym counts half; a name or alias that holds the whole phrase counts most.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kit import db
from kit.config import Settings, current
from mobileapi.catalogue import words
from mobileapi.catalogue.guide import Guide

SYNONYM_COUNTS = 0.5
RELATED_BELOW = 0.05  # of the best score: what only shares a common word with an item that is plainly meant
RELATED_SHOWN = 5
LONGEST = 2000  # lexemes of one vector


@dataclass(frozen=True)
class Found:
    """
    An item that matches. `by`: name, alias, word (of name or alias) or guide. `related`: another item is plainly
    meant, and this one only touches it.
    """

    code: str
    score: float
    by: str
    related: bool = False


@dataclass(frozen=True)
class Phrases:
    """What an item is called: its normalised name, and its aliases."""

    name: str
    aliases: tuple[str, ...]


async def get_ready() -> None:
    """Loads the dictionary, in a thread; once a process."""
    await asyncio.to_thread(words.warm_up, current(Settings).data_dir / "cache")


async def index(guide: Guide) -> None:
    """Writes the item's search vector, in the open transaction."""
    await get_ready()
    await db.execute("UPDATE catalogue_item SET search = $2::text::tsvector WHERE code = $1", guide.code, vector(guide))


def vector(guide: Guide) -> str:
    """The text form of the vector. Positions only tell occurrences apart."""
    called = [guide.name.zh, *guide.aliases]
    weighted = [(word, "A") for word in words.words_of(f"{guide.name.zh} {guide.name.en or ''}")]
    for alias in guide.aliases:
        weighted += [(word, "B") for word in words.words_of(alias)]
    weighted += [(letters, "B") for phrase in called for letters in words.letters_of(phrase)]
    weighted += [(guide.code, "A"), (guide.implementation_code.lower(), "A")]
    weighted += [(word, "C") for sentence in _said(guide) for word in words.words_of(sentence)]
    weighted += [(pair, "D") for phrase in called for pair in words.pairs_of(phrase)]
    return " ".join(f"'{word}':{place}{weight}" for place, (word, weight) in enumerate(weighted[:LONGEST], 1))


def _said(guide: Guide) -> Iterable[str]:
    yield guide.result.name.zh
    yield from (material.name.zh for material in guide.materials)
    yield from (condition.zh for condition in guide.conditions)
    yield from (faq.q.zh for faq in guide.faq)


@dataclass(frozen=True)
class Term:
    """One thing asked for, as tsqueries: the word itself, and what stands in for it at half its worth."""

    itself: str
    synonyms: str | None


def terms(query: str, groups: Sequence[Sequence[str]]) -> list[Term]:
    return [Term(_spelled(word), _others(word, groups)) for word in words.terms_of(query)]


def _spelled(word: str) -> str:
    """The word, or all its pairs of characters; letters also as the beginning of a word."""
    if word.isascii():
        return f"'{word}':*" if len(word) > 1 and not word.isdigit() else f"'{word}'"
    pairs = words.pairs_of(word)
    return f"'{word}' | ({' & '.join(f'{chr(39)}{p}{chr(39)}' for p in pairs)})" if len(pairs) > 1 else f"'{word}'"


def _others(word: str, groups: Sequence[Sequence[str]]) -> str | None:
    same = [other for group in groups if word in map(words.normal, group) for other in group]
    spelled = [_spelled(w) for o in same if (w := words.normal(o).replace(" ", "")) != word and w.isalnum()]
    return " | ".join(f"({s})" for s in dict.fromkeys(spelled)) or None


# A term is worth more the fewer items have it. Each item's score is the sum over its terms, the better of word and
# synonym; `named` tells whether a word of the name or an alias was met.
RANK = """
WITH term AS (
  SELECT n, itself::tsquery AS itself, synonyms::tsquery AS synonyms
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t(itself, synonyms, n)
), worth AS (
  SELECT t.n, t.itself, t.synonyms,
         ln(1 + (SELECT count(*) FROM catalogue_item)::float / (1 + count(i.code))) AS rarity
  FROM term t LEFT JOIN catalogue_item i ON i.search @@ t.itself GROUP BY t.n, t.itself, t.synonyms
)
SELECT i.code,
  sum(w.rarity * greatest(ts_rank('{0.15,0.2,0.8,1.0}', i.search, w.itself),
      $3 * coalesce(ts_rank('{0.05,0.1,0.8,1.0}', i.search, w.synonyms), 0))) AS score,
  max(greatest(ts_rank('{0,0,1,1}', i.search, w.itself),
      coalesce(ts_rank('{0,0,1,1}', i.search, w.synonyms), 0))) > 1e-6 AS named
FROM catalogue_item i JOIN worth w ON i.search @@ w.itself OR i.search @@ coalesce(w.synonyms, ''::tsquery)
GROUP BY i.code
"""


async def _ranked(asked: Sequence[Term]) -> Sequence[Mapping[str, Any]]:
    if not asked:
        return []
    return await db.fetch(RANK, [t.itself for t in asked], [t.synonyms for t in asked], SYNONYM_COUNTS)


def _pairs(query: str) -> list[str]:
    """For words the cutter took for others: their pairs of characters."""
    return list(dict.fromkeys(words.pairs_of(words.essence(query))))[:20]


async def find(query: str, *, phrases: dict[str, Phrases], synonyms: Sequence[Sequence[str]]) -> list[Found]:
    """
    The items that match, best first. `phrases`: what each item is called.

    A query of wrapping only (怎么办) is taken as it is.
    """
    await get_ready()
    rows = await _ranked(terms(query, synonyms)) or await _ranked([Term(f"'{p}'", None) for p in _pairs(query)])
    found = [_judged(row, query, called=phrases[row["code"]]) for row in rows if row["code"] in phrases]
    return _grouped(sorted(found, key=lambda f: (-f.score, f.code)))


def _grouped(found: list[Found]) -> list[Found]:
    """What is meant first, then what is related. Everything is meant as long as nothing is by its name or an alias."""
    called = [f.score for f in found if f.by in {"name", "alias"}]
    if not called:
        return found
    least = max(called) * RELATED_BELOW
    told = [replace(f, related=f.by == "guide" or (f.by == "word" and f.score < least)) for f in found]
    return sorted(told, key=lambda f: f.related)


def _judged(row: Mapping[str, Any], query: str, *, called: Phrases) -> Found:
    by_name, by_alias = _holds([called.name], query), _holds(called.aliases, query)
    by = "name" if by_name and by_name >= by_alias else "alias" if by_alias else "word" if row["named"] else "guide"
    return Found(row["code"], float(row["score"]) + max(by_name, by_alias), by)


def _holds(phrases: Iterable[str], query: str) -> float:
    """How well the best phrase fits the query: the same words, the same after unwrapping, or one within the other."""
    whole, bare, best = words.normal(query), words.essence(query), 0.0
    for phrase in phrases:
        inner = words.essence(phrase)
        if phrase == whole:
            return 6.0
        if inner == bare:
            best = max(best, 4.0)
        elif len(bare) > 1 and bare in phrase:
            best = max(best, 1.0 + len(bare) / len(phrase))
        elif len(inner) > 2 and inner in bare:
            best = max(best, 1.0 + len(inner) / len(bare))
    return best


def suggestions(query: str, phrases: dict[str, Phrases], *, limit: int = 5) -> list[str]:
    """Names and aliases that share most characters with the query; for a search that found nothing or little."""
    asked = set(words.essence(query))
    scored = [
        (len(asked & set(phrase)) / len(asked | set(phrase)), phrase)
        for called in phrases.values()
        for phrase in (called.name, *called.aliases)
    ]
    near = sorted(((share, phrase) for share, phrase in scored if share >= 0.25), key=lambda s: (-s[0], s[1]))
    return list(dict.fromkeys(phrase for _, phrase in near if phrase != words.normal(query)))[:limit]
