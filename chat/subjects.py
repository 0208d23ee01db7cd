"""What a conversation is about. Consultation knows neither catalogue nor cases: the application installs look-ups."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from auth.models import Department
from chat.errors import UnknownSubject
from kit.texts import Text


@dataclass(frozen=True)
class SubjectInfo:
    """An item as a conversation needs it."""

    name: Text
    department_code: str
    region: str = ""  # where it is handled when the citizen names no region


@dataclass(frozen=True)
class CaseInfo:
    """A case: its item and region, whose it is, and the staff member who holds it."""

    item_code: str
    region: str
    citizen: UUID
    holder: UUID | None


@dataclass(frozen=True)
class Subject:
    """Everything about the matter that is kept with the conversation."""

    item_code: str | None = None
    item_name: Text | None = None
    department_code: str | None = None
    department_name: Text | None = None
    region: str = ""
    application: UUID | None = None
    holder: UUID | None = None


ItemLookup = Callable[[str], Awaitable[SubjectInfo | None]]
CaseLookup = Callable[[UUID], Awaitable[CaseInfo | None]]
WordsLookup = Callable[[str, str | None], Awaitable[str | None]]
_items: list[ItemLookup] = []
_cases: list[CaseLookup] = []
_words: list[WordsLookup] = []


def install(lookup: ItemLookup, *, cases: CaseLookup | None = None, words: WordsLookup | None = None) -> None:
    """
    `lookup(item_code)` and `cases(application)` answer None for what does not exist; `words(question, region)` the
    department the words leave no doubt about.
    """
    _items[:] = [lookup]
    _cases[:] = [cases] if cases else []
    _words[:] = [words] if words else []


async def subject_of(
    *, item: str | None, department: str | None, application: UUID | None, region: str | None, citizen: UUID,
    words: str | None = None,
) -> Subject:  # fmt: skip
    """
    The matter a citizen asks about. A case brings its item, an item its department, and bare words theirs.

    Raises: UnknownSubject, also for a case of somebody else.
    """
    case = await _case(application, citizen) if application else None
    item = case.item_code if case else item
    info = await _item(item) if item else None
    code = info.department_code if info else department or await _meant(words, region)
    place = region or (case.region if case else "") or (info.region if info else "")
    return Subject(
        item_code=item, item_name=info.name if info else None, department_code=code,
        department_name=await department_name(code) if code else None, region=place,
        application=application, holder=case.holder if case else None,
    )  # fmt: skip


async def _item(code: str) -> SubjectInfo:
    info = await _items[0](code) if _items else None
    if info is None:
        raise UnknownSubject
    return info


async def _meant(words: str | None, region: str | None) -> str | None:
    return await _words[0](words, region) if words and _words else None


async def _case(application: UUID, citizen: UUID) -> CaseInfo:
    case = await _cases[0](application) if _cases else None
    if case is None or case.citizen != citizen:
        raise UnknownSubject
    return case


async def holder_of(application: UUID | None) -> UUID | None:
    """Who holds the case now."""
    case = await _cases[0](application) if application and _cases else None
    return case.holder if case else None


async def department_name(code: str) -> Text:
    """Raises UnknownSubject."""
    found = await Department.get_or_none(code=code)
    if found is None:
        raise UnknownSubject
    return Text.model_validate(found.name)
