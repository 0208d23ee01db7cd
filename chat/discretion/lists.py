"""
The words that are looked for. A list lies in memory, compiled, by side; a change makes a new one.

Changes are wished for by one person and decided by another. Every process asks for the version every few seconds
(chat/discretion/lifespan.py); the one that decided has the new list as soon as it is committed.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat.discretion.errors import OwnWordChange, WordAlreadyListed, WordChangeDecided, WordNotListed
from chat.discretion.models import ListedWord, WordChange
from chat.words import NO_WORDS, Side, WordList, all_words, squeezed
from kit import audit, clock, db
from kit.errors import NotFound
from kit.ids import new_id

USES = ("citizens", "clerks", "both", "harmless")


@dataclass
class _Known:
    version: int = -1
    citizens: WordList = NO_WORDS
    clerks: WordList = NO_WORDS


_known = _Known()


def of_side(side: Side) -> WordList:
    return _known.citizens if side == "citizen" else _known.clerks


async def refresh() -> None:
    """Reads the list when there is a newer one."""
    version = await db.fetch_value("SELECT version FROM discretion_version")
    if version == _known.version:
        return
    rows = await ListedWord.all().order_by("squeezed")
    harmless = [row.word for row in rows if row.use == "harmless"]

    def of(*uses: str) -> WordList:
        return all_words([(row.word, row.strict) for row in rows if row.use in uses], harmless)

    _known.citizens, _known.clerks, _known.version = of("citizens", "both"), of("clerks", "both"), version


def forget() -> None:
    """As if nothing had been read yet; for tests, whose databases come and go."""
    _known.version, _known.citizens, _known.clerks = -1, NO_WORDS, NO_WORDS


@dataclass(frozen=True)
class Wish:
    """A change of the list: `act` put or remove; `use` citizens, clerks, both or harmless."""

    act: str
    word: str
    use: str = "both"
    strict: bool = False
    reason: str = ""


async def ask(wish: Wish, *, by: UUID, name: str) -> WordChange:
    """Raises WordAlreadyListed, WordNotListed."""
    async with db.transaction():
        await _lock()
        plain = squeezed(wish.word)
        if await WordChange.filter(squeezed=plain, state="asked").exists():
            raise WordAlreadyListed
        _refuse_useless(wish, await ListedWord.get_or_none(squeezed=plain))
        change = await WordChange.create(
            id=new_id(), act=wish.act, word=wish.word.strip(), squeezed=plain, use=wish.use, strict=wish.strict,
            reason=wish.reason, state="asked", asked_by=by, asked_name=name, asked_at=clock.now(),
        )  # fmt: skip
        await _note("asked", change, actor=f"staff:{by}")
    return change


def _refuse_useless(wish: Wish, known: ListedWord | None) -> None:
    if wish.act == "remove" and known is None:
        raise WordNotListed
    if wish.act == "put" and known is not None and (known.use, known.strict) == (wish.use, wish.strict):
        raise WordAlreadyListed


async def decide(id: UUID, *, approve: bool, by: UUID, name: str) -> WordChange:  # noqa: A002 - the id of the change
    """Raises NotFound, OwnWordChange, WordChangeDecided."""
    async with db.transaction():
        await _lock()
        change = await WordChange.get_or_none(id=id)
        if change is None:
            raise NotFound
        if change.state != "asked":
            raise WordChangeDecided
        if change.asked_by == by:
            raise OwnWordChange
        change.state, change.decided_at = "approved" if approve else "refused", clock.now()
        change.decided_by, change.decided_name = by, name
        await change.save()
        if approve:
            await _carry_out(Wish(change.act, change.word, change.use, change.strict))
        await _note(change.state, change, actor=f"staff:{by}")
    return change


async def put_in(wish: Wish) -> bool:
    """A word of the operator's file; whether it changed anything."""
    known = await ListedWord.get_or_none(squeezed=squeezed(wish.word))
    if known is not None and (known.use, known.strict) == (wish.use, wish.strict):
        return False
    await _lock()
    await _carry_out(wish)
    return True


async def _carry_out(wish: Wish) -> None:
    plain = squeezed(wish.word)
    if wish.act == "remove":
        await ListedWord.filter(squeezed=plain).delete()
    else:
        told: dict[str, Any] = {"word": wish.word.strip(), "use": wish.use, "strict": wish.strict, "since": clock.now()}
        await ListedWord.update_or_create(squeezed=plain, defaults=told)
    await db.execute("UPDATE discretion_version SET version = version + 1")
    await db.after_commit(refresh)


async def _lock() -> None:
    """One change of the list at a time."""
    await db.execute("SELECT 1 FROM discretion_version WHERE id = 1 FOR UPDATE")


async def _note(what: str, change: WordChange, *, actor: str) -> None:
    await audit.record(
        actor=actor, action=f"words.{what}", subject=f"words:{change.id}", act=change.act, use=change.use,
        strict=change.strict,
    )  # fmt: skip
