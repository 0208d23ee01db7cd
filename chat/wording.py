"""
What a text is looked at for before it is kept: the one place for the rules about words. Sends and edits of both sides,
notes and first questions come through here.

A text is kept as it is, or masked with its original sealed beside it, or it is refused. Where nothing is found the
database is not asked; a repeat of a send finds the same, and so is the same message.
"""

from typing import Any
from uuid import UUID

from chat.discretion import lists, originals
from chat.discretion.errors import KINDS, ReplyNotSure, ReplyRefused
from chat.words import FORBIDDEN, REFUSED, VARIABLE, Side, Verdict, judge
from kit.errors import InvalidRequest
from kit.texts import text


async def said(
    words: str, *, side: Side, conversation: UUID, by: str, mark: str, confirmed: bool = False
) -> dict[str, Any]:
    """
    The body of a message or note. `by`: who says it, as "citizen:UUID"; `mark` tells this from their other words.

    It is `{"text"}`, and when something was hidden `masked` (kinds) and `original` (its id).

    Raises: ReplyNotSure unless a clerk confirmed what was found, ReplyRefused for words that are not sent at all.
    """
    body = said_at_once(words, side=side, confirmed=confirmed)
    if isinstance(body, dict):
        return body
    verdict, author = body, UUID(by.partition(":")[2])
    original = await originals.keep(verdict, conversation=conversation, author=author, side=side, mark=mark)
    return {"text": verdict.shown, "masked": _hidden(verdict), "original": str(original)}


def said_at_once(words: str, *, side: Side, confirmed: bool = False) -> dict[str, Any] | Verdict:
    """The body where the database need not be asked; else what was found, and its original is to be kept first."""
    verdict = judge(words, side=side, words=lists.of_side(side))
    if not verdict.kinds:
        return {"text": words}
    if side != "citizen":
        _refuse_unless_sure(verdict, side=side, confirmed=confirmed)
    if verdict.shown == words:
        return {"text": words}
    if verdict.shown == verdict.kept:  # a password was all there was, and it is not kept
        return {"text": verdict.shown, "masked": _hidden(verdict)}
    return verdict


def _hidden(verdict: Verdict) -> list[str]:
    return sorted(verdict.kinds - {FORBIDDEN})


def _refuse_unless_sure(verdict: Verdict, *, side: Side, confirmed: bool) -> None:
    """Numbers in notes are hidden without a question: who writes them knows what they do, and nobody else is told."""
    asked = verdict.kinds if side == "clerk" else verdict.kinds & {FORBIDDEN, REFUSED}
    if asked & {REFUSED, VARIABLE}:
        raise _told(ReplyRefused, asked & {REFUSED, VARIABLE})
    if asked and not confirmed:
        raise _told(ReplyNotSure, asked)


def _told(kind: type[InvalidRequest], found: frozenset[str]) -> InvalidRequest:
    """Names what was found, never repeats it."""
    named = [KINDS[one] for one in sorted(found) if one in KINDS]
    zh, en = "、".join(one.zh for one in named), ", ".join(str(one.en) for one in named)
    detail = text(f"{kind.title.zh}：{zh}", f"{kind.title.en}: {en}")
    return kind(detail, extra={"kinds": sorted(found)})


async def checked(words: str) -> None:
    """A text of the office for many conversations, such as a quick reply: no numbers of people, no forbidden words."""
    found = judge(words, side="clerk", words=lists.of_side("clerk")).kinds - {VARIABLE}
    if found:
        raise _told(ReplyRefused, found)
